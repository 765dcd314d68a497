from pathlib import Path

import pytest

from research.errors import SettingsError
from sweeps.settings import Settings, changed, load_settings, origins


def write(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "leadfollow.toml"
    file.write_text(text)
    return file


def test_without_a_file_the_defaults_are_in_force(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert load_settings() == Settings()
    assert set(origins().values()) == {"default"}


def test_a_file_in_the_working_folder_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, "[costs]\nslippage_bps = 3\n")
    monkeypatch.chdir(tmp_path)
    assert load_settings().costs.slippage_bps == 3
    assert origins()["costs.slippage_bps"] == "leadfollow.toml"
    assert origins()["costs.funding"] == "default"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[costs]\nslipage_bps = 3\n", "unknown key costs.slipage_bps; did you mean costs.slip"),
        ("[studdy]\ntrials = 3\n", "unknown key studdy; did you mean study?"),
        ("[study]\ntrials = 0\n", "study.trials = 0: Input should be greater than or equal to 1"),
        ("[sessions]\neurope = 20\n", "first hours must rise: asia < europe < us"),
        ("[regime]\nquantiles = [0.7, 0.3]\n", "quantiles must satisfy 0 < low < high < 1"),
        ("[frame]\nhalt_min = 1\n", "frame.halt_min = 1: Input should be greater than or equal"),
        ("[frame]\nsettle_min = -1\n", "frame.settle_min = -1: Input should be greater than"),
        ("costs = \n", "not TOML"),
    ],
)
def test_a_wrong_file_is_refused_by_name(tmp_path: Path, text: str, message: str) -> None:
    file = write(tmp_path, text)
    with pytest.raises(SettingsError) as refused:
        load_settings(file)
    assert message in str(refused.value)
    assert str(file) in str(refused.value)


def test_a_missing_file_that_was_asked_for_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        load_settings(tmp_path / "none.toml")


def test_a_file_adds_markets_and_keeps_the_default_ones(tmp_path: Path) -> None:
    file = write(tmp_path, '[markets.PEPE]\nbinance = "1000PEPEUSDT"\ndydx = "PEPE-USD"\n')
    settings = load_settings(file)
    assert settings.markets["PEPE"].binance == "1000PEPEUSDT"
    assert settings.markets["BTC"].dydx == "BTC-USD"


def test_none_on_the_command_line_changes_nothing() -> None:
    settings = Settings()
    assert changed(settings, {"study": {"trials": None, "seed": None}}) == settings
    assert changed(settings, {"study": {"trials": 3}}).study.trials == 3
    with pytest.raises(SettingsError, match=r"command line: study.trials = 0"):
        changed(settings, {"study": {"trials": 0}})


def test_the_environment_names_the_file_and_the_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, "[study]\ntrials = 3\n")
    monkeypatch.chdir(tmp_path)
    mine = tmp_path / "mine.toml"
    mine.write_text('[store]\nfolder = "from-file"\nruns = "r"\n')
    both = {"LEADFOLLOW_CONFIG": str(mine), "LEADFOLLOW_STORE": "from-environment"}
    settings, told = load_settings(environment=both), origins(environment=both)
    assert settings.store.folder == Path("from-environment")
    assert settings.store.runs == Path("r")
    assert settings.study.trials == Settings().study.trials
    assert told["store.folder"] == "LEADFOLLOW_STORE"
    assert told["store.runs"] == f"{mine} (LEADFOLLOW_CONFIG)"
    assert told["study.trials"] == "default"


def test_a_path_given_wins_over_the_environment_and_the_environment_over_the_file(
    tmp_path: Path,
) -> None:
    file = write(tmp_path, '[store]\nfolder = "from-file"\n')
    other = {"LEADFOLLOW_CONFIG": str(tmp_path / "none.toml")}
    assert load_settings(file, other).store.folder == Path("from-file")
    assert origins(file, other)["store.folder"] == str(file)
    store = {"LEADFOLLOW_STORE": "from-environment"}
    assert load_settings(file, store).store.folder == Path("from-environment")


def test_an_empty_variable_is_not_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    empty = {"LEADFOLLOW_CONFIG": "", "LEADFOLLOW_STORE": ""}
    assert load_settings(environment=empty) == Settings()
    assert set(origins(environment=empty).values()) == {"default"}


def test_a_variable_that_names_no_file_is_refused_by_its_name(tmp_path: Path) -> None:
    nowhere = {"LEADFOLLOW_CONFIG": str(tmp_path / "none.toml")}
    with pytest.raises(SettingsError, match=r"none.toml: cannot be read .*LEADFOLLOW_CONFIG"):
        load_settings(environment=nowhere)
