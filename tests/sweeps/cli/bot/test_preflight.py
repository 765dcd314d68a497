"""``preflight``: a sound config flies, and every planted fault is named by its own check."""

import json
from pathlib import Path

import numpy as np
import pytest

from research.features.panel import features
from research.frame.load import load_frame
from strategies.backtest.backtest import backtest
from strategies.bot.armed import costs_of, execution_of, params_of
from strategies.bot.config import load_bot_config
from strategies.bot.preflight.minutes import rows_of
from strategies.bot.preflight.replay import panel_of, replayed
from sweeps.cli.bot.show import SCHEMA
from tests.benchmarks.bot_faults import PLANTED, Fault, failed, ready
from tests.exchange import running
from tests.exchange.arrange import exchange_of
from tests.samples.commands import Call
from tests.samples.markets import small_frame
from tests.strategies.bot.test_versions import OLD

ONE_A_CHECK = {fault.check: fault for fault in PLANTED}


def arguments() -> tuple[str, ...]:
    made = ready()
    return ("preflight", str(made.file), "--store", str(made.store), "--now", made.as_of)


def test_a_sound_config_may_fly(call: Call) -> None:
    assert call(*arguments(), "--offline", "--json", "lines.json") == 0, call.out
    out = call.out
    assert "checks hold: it may fly" in out
    assert "FAIL" not in out
    found = json.loads(Path("lines.json").read_text())
    assert found["schema"] == SCHEMA
    assert found["passed"] is True
    assert found["failed"] == []
    assert all(line["number"] is not None for line in found["lines"])
    named = {line["check"] for line in found["lines"]}
    assert all(any(each.startswith(check) for each in named) for check in ONE_A_CHECK)


def test_it_may_not_fly_a_month_later(call: Call) -> None:
    wanted = (*arguments()[:-1], "2026-03-01T00:00Z", "--offline", "--json", "-")
    assert call(*wanted) == 1
    found = json.loads(call.out)
    assert found["failed"] == ["not expired", "newest minute"]


@pytest.mark.parametrize("fault", ONE_A_CHECK.values(), ids=lambda fault: fault.name)
def test_a_planted_fault_is_named_by_its_check(fault: Fault) -> None:
    assert any(check.startswith(fault.check) for check in failed(fault))


def test_fees_are_asked_of_a_node(call: Call) -> None:
    with running(exchange_of(5)) as served:
        Path("leadfollow.toml").write_text(f'[fetch]\ndydx_node_url = "{served.url}"\n')
        assert call(*arguments(), "--json", "-") == 0
        assert served.asked("feetiers")
    fees = [x for x in json.loads(call.out)["lines"] if x["check"] == "fees lead"]
    assert "dYdX's base tier is 5 bps now" in fees[0]["sentence"]


def test_fees_of_ones_own_may_be_below_the_base_tier(call: Call) -> None:
    mine = "[costs]\ndydx_taker_fee_bps = 2.5\n[bot]\nfees_are_mine = {}\n"
    with running(exchange_of(5)) as served:
        for word, needs in (("true", ">= 5"), ("false", ">= 10")):
            text = mine.format(word) + f'[fetch]\ndydx_node_url = "{served.url}"\n'
            Path("leadfollow.toml").write_text(text)
            assert call(*arguments(), "--json", "-") == 0
            lines = json.loads(call.out)["lines"]
            assert [x["needs"] for x in lines if x["check"] == "fees lead"] == [needs]


def test_without_a_node_the_dated_setting_stands_in(call: Call) -> None:
    Path("leadfollow.toml").write_text('[fetch]\ndydx_node_url = "http://127.0.0.1:9"\n')
    assert call(*arguments(), "--json", "-") == 0
    assert "no node answered" in call.out


def test_without_minutes_nothing_flies_and_nothing_falls_over(call: Call) -> None:
    made = ready()
    assert call("preflight", str(made.file), "--store", "none", "--offline", "--json", "-") == 1
    found = json.loads(call.out)
    assert {"evidence minutes", "parity", "newest minute", "dry run"} <= set(found["failed"])


def test_beside_a_run_the_lines_are_written_for_its_page(call: Call) -> None:
    Path("run").mkdir()
    Path("run/bot_config.json").write_text(ready().file.read_text())
    Path("run/verdict.json").write_text("{}")
    wanted = list(arguments())
    wanted[1] = "run/bot_config.json"
    assert call(*wanted, "--offline") == 0
    assert "it may fly" in Path("run/preflight.md").read_text()
    assert json.loads(Path("run/preflight.json").read_text())["passed"] is True


def test_a_file_that_is_no_config_is_refused(call: Call) -> None:
    Path("a.json").write_text("{}")
    assert call("preflight", "a.json") == 2
    assert "kind: must be" in call.err


def test_the_streaming_law_makes_the_trades_of_the_backtest() -> None:
    """Whatever the rows begin with: a crossing of the minute before must be remembered."""
    config = load_bot_config(OLD)
    panel, some = panel_of(config, small_frame(edge=3.0, days=8.0)), config.sets
    assert {each.strategy for each in some} == {"lead", "reversion"}
    for each in some:
        for rows in (slice(0, 9000), slice(3000, 9000), slice(3001, 11_520)):
            law = backtest(
                panel,
                params_of(each),
                execution=execution_of(each),
                costs=costs_of(each),
                rows=rows,
            )
            made = replayed(panel, each, rows)
            assert len(made) > 3
            np.testing.assert_equal(made.tolist(), law.positions.tolist())


def test_the_panel_of_a_config_is_that_of_its_search() -> None:
    made = ready()
    frame = load_frame("BTC", store=made.store)
    panel, plain = panel_of(made.config, frame), features(frame)
    assert (panel.edges.low, panel.edges.high) == (made.config.regime.low, made.config.regime.high)
    for name in ("atr_pct", "spread_excess_pct", "realized_vol_pct", "session"):
        np.testing.assert_array_equal(getattr(panel, name), getattr(plain, name))
    rows = rows_of(panel, "2026-01-02T00:00Z", "2026-01-02T00:59Z")
    assert rows.stop - rows.start == 60
