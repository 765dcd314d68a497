"""Replays: what a kill cannot change, what the money adds up to, what is never entered."""

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path

import pytest

from research.errors import LiveError
from research.journal import ReadReport, read_journal
from strategies.live.feeds.events import BookHeard, FeedEvent, MinuteHeard, VenueLost
from strategies.live.paper import PaperReport, PaperSettings, read_ledger, report_of
from strategies.live.paper.ledger import positions_of
from strategies.live.paper.session import PaperSession, Rules
from strategies.live.settings import GateSettings, RiskSettings
from tests.samples.recordings import events_of, paper_config, recorded_minutes

HISTORY, MINUTES = recorded_minutes()
BUSY = slice(0, 200)
EVENTS = list(events_of(MINUTES[BUSY]))


def rules(**paper: float) -> Rules:
    config = paper_config()
    return Rules(
        config=config,
        config_hash=hashlib.sha256(config.to_json().encode()).hexdigest(),
        risk=RiskSettings(),
        gate=GateSettings(),
        paper=PaperSettings(**{"checkpoint_sec": 0.05} | paper),
    )


def session(folder: Path, made: Rules | None = None, *, is_replay: bool = True) -> PaperSession:
    return PaperSession(
        made or rules(), folder, source="sample", is_replay=is_replay, history=HISTORY
    )


def replayed(folder: Path, events: Iterable[FeedEvent] = EVENTS, **paper: float) -> PaperReport:
    run = session(folder, rules(**paper))
    run.feed(events)
    run.close()
    return report_of(read_ledger(folder / "ledger.jsonl"))


def written(folder: Path) -> dict[str, bytes]:
    paths = [folder / "ledger.jsonl", *sorted((folder / "journal").iterdir())]
    return {path.name: path.read_bytes() for path in paths}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("whole")
    replayed(folder)
    return folder


def test_trades_are_made_and_their_parts_add_up(whole: Path) -> None:
    report = report_of(read_ledger(whole / "ledger.jsonl"))
    assert report.entries >= 2
    assert report.trades == report.entries - len(report.open_positions)
    money = report.money
    costs = money.slippage_usdt + money.fees_usdt + money.funding_usdt
    assert money.net_usdt == pytest.approx(money.gross_usdt + money.hedge_usdt - costs)
    assert sum(report.state_sec.values()) == pytest.approx(report.span_sec)
    assert report.up_sec["binance"] <= report.span_sec


def test_every_asked_signal_and_exit_is_in_the_journal(whole: Path) -> None:
    report = report_of(read_ledger(whole / "ledger.jsonl"))
    read = ReadReport()
    records = list(read_journal([whole / "journal"], report=read))
    decisions = [record.decision for _, _, record in records]
    assert decisions.count("enter") == report.allowed
    assert decisions.count("refuse") == report.refused
    assert decisions.count("exit") == report.trades
    assert not read.kept


def test_a_replay_is_the_same_to_the_byte(whole: Path, tmp_path: Path) -> None:
    replayed(tmp_path / "again")
    assert written(tmp_path / "again") == written(whole)


def test_a_replay_that_is_over_says_nothing_more(whole: Path, tmp_path: Path) -> None:
    replayed(tmp_path)
    replayed(tmp_path)
    assert written(tmp_path) == written(whole)


@pytest.mark.parametrize("cut", [1, 2_000, 9_999, 17_001])
def test_a_replay_that_was_killed_ends_as_one_that_was_not(
    whole: Path, tmp_path: Path, cut: int
) -> None:
    killed = session(tmp_path / "run")
    for event in EVENTS[:cut]:
        killed.take(event)
    with (tmp_path / "run" / "ledger.jsonl").open("ab") as ledger:
        ledger.write(b'{"kind": "open", "torn')
    again = session(tmp_path / "run")
    assert again.was_resumed
    again.feed(EVENTS)
    again.close()
    assert written(tmp_path / "run") == written(whole)


def test_a_live_run_goes_on_with_the_positions_of_its_ledger(tmp_path: Path) -> None:
    first = session(tmp_path, is_replay=False)
    for event in EVENTS:
        first.take(event)
        if first.run.ledger.positions:
            break
    held = dict(first.run.ledger.positions)
    assert held
    again = session(tmp_path, is_replay=False)
    assert again.run.ledger.positions == held
    assert (
        again.run.gate.machine.memory == first.run.gate.machine.memory or again.run.now_ms is None
    )


def test_positions_of_a_stream_that_forgot_them_are_left(tmp_path: Path) -> None:
    first = session(tmp_path, is_replay=False)
    reached = 0
    while not first.run.ledger.positions:
        first.take(EVENTS[reached])
        reached += 1
    first.close()
    kept = json.loads((tmp_path / "paper.json").read_text())
    (tmp_path / "paper.json").write_text(json.dumps(kept | {"stream": None}))
    again = session(tmp_path, is_replay=False)
    for event in EVENTS[reached : reached + 400]:
        again.take(event)
    assert not again.run.ledger.positions
    reasons = [
        line["reason"] for line in read_ledger(tmp_path / "ledger.jsonl") if line["kind"] == "close"
    ]
    assert reasons[-1] == "ORPHANED"


def test_nothing_is_entered_while_a_venue_is_lost(whole: Path, tmp_path: Path) -> None:
    lost = [event for event in EVENTS if isinstance(event, MinuteHeard)]
    silent = [VenueLost(EVENTS[0].at_ms, "dydx", "cut"), *lost]
    report = replayed(tmp_path, silent)
    asked = report_of(read_ledger(whole / "ledger.jsonl"))
    assert report.signals == asked.signals > 0
    assert report.entries == 0
    assert set(report.refusals) == {"HALT"}
    assert report.comparison.missing_by_reason == {"HALT": report.comparison.law_trades}


def thin(side: str) -> Iterable[FeedEvent]:
    """One side of dYdX holds no order."""
    for event in EVENTS:
        is_dydx = isinstance(event, BookHeard) and event.venue == "dydx"
        yield event._replace(**{side: ((getattr(event, side)[0][0], 1e-4),)}) if is_dydx else event


def test_a_book_that_does_not_hold_the_order_fills_nothing(tmp_path: Path) -> None:
    entered = replayed(tmp_path / "bids", thin("bids"))
    assert entered.signals > 0
    assert entered.entries == 0
    waiting = replayed(tmp_path / "asks", thin("asks"))
    assert waiting.entries == len(waiting.open_positions) > 0
    assert waiting.trades == 0


def test_slippage_is_told_apart(whole: Path, tmp_path: Path) -> None:
    report = replayed(tmp_path, slippage_bps=2.0)
    before = report_of(read_ledger(whole / "ledger.jsonl"))
    assert report.money.gross_usdt == pytest.approx(before.money.gross_usdt)
    assert report.money.slippage_usdt > before.money.slippage_usdt
    assert report.fill_bps == pytest.approx((before.fill_bps or 0.0) + 2.0, abs=0.01)


def test_a_folder_of_another_run_is_refused(tmp_path: Path) -> None:
    session(tmp_path).close()
    with pytest.raises(LiveError, match="another settings"):
        session(tmp_path, rules(slippage_bps=1.0))
    (tmp_path / "paper.json").write_text("{}")
    with pytest.raises(LiveError, match="no checkpoint can be read"):
        session(tmp_path)


def test_a_ledger_changed_by_hand_is_refused(tmp_path: Path) -> None:
    (tmp_path / "ledger.jsonl").write_text('{"kind": "open"\n')
    with pytest.raises(LiveError, match=r"ledger\.jsonl:1: no line of a ledger"):
        list(read_ledger(tmp_path / "ledger.jsonl"))


def test_positions_are_what_the_lines_add_up_to(whole: Path) -> None:
    lines = list(read_ledger(whole / "ledger.jsonl"))
    opened = [k for k, line in enumerate(lines) if line["kind"] == "open"]
    assert lines[opened[0]]["id"] in positions_of(lines[: opened[0] + 1])
    assert len(positions_of(lines)) == len(opened) - sum(line["kind"] == "close" for line in lines)
