"""The trial of winners and the contract with the bot."""

import json
import math
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest

from research.errors import ExportError
from research.features.labels import SEGMENTS
from strategies.backtest.backtest import BacktestResult, backtest
from strategies.backtest.model import executable_model
from strategies.bot.config import BotConfig, json_schema, load_bot_config
from strategies.lead_follow import LeadFollowParams
from sweeps.export.bot_config import bot_config, write_bot_config
from sweeps.settings import Settings
from sweeps.study.space import search_space
from sweeps.study.study import Best, StudySpec
from sweeps.verdict.trial import Candidate, Verdict, judge, try_candidate
from tests.samples.markets import small_panel

MODEL = executable_model(Settings())
PARAMS = MODEL.apply(LeadFollowParams(mode="long", spread_entry=0.02, move_pct=0.05))
SPEC = StudySpec(
    base=PARAMS,
    space=search_space(PARAMS, {}),
    segment=SEGMENTS[0],
    model=MODEL,
    rows=slice(0, 4000),
    trials=1,
    seed=7,
    min_events=5,
)
BEST = Best(params=PARAMS, lcb_pnl=0.1, events=30, trial=0, sets_tried=40)


def candidate(inside: list[float], outside: list[float]) -> Candidate:
    """A candidate whose trades earned just this."""
    result = backtest(small_panel(), PARAMS)

    def earning(net: list[float]) -> BacktestResult:
        positions = np.resize(result.positions, len(net)).copy()
        positions["net_pct"] = net
        return replace(result, positions=positions)

    return Candidate(spec=SPEC, best=BEST, inside=earning(inside), outside=earning(outside))


GOOD = [0.1, 0.12, 0.09, 0.11] * 5
BAD = [-0.1, -0.05] * 10


@pytest.mark.parametrize(
    ("inside", "outside", "reason"),
    [
        (BAD, GOOD, "in-sample lower bound .* is not positive: nothing was found"),
        (GOOD, GOOD[:5], "5 trades out of sample, needs 10"),
        (GOOD, BAD, "out-of-sample lower bound .* is not positive \\(20 trades"),
        (GOOD, [], "0 trades out of sample, needs 10"),
    ],
)
def test_a_refusal_names_its_reason(inside: list[float], outside: list[float], reason: str) -> None:
    (verdict,) = judge([candidate(inside, outside)], min_events_out=10)
    assert not verdict.enabled
    assert re.search(reason, verdict.reason)


def test_a_good_set_is_enabled() -> None:
    (verdict,) = judge([candidate(GOOD, GOOD)], min_events_out=10)
    assert verdict.enabled
    assert "over 20 trades" in verdict.reason


def test_one_of_many_must_be_better_than_one_alone() -> None:
    edge = [0.40, -0.22] * 20
    alone = judge([candidate(GOOD, edge)], min_events_out=10)
    among = judge([candidate(GOOD, edge)] * 48, min_events_out=10)
    assert alone[0].enabled
    assert not among[0].enabled
    assert "does not survive being one of 48 candidates" in among[0].reason
    assert among[0].lcb_pnl == alone[0].lcb_pnl > among[0].lcb_family


def test_one_alone_is_judged_by_the_bound_that_it_shows() -> None:
    for outside in (GOOD, [0.40, -0.22] * 20):
        (alone,) = judge([candidate(GOOD, outside)], min_events_out=2)
        assert alone.lcb_family == alone.lcb_pnl


def test_few_trades_of_many_candidates_have_students_t() -> None:
    few = [0.5, 0.3, 0.4]
    family = judge([candidate(GOOD, few)] * 10, min_events_out=2)[0].lcb_family
    assert family == pytest.approx(0.4 - 9.924843 * 0.1 / math.sqrt(3))  # t, 2 degrees, 99.5 %


def test_a_winner_is_tried_on_rows_its_search_never_saw() -> None:
    tried = try_candidate(small_panel(), SPEC, BEST, slice(4000, len(small_panel())))
    assert (tried.inside.positions["entry"] < 4000).all()
    assert (tried.outside.positions["entry"] >= 4000).all()


def config_of(*judged: tuple[Candidate, Verdict]) -> BotConfig:
    return bot_config(small_panel(), Settings(), judged, command=["leadfollow", "export"])


def made_config() -> BotConfig:
    candidates = [candidate(GOOD, GOOD), candidate(GOOD, BAD), candidate(GOOD, [])]
    return config_of(*zip(candidates, judge(candidates, 10), strict=True))


def test_the_config_keeps_its_own_schema_and_comes_back(tmp_path: Path) -> None:
    config = made_config()
    write_bot_config(config, tmp_path / "bot.json")
    text = json.loads((tmp_path / "bot.json").read_text())
    jsonschema.validate(text, json_schema())
    assert load_bot_config(tmp_path / "bot.json") == config
    assert [each.enabled for each in config.sets] == [True, False, False]
    assert config.synthetic
    assert text["sets"][0]["parameters"]["tp"] == {"value": 0.4, "unit": "percent"}
    assert text["sets"][0]["parameters"]["horizon"]["unit"] == "min"
    assert text["sets"][2]["out_of_sample"]["report"]["avg_pnl"] is None
    assert text["provenance"]["data"]["content_sha256"]


def test_the_same_winners_make_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_bot_config(made_config(), tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def broken(**changes: Any) -> dict[str, Any]:
    text: dict[str, Any] = json.loads(made_config().to_json())
    for path, value in changes.items():
        *parents, last = path.split("__")
        place: Any = text
        for key in parents:
            place = place[int(key)] if key.isdigit() else place[key]
        place[last] = value
    return text


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"sets__1__enabled": True}, "an enabled set needs a positive out-of-sample lcb_pnl"),
        ({"schema_version": 2}, "schema_version: Input should be less than or equal to 1"),
        ({"extra": 1}, "extra: Extra inputs are not permitted"),
        ({"sets__0__segment": None}, "sets.0.segment: Input should be a valid string"),
        ({"sets__0__parameters__tp": {"value": 1, "unit": "bps"}}, "sets.0.parameters.tp.unit"),
    ],
)
def test_a_config_that_breaks_the_contract_is_refused(
    tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    file = tmp_path / "bot.json"
    file.write_text(json.dumps(broken(**changes)))
    with pytest.raises(ExportError) as refused:
        load_bot_config(file)
    assert message in str(refused.value)


def test_a_missing_or_torn_config_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="cannot be read"):
        load_bot_config(tmp_path / "none.json")
    (tmp_path / "torn.json").write_text('{"schema')
    with pytest.raises(ExportError, match="Invalid JSON"):
        load_bot_config(tmp_path / "torn.json")
