"""Recordings: lines and back, the recorder's own format, holes, and what is no recording."""

import json
import math
from pathlib import Path

import pytest

from research.errors import FormatError
from strategies.live.feeds import BookHeard, MinuteHeard, Recording
from strategies.live.feeds.events import Tick, VenueLost
from strategies.live.feeds.lines import event_of, line_of
from strategies.live.feeds.offset import ClockOffset
from strategies.live.stream import LiveMinute
from tests.samples.recordings import events_of, quote_lines, recorded_minutes, write_recording

_, MINUTES = recorded_minutes()
EVENTS = list(events_of(MINUTES[:4]))


def recording(path: Path, **more: object) -> Recording:
    return Recording((path,), "BTCUSDT", "BTC-USD", **more)  # type: ignore[arg-type]


def test_events_come_back_from_their_lines(tmp_path: Path) -> None:
    more = [VenueLost(EVENTS[-1].at_ms + 1, "dydx", "cut"), Tick(EVENTS[-1].at_ms + 2)]
    path = write_recording(tmp_path / "a.jsonl", iter([*EVENTS, *more]))
    heard = recording(path)
    assert [line_of(event) for event in heard] == [line_of(event) for event in [*EVENTS, *more]]
    assert heard.holds_minutes()
    assert heard.rejected == 0


def test_unknown_values_of_a_minute_stay_unknown() -> None:
    minute = LiveMinute(7, binance_close=2.0, funding_rate=math.nan)
    back = event_of(json.loads(line_of(MinuteHeard(1.0, minute))))
    assert isinstance(back, MinuteHeard)
    assert str(back.minute) == str(minute)


def test_the_recorders_quotes_make_the_same_books(tmp_path: Path) -> None:
    path = tmp_path / "BTC-2026-01-01.jsonl"
    path.write_text("".join(line + "\n" for line in quote_lines(iter(EVENTS))))
    heard = recording(path, minutes=iter(MINUTES[:3]))
    found = list(recording(path, minutes=iter(MINUTES[:3])))
    assert not heard.holds_minutes()
    wanted = [event for event in EVENTS if isinstance(event, BookHeard)]
    for venue in ("binance", "dydx"):
        last = [each for each in found if isinstance(each, BookHeard) and each.venue == venue][-1]
        want = [each for each in wanted if each.venue == venue][-1]
        levels = 5 if venue == "dydx" else 1
        assert last.bids == want.bids[:levels]
        assert last.asks == want.asks[:levels]
    minutes = [each for each in found if isinstance(each, MinuteHeard)]
    assert [each.minute.minute for each in minutes] == [each.minute for each in MINUTES[:3]]
    assert [each.at_ms for each in found] == sorted(each.at_ms for each in found)


def test_holes_and_bad_lines_are_told(tmp_path: Path) -> None:
    path = write_recording(tmp_path / "a.jsonl", iter([EVENTS[0], EVENTS[-1]]))
    with path.open("a") as file:
        file.write('{"channel": "book", "venue": "nobody", "received_ms": 1}\n{torn\n')
    heard = recording(path)
    assert len(list(heard)) == 2
    assert heard.rejected == 2
    assert "venue must be binance or dydx" in (heard.first_rejected or "")
    assert heard.holes == [(EVENTS[0].at_ms, EVENTS[-1].at_ms)]


def test_what_is_no_recording_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"channel": "quote", "market": "ETH-USD"}\n')
    with pytest.raises(FormatError, match="no line of BTCUSDT or BTC-USD can be used"):
        list(recording(path))


def test_an_offset_never_makes_a_quote_younger() -> None:
    offset = ClockOffset(window_ms=1500.0)
    assert offset.local(1000.0, 1040.0) == 1000.0  # may be latency
    assert offset.local(2000.0, 1900.0) == 1900.0  # ahead for sure
    assert offset.local(2100.0, 2040.0) == 2000.0
    for k in range(3):
        assert offset.local(3000.0 + k, 3050.0 + k) <= 3000.0 + k
    assert offset.local(4000.0, 4050.0) == 4000.0  # the clock was set right


def test_an_offset_forgets_what_our_clock_said_before_it_was_set_back() -> None:
    offset = ClockOffset()
    assert offset.local(50_000.0, 20_000.0) == 20_000.0
    assert offset.local(10_000.0, 10_050.0) == 10_000.0
