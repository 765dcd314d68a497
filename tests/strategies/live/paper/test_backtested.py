"""The span of a paper run through the backtest: the stream's trades are its trades."""

from pathlib import Path

import numpy as np
import pytest

from research.errors import FrameError
from strategies.live.paper import read_ledger, report_of
from strategies.live.paper.backtested import backtested, frame_of_minutes
from strategies.live.paper.compare import compared
from tests.samples.markets import small_frame
from tests.samples.recordings import events_of, paper_config, recorded_minutes
from tests.strategies.live.paper.test_replay import session

HISTORY, MINUTES = recorded_minutes()
SPAN = MINUTES[:300]


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, object]]:
    folder = tmp_path_factory.mktemp("paper")
    run = session(folder)
    run.feed(events_of(SPAN, step_ms=5000))
    run.close()
    return list(read_ledger(folder / "ledger.jsonl"))


def law_of(lines: list[dict[str, object]]) -> list[dict[str, object]]:
    first = next(line["minute"] for line in lines if line["kind"] == "first_minute")
    assert first == SPAN[0].minute
    frame = frame_of_minutes([*HISTORY, *SPAN[:-1]], paper_config())
    return backtested(paper_config(), frame, SPAN[0].minute, SPAN[-2].minute)


def test_the_stream_made_the_trades_of_the_backtest(lines: list[dict[str, object]]) -> None:
    law = law_of(lines)
    assert len(law) >= 3
    found, streamed = compared(lines, law), compared(lines)
    assert (found.source, streamed.source) == ("backtest", "stream")
    assert found.stream_differences == 0
    assert found.law_trades == streamed.law_trades
    assert found.law_net_pct == pytest.approx(streamed.law_net_pct, abs=1e-12)
    assert report_of(lines, backtest=law).comparison == found


def test_a_trade_that_the_stream_made_otherwise_is_counted(lines: list[dict[str, object]]) -> None:
    law = law_of(lines)
    moved = [law[0] | {"net_pct": 9.0}, *law[1:]]
    assert compared(lines, moved).stream_differences == 1
    assert compared(lines, law[1:]).stream_differences == 1


def test_minutes_become_the_frame_that_they_came_from() -> None:
    frame = small_frame()
    made = frame_of_minutes([*HISTORY, *SPAN], paper_config())
    rows = slice(0, len(made))
    np.testing.assert_array_equal(made.minute, frame.minute[rows])
    for name in ("binance_close", "dydx_open", "dydx_volume", "dydx_age_min", "funding_rate"):
        np.testing.assert_array_equal(made.column(name), frame.column(name)[rows])


def test_a_venue_without_a_price_makes_no_frame() -> None:
    silent = [each._replace(dydx_close=float("nan")) for each in SPAN]
    with pytest.raises(FrameError, match="dydx: no minutes"):
        frame_of_minutes(silent, paper_config())


def test_a_ledger_without_a_minute_has_no_backtest(tmp_path: Path) -> None:
    run = session(tmp_path)
    run.close()
    assert compared(read_ledger(tmp_path / "ledger.jsonl")).stream_differences is None
