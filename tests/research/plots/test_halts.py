"""Pictures of HALTs: what they will show, and that they are drawn whatever is missing."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from matplotlib.image import imread

from research.halts import (
    Halt,
    PointHistory,
    Timeline,
    replay,
    summarise,
    sweep_thresholds,
    timelines,
)
from research.halts.planted.journal import synthesise
from research.journal import DecisionRecord, iso_of
from research.journal.scan.rows import batch_of_records
from research.plots.figure import save_figure
from research.plots.halt import draw_halt, halt_info
from research.plots.halts import draw_summary, summary_info

MADE = synthesise(halts=20, seed=7)


def replayed(records: list[DecisionRecord]) -> tuple[Timeline, list[Halt]]:
    (line,), rows = timelines([batch_of_records("a", list(enumerate(records, start=1)))])
    assert rows is not None
    return line, replay(line, rows)


LINE, HALTS = replayed(MADE.records)


@pytest.mark.parametrize("halt", HALTS, ids=lambda halt: str(halt.number))
def test_the_bars_stack_up_to_the_diff(halt: Halt) -> None:
    info = halt_info(halt, LINE)
    if info.parts_pct:
        assert sum(info.parts_pct.values()) == pytest.approx(info.diff_pct)
        assert info.diff_pct == pytest.approx(halt.question.diff * 100)


def test_the_title_says_cause_and_share() -> None:
    info = halt_info(HALTS[0], LINE)
    assert info.title == "HALT 1 SYNTH-USD: buy diff +4.44%, cause: mid (73% of the diff)"
    assert info.subtitle == (
        "2026-01-05T00:34:26.942Z, the bot said 'diff: 4%+'; shares: mid 73%, fill 7%, "
        "latency 20%; session asia"
    )
    outright = next(
        halt for halt in HALTS if halt.answer is None and halt.diagnosis.cause == "latency"
    )
    assert halt_info(outright, LINE).title.endswith("cause: latency (by its age)")


def test_the_window_holds_the_moment_the_quotes_and_only_them() -> None:
    for halt in HALTS:
        info = halt_info(halt, LINE)
        assert info.start < info.moment < info.end
        for track in (info.binance, info.fill, *info.diffs.values(), *info.ages.values()):
            assert (track.time >= info.start).all()
            assert (track.time <= info.end).all()
        if info.dydx_mid is not None:
            assert info.dydx_mid[0] >= info.start


def test_what_the_decision_used_is_marked_where_it_was() -> None:
    halt = HALTS[2]  # latency
    info = halt_info(halt, LINE)
    assert info.dydx_mid == (np.datetime64(halt.record.dydx_ts[:-1]), halt.record.dydx_mid)  # type: ignore[index]
    assert info.binance_then is not None
    assert info.binance_then[0] == info.dydx_mid[0]
    assert info.halt_diff_pct == 3.0
    assert info.gates_ms == {"Binance": 1500.0, "dYdX": 3000.0}


def test_a_recording_draws_binance_finer_than_the_journal() -> None:
    quotes = list(MADE.quotes(every_ms=100))
    recorded = PointHistory.of(
        np.array([ts for ts, _ in quotes]), np.array([mid for _, mid in quotes]), "quotes"
    )
    coarse, fine = halt_info(HALTS[0], LINE), halt_info(HALTS[0], LINE, recorded)
    assert len(fine.binance.time) > 3 * len(coarse.binance.time)
    elsewhere = PointHistory.of(np.array([5]), np.array([1.0]), "quotes")
    assert len(halt_info(HALTS[0], LINE, elsewhere).binance.time) == len(coarse.binance.time)


def bare(**fields: object) -> DecisionRecord:
    return DecisionRecord(ts=iso_of(1_767_571_200_000), risk_state="HALT", **fields)  # type: ignore[arg-type]


BARE = {
    "nothing": bare(),
    "only a diff": bare(effective_diff_signed_sell=-0.04),
    "no thresholds": replace(HALTS[0].record, thresholds=None, halt_reason=None),
    "negative ages": replace(HALTS[0].record, binance_age_ms=-50, dydx_age_ms=-5000),
    "zero price": replace(HALTS[0].record, dydx_mid=0.0),
    "one price": bare(binance_mid=91_000.0),
    "no diff": bare(binance_mid=100.0, dydx_mid=100.0, expected_fill_buy=100.0, dydx_age_ms=0.0),
}


@pytest.mark.parametrize("name", BARE)
def test_a_halt_is_drawn_whatever_is_missing(tmp_path: Path, name: str) -> None:
    line, (halt,) = replayed([BARE[name]])
    save_figure(draw_halt(halt_info(halt, line)), tmp_path / "halt.png")
    assert imread(tmp_path / "halt.png").shape[1] == 1650


def test_the_same_halt_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a.png", "b.png"):
        save_figure(draw_halt(halt_info(HALTS[1], LINE)), tmp_path / name, {"seed": 7})
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_the_summary_shows_shares_and_the_sweep(tmp_path: Path) -> None:
    rows = sweep_thresholds([LINE], [0.01, 0.03, 0.05])
    info = summary_info(summarise(HALTS), rows, label="SYNTH-USD", horizon_min=15, in_force=0.03)
    assert info.title == "20 HALTs: mid 5, fill 5, latency 7, unknown 3"
    assert info.labels[0] == "all (20)"
    assert sum(shares[0] for shares in info.shares_pct.values()) == pytest.approx(100)
    assert info.threshold_pct.tolist() == [1, 3, 5]
    assert info.in_force_pct == 3.0
    save_figure(draw_summary(info), tmp_path / "halts.png")
    nothing = summary_info([], rows, label="", horizon_min=15)
    save_figure(draw_summary(nothing), tmp_path / "none.png")
    assert nothing.title == "0 HALTs: none"
