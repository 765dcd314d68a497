"""HALTs of whole journals: found, explained, summed up, swept."""

import json
from dataclasses import replace
from math import isnan, nan

import numpy as np
import pytest

from research.features.labels import SESSIONS
from research.halts import (
    HALT_COLUMNS,
    Halt,
    HaltRules,
    PointHistory,
    Timeline,
    explain,
    halt_row,
    replay,
    summarise,
    sweep_thresholds,
    timelines,
)
from research.halts.planted.journal import SyntheticJournal, synthesise
from research.halts.replay import CAUSES
from research.halts.thresholds import adverse_moves
from research.halts.timeline import NO_TIME
from research.journal import DecisionRecord, iso_of, ms_of
from research.journal.scan.rows import batch_of_records

START = ms_of("2026-01-05T00:00:00.000Z")


def lines_of(*records: DecisionRecord) -> tuple[list[Timeline], list[Halt]]:
    lines, rows = timelines([batch_of_records("a.jsonl", list(enumerate(records, start=1)))])
    assert rows is not None
    return lines, [halt for line in lines for halt in replay(line, rows)]


def replayed(made: SyntheticJournal, *histories: PointHistory) -> list[Halt]:
    # in pieces and backwards: the order of the batches must not matter
    whole = list(enumerate(made.records, start=1))
    pieces = [batch_of_records("a", whole[at : at + 500]) for at in range(0, len(whole), 500)]
    lines, rows = timelines(reversed(pieces))
    assert rows is not None
    return replay(lines[0], rows, histories)


MADE = synthesise(halts=60, seed=2)
HALTS = replayed(MADE)


def test_every_planted_halt_is_found_with_its_record() -> None:
    assert [halt.record.ts for halt in HALTS] == [planted.ts for planted in MADE.truth]
    assert [halt.number for halt in HALTS] == list(range(1, 61))
    for halt in HALTS:
        assert MADE.records[halt.line - 1] == halt.record


def test_planted_causes_are_found_and_what_cannot_be_known_is_unknown() -> None:
    assert [halt.diagnosis.cause for halt in HALTS] == [planted.cause for planted in MADE.truth]


def test_the_parts_are_near_the_truth_and_sum_to_the_diff() -> None:
    for halt, planted in zip(HALTS, MADE.truth, strict=True):
        if not isnan(halt.parts.total):
            assert abs(halt.parts.total - halt.question.diff) <= 1e-12
            assert halt.parts.fill == pytest.approx(planted.fill, abs=1e-12)
            assert halt.parts.mid == pytest.approx(planted.mid, abs=0.02)


def test_a_recording_settles_what_the_journal_left_open() -> None:
    quotes = list(MADE.quotes(every_ms=50))
    recorded = PointHistory.of(
        np.array([ts for ts, _ in quotes]), np.array([mid for _, mid in quotes]), "quotes"
    )
    settled = 0
    for halt, planted in zip(replayed(MADE, recorded), MADE.truth, strict=True):
        if planted.fault in ("latency_gap", "latency_binance", "missing_history"):
            assert halt.answer is not None
            assert halt.answer.source == "quotes"
            parts = {"fill": planted.fill, "latency": planted.latency, "mid": planted.mid}
            assert halt.diagnosis.cause == max(
                parts, key=lambda name: parts[name] / halt.parts.total
            )
            settled += 1
    assert settled == 9


def state(
    second: float, risk: str | None, previous: str | None = None, **fields: object
) -> DecisionRecord:
    ts = iso_of(START + round(second * 1000))
    return DecisionRecord(ts=ts, risk_state=risk, previous_state=previous, **fields)  # type: ignore[arg-type]


def test_a_halt_begins_where_the_state_before_was_another() -> None:
    _, told = lines_of(
        state(0, "HALT", "NORMAL"), state(1, "HALT", "HALT"), state(2, "NORMAL", "HALT"),
        state(3, "HALT", "HALT"), state(4, "halt", "REDUCE"),
    )  # fmt: skip
    assert [halt.line for halt in told] == [1, 5]
    _, untold = lines_of(
        state(0, "HALT"), state(1, "HALT"), state(2, None), state(3, "HALT"), state(4, "NORMAL")
    )
    assert [halt.line for halt in untold] == [1, 4]


def test_every_record_in_halt_can_be_explained() -> None:
    records = [state(0, "HALT", "NORMAL"), state(1, "HALT", "HALT"), state(2, "OFF", "HALT")]
    lines, rows = timelines([batch_of_records("a", list(enumerate(records, start=1)))])
    assert rows is not None
    assert [halt.line for halt in replay(lines[0], rows, every=True)] == [1, 2]
    other, rows = timelines([batch_of_records("a", [(1, records[2])])], halt_state="off")
    assert rows is not None
    assert len(replay(other[0], rows)) == 1


def test_markets_do_not_mix() -> None:
    lines, found = lines_of(
        state(0, "HALT", market="A-USD"), state(1, "NORMAL", market="B-USD"),
        state(2, "HALT", market="A-USD"), state(3, "HALT", market="B-USD"),
    )  # fmt: skip
    assert [line.market for line in lines] == ["A-USD", "B-USD"]
    assert [(halt.record.market, halt.line) for halt in found] == [("A-USD", 1), ("B-USD", 4)]


def test_records_are_put_into_the_order_of_time() -> None:
    lines, found = lines_of(state(5, "HALT"), state(1, "NORMAL"), state(4, "HALT"))
    assert (np.diff(lines[0].ts) > 0).all()
    assert [halt.line for halt in found] == [3]


def test_a_journal_without_a_halt_gives_none() -> None:
    lines, rows = timelines([batch_of_records("a", [(1, state(0, "NORMAL"))])])
    assert rows is not None
    assert replay(lines[0], rows) == []
    assert timelines([]) == ([], None)


def test_moments_follow_from_ages_and_what_is_unknown_stays_so() -> None:
    (line,), _ = lines_of(
        state(1, None, dydx_age_ms=250.4, binance_ts=iso_of(START), dydx_mid=0.0), state(2, None)
    )
    assert line.dydx_ts.tolist() == [START + 750, NO_TIME]
    assert line.binance_ts.tolist() == [START, NO_TIME]
    assert np.isnan(line.dydx_mid).all()
    assert len(line.binance_history().ts_ms) == 0


@pytest.mark.parametrize("hour", range(24))
def test_sessions_follow_the_hour_where_the_record_has_none(hour: int) -> None:
    record = DecisionRecord(ts=f"2026-01-05T{hour:02}:30:00.000Z")
    assert explain(record, []).session == SESSIONS[hour // 8]
    shifted = explain(record, [], HaltRules(session_hours=(1, 9, 17)))
    assert shifted.session == SESSIONS[(hour - 1) % 24 // 8]
    assert explain(replace(record, session="lunch"), []).session == "lunch"


def test_the_summary_counts_every_halt_once_per_group() -> None:
    rows = summarise(HALTS)
    assert [row.label for row in rows] == ["all", *SESSIONS, "calm", "normal", "wild"]
    for group in ("all", "session", "regime"):
        members = [row for row in rows if row.group == group]
        assert sum(row.halts for row in members) == len(HALTS)
        for cause in CAUSES:
            wanted = sum(halt.diagnosis.cause == cause for halt in HALTS)
            assert sum(row.counts[cause] for row in members) == wanted
    assert sum(rows[0].share(cause) for cause in CAUSES) == pytest.approx(100)
    assert summarise([]) == []


def test_rows_are_strict_json() -> None:
    rows = [halt_row(halt) for halt in HALTS] + [row.to_dict() for row in summarise(HALTS)]
    lines, _ = lines_of(*MADE.records[:200])
    rows += [row.to_dict() for row in sweep_thresholds(lines, [0.001, 0.9])]
    json.dumps(rows, allow_nan=False)
    for halt in HALTS:
        row = halt_row(halt)
        assert list(row) == list(HALT_COLUMNS)
        assert all(
            value is None or isinstance(value, (kind, int) if kind is float else kind)
            for value, kind in zip(row.values(), HALT_COLUMNS.values(), strict=True)
        )


# the sweep


def quoted(
    second: float, diff: float, mid: float = 100.0, side: str | None = "buy"
) -> DecisionRecord:
    intent = None if side is None else {"side": side}
    return state(
        second, "NORMAL", effective_diff_signed_buy=diff, dydx_mid=mid, order_intent=intent
    )


def test_a_higher_threshold_never_halts_at_more_records() -> None:
    lines, _ = lines_of(*MADE.records)
    over = [
        int((lines[0].worst_diff >= threshold).sum()) for threshold in np.linspace(0.001, 0.07, 50)
    ]
    assert over == sorted(over, reverse=True)


def test_halts_of_the_sweep_begin_at_the_threshold_and_end_below_it() -> None:
    diffs = [0.0, 0.02, 0.03, 0.025, 0.03, 0.031, nan, 0.03, -0.04, 0.0]
    lines, _ = lines_of(*(quoted(place, diff) for place, diff in enumerate(diffs)))
    rows = sweep_thresholds(lines, [0.02, 0.03, 0.031, 0.05])
    # the record without a diff ends nothing
    assert [row.halts for row in rows] == [1, 2, 2, 0]
    assert [row.threshold_pct for row in rows] == [2, 3, 3.1, 5]


def test_the_halt_threshold_of_the_journal_finds_its_halts_again() -> None:
    lines, _ = lines_of(*MADE.records)
    known = sum(not isnan(halt.question.diff) for halt in HALTS)
    # one more where the diff dips below the threshold while the bot stays in HALT
    assert known <= sweep_thresholds(lines, [0.03])[0].halts <= known + 1


@pytest.mark.parametrize(("side", "sign"), [("buy", -1), ("sell", 1), (None, nan)])
def test_a_move_against_the_side_is_positive(side: str | None, sign: float) -> None:
    lines, _ = lines_of(quoted(0, 0.03, 100.0, side), quoted(15 * 60, 0.0, 102.0, side))
    (move,) = adverse_moves(lines[0], np.array([0]), 15)
    assert move == pytest.approx(2.0 * sign, nan_ok=True)


@pytest.mark.parametrize(
    ("later_s", "is_known"),
    [(15 * 60, True), (15 * 60 - 90, True), (15 * 60 - 91, False), (901, False)],
)
def test_the_later_price_is_at_or_before_the_horizon_and_fresh(
    later_s: float, is_known: bool
) -> None:
    lines, _ = lines_of(quoted(0, 0.03, 100.0), quoted(later_s, 0.0, 99.0))
    (row,) = sweep_thresholds(lines, [0.03], horizon_min=15)
    assert (row.known, row.adverse) == (int(is_known), int(is_known))
    assert isnan(row.mean_adverse_pct) == (not is_known)


def test_binance_stands_in_where_dydx_is_unknown_first_from_the_journal_then_the_history() -> None:
    alone = state(0, "NORMAL", effective_diff_signed_buy=0.05, order_intent={"side": "buy"})
    lines, _ = lines_of(alone)
    times = np.array([START, START + 900_000])
    recorded = PointHistory.of(times, np.array([100.0, 97.0]), "quotes")
    (row,) = sweep_thresholds(lines, [0.03], histories=[[recorded]])
    assert row.mean_adverse_pct == pytest.approx(3.0)
    own = [replace(alone, binance_mid=100.0), state(900, "NORMAL", binance_mid=96.0)]
    lines, _ = lines_of(*own)
    (row,) = sweep_thresholds(lines, [0.03], histories=[[recorded]])
    assert row.mean_adverse_pct == pytest.approx(4.0)


def test_sums_are_over_the_known_moves_only() -> None:
    diffs = [
        (0, 0.03, 100.0),
        (1, 0.0, 100.0),
        (2, 0.03, 50.0),
        (902, 0.0, 49.0),
        (903, 0.03, 49.0),
    ]
    lines, _ = lines_of(*(quoted(*item) for item in diffs))
    (row,) = sweep_thresholds(lines, [0.03])
    assert (row.halts, row.known, row.adverse) == (3, 1, 1)
    assert row.sum_adverse_pct == row.mean_adverse_pct == pytest.approx(2.0)
