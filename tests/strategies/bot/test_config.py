"""The contract with the bot by itself: what a file may say, and that it says nothing else."""

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from research.errors import ExportError
from research.features.labels import REGIMES, SESSIONS
from strategies.bot.config import SCHEMA_VERSION, BotConfig, BotSet, json_schema, load_bot_config
from strategies.law.bounds import bounds
from strategies.law.filters import EntryFilters
from strategies.lead_follow import LeadFollowParams
from strategies.reversion import ReversionParams


def evidence(lcb_pnl: float | None) -> dict[str, Any]:
    return {
        "first_minute": "2026-01-01T00:00Z",
        "last_minute": "2026-01-08T00:00Z",
        "report": {"events": 40.0, "lcb_pnl": lcb_pnl},
        "trades_sha256": None,
    }


def check(name: str = "proven", *, passed: bool = True) -> dict[str, Any]:
    return {
        "check": name,
        "number": 0.01,
        "unit": "p",
        "needs": "<= 0.05",
        "passed": passed,
        "decides": True,
        "sentence": "as it is",
    }


def verdict(*checks: dict[str, Any]) -> dict[str, Any]:
    return {
        "trades": 40,
        "days": 15,
        "mean_pct": 0.05,
        "lower_pct": 0.02,
        "upper_pct": 0.08,
        "std_error_pct": 0.01,
        "p": 0.01,
        "p_after_gates": 0.02,
        "checks": list(checks or [check()]),
    }


def parameters(**values: float) -> dict[str, dict[str, Any]]:
    """Those of lead at their defaults but for ``values``."""
    defaults, known = LeadFollowParams(), bounds(LeadFollowParams)
    return {
        name: {"value": values.get(name, getattr(defaults, name)), "unit": bound.unit}
        for name, bound in known.items()
    }


def one_set(lcb_pnl: float | None = 0.02, **changes: Any) -> dict[str, Any]:
    return {
        "id": "lead-long.all",
        "enabled": True,
        "forced": False,
        "failed": [],
        "reason": "proven",
        "strategy": "lead",
        "mode": "long",
        "segment": "all",
        "reference": "excess",
        "parameters": parameters(),
        "filters": {
            "max_age_min": None,
            "sessions": ["asia", "europe", "us"],
            "regimes": ["wild"],
            "needs_alignment": False,
            "rsi_timeframe": "5m",
            "rsi_min": 0.0,
            "rsi_max": 100.0,
            "max_funding_pct": None,
        },
        "execution": {
            "fill": "next_open",
            "touch": "intrabar",
            "overlap": False,
            "trusts_prints": False,
        },
        "costs": {"fees_bps": 10.0, "slippage_bps": 1.0, "funding": True},
        "in_sample": evidence(0.05),
        "holdout": evidence(0.01),
        "out_of_sample": evidence(lcb_pnl),
        "verdict": verdict(),
        "sets_tried": 216,
    } | changes


def whole_file(*sets: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {
        "schema_version": SCHEMA_VERSION,
        "kind": "leadfollow.bot_config",
        "synthetic": False,
        "market": {"name": "BTC", "binance": "BTCUSDT", "dydx": "BTC-USD", "price_scale": 1.0},
        "sessions": {"asia": 0, "europe": 8, "us": 16},
        "basis_min": 720,
        "regime": {
            "atr_min": 60,
            "low": None,
            "high": None,
            "fitted_on": "x",
            "edges": "in-sample",
        },
        "lookbacks": {"realized_vol_min": 60, "rsi_bars": 14},
        "silence": {"halt_min": 30, "settle_min": 5},
        "validity": None,
        "guards": None,
        "holdout": None,
        "sets": list(sets),
        "conflicts": [],
        "provenance": {},
        "evidence_sha256": None,
    } | changes


def refusal(tmp_path: Path, text: str) -> str:
    file = tmp_path / "bot.json"
    file.write_text(text)
    with pytest.raises(ExportError) as refused:
        load_bot_config(file)
    assert str(refused.value).startswith(f"{file}: ")
    return str(refused.value).removeprefix(f"{file}: ")


def test_what_is_written_is_read_back_bit_by_bit(tmp_path: Path) -> None:
    config = BotConfig.model_validate(whole_file(one_set(), one_set(id="b", enabled=False)))
    (tmp_path / "bot.json").write_text(config.to_json())
    again = load_bot_config(tmp_path / "bot.json")
    assert again == config
    assert again.to_json() == config.to_json()
    assert [each.id for each in again.enabled] == ["lead-long.all"]


@pytest.mark.parametrize("bound", [None, 0.0, -0.01])
def test_a_set_without_a_positive_bound_out_of_sample_cannot_be_enabled(
    bound: float | None,
) -> None:
    with pytest.raises(ValidationError, match="positive out-of-sample lcb_pnl"):
        BotSet.model_validate(one_set(bound))
    assert not BotSet.model_validate(one_set(bound, enabled=False)).enabled


def test_a_report_that_does_not_know_its_bound_proves_nothing() -> None:
    unproven = one_set() | {"out_of_sample": evidence(1.0) | {"report": {"events": 40.0}}}
    with pytest.raises(ValidationError, match="positive out-of-sample lcb_pnl"):
        BotSet.model_validate(unproven)


def test_what_is_infinite_or_unknown_is_null_in_the_file() -> None:
    endless = evidence(0.02) | {"report": {"lcb_pnl": 0.02, "profit_factor": float("inf")}}
    config = BotConfig.model_validate(whole_file(one_set(out_of_sample=endless)))
    text = json.loads(config.to_json())
    assert text["sets"][0]["out_of_sample"]["report"]["profit_factor"] is None
    assert "Infinity" not in config.to_json()


def test_a_config_is_frozen() -> None:
    config = BotConfig.model_validate(whole_file(one_set()))
    with pytest.raises(ValidationError, match="frozen"):
        config.synthetic = True  # type: ignore[misc]
    with pytest.raises(ValidationError, match="frozen"):
        config.sets[0].enabled = False  # type: ignore[misc]


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"sets_tried": 0}, "sets.0.sets_tried"),
        ({"reason": ""}, "sets.0.reason"),
        ({"mode": "up"}, "sets.0.mode"),
        ({"reference": "mid"}, "sets.0.reference"),
        ({"leverage": 3}, "sets.0.leverage"),
        ({"parameters": {"tp": 0.4}}, "sets.0.parameters.tp"),
        ({"parameters": {"tp": {"value": 0.4}}}, "sets.0.parameters.tp.unit"),
        ({"execution": {"fill": "mid", "touch": "close", "overlap": False}}, "sets.0.execution.fi"),
        ({"enabled": 1}, "sets.0.enabled"),
        ({"sets_tried": "216"}, "sets.0.sets_tried"),
        ({"costs": {"fees_bps": 1.0, "slippage_bps": 1.0}}, "sets.0.costs.funding"),
    ],
)
def test_a_wrong_field_of_a_set_is_named_by_its_path(
    tmp_path: Path, changes: dict[str, Any], where: str
) -> None:
    said = refusal(tmp_path, json.dumps(whole_file(one_set(**changes))))
    assert said.startswith(where)
    assert said.endswith("write it with `leadfollow export` of this version")


@pytest.mark.parametrize("version", [0, -1, SCHEMA_VERSION + 1, 99, True, "2", 2.0, None])
def test_a_file_of_no_known_version_is_refused(tmp_path: Path, version: Any) -> None:
    said = refusal(tmp_path, json.dumps(whole_file(schema_version=version)))
    assert said.startswith("schema_version: ")


@pytest.mark.parametrize("text", ["", "[]", "null", '"x"', "{", "\xff", "[" * 100_000])
def test_what_is_no_config_at_all_is_refused_as_a_whole(tmp_path: Path, text: str) -> None:
    assert refusal(tmp_path, text).startswith("file: ")


def test_a_folder_is_no_config(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match=r"cannot be read \(Is a directory\)"):
        load_bot_config(tmp_path)


def test_the_words_of_the_contract_are_those_of_the_project() -> None:
    """A session, regime or filter that the project gains must reach the bot, or be refused here."""
    defs = json_schema()["$defs"]
    filters = defs["Filters"]["properties"]
    assert tuple(filters["sessions"]["items"]["enum"]) == SESSIONS
    assert tuple(filters["regimes"]["items"]["enum"]) == REGIMES
    assert set(filters) == set(EntryFilters.__dataclass_fields__)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"parameters": {}}, "parameters of lead are window, move_pct, "),
        ({"parameters": parameters() | {"stop": {"value": 1, "unit": "min"}}}, "sl, horizon; were"),
        ({"parameters": parameters(tp=-0.4)}, "tp must be in (0, 50] percent, was -0.4"),
        (
            {"parameters": parameters() | {"tp": {"value": 0.4, "unit": "min"}}},
            "tp must be in percent, was in min",
        ),
        ({"parameters": parameters(horizon=7.5)}, "horizon must be a whole number in "),
        ({"mode": "both"}, "mode must be "),
        (
            {
                "strategy": "reversion",
                "mode": "both",
                "parameters": {
                    "entry": {"value": 0.02, "unit": "percent"},
                    "exit": {"value": 0.03, "unit": "percent"},
                    "max_hold": {"value": 60, "unit": "min"},
                    "min_gap": {"value": 5, "unit": "min"},
                },
            },
            "exit must be",
        ),
    ],
)
def test_a_set_has_the_parameters_of_its_strategy_within_their_bounds(
    tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    said = refusal(tmp_path, json.dumps(whole_file(one_set(**changes))))
    assert said.startswith("sets.0: ")
    assert message in said


def test_a_strategy_without_modes_takes_either_side_in_the_file_too(tmp_path: Path) -> None:
    changes = {"strategy": "reversion", "mode": "long", "parameters": {}}
    known, defaults = bounds(ReversionParams), ReversionParams()
    changes["parameters"] = {
        name: {"value": getattr(defaults, name), "unit": bound.unit}
        for name, bound in known.items()
    }
    said = refusal(tmp_path, json.dumps(whole_file(one_set(**changes))))
    assert "mode of reversion must be both, was long" in said
