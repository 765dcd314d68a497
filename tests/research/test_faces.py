"""Public addresses: a name that others import does not vanish by accident."""

import importlib

import pytest

FACES = {
    "research.frame": "COLUMNS Frame age_minutes build_frame read_frame write_frame",
    "research.journal": (
        "SCHEMA DecisionRecord Fault FieldMap JournalWriter LineFault ReadReport "
        "iso_of json_schema ms_of read_journal record_of"
    ),
    "research.settings": (
        "CostSettings FeatureSettings FetchSettings FrameSettings MarketSettings PanelSettings "
        "RegimeSettings Section SessionSettings StoreSettings SyntheticSettings"
    ),
    "sweeps.cli": "app main",
    "sweeps.notebook": (
        "EXECUTABLE PLAIN BacktestResult Execution GridResult LeadFollowParams Panel "
        "ReversionParams SyntheticSpec backtest exact_reports features grid heatmap interactive "
        "load_frame marginal market_frame neighbourhood report_frame synthetic_frame top_sets"
    ),
    "sweeps.settings": (
        "AxesSettings CONFIG_VARIABLE DEFAULT_FILE STORE_VARIABLE Settings StudySettings "
        "VerdictSettings changed load_settings origins"
    ),
}


@pytest.mark.parametrize("address", FACES)
def test_a_public_address_keeps_its_names(address: str) -> None:
    face = importlib.import_module(address)
    assert sorted(face.__all__) == sorted(FACES[address].split())
    assert all(hasattr(face, name) for name in face.__all__)
