"""What the stream refuses, fills up, leaves out and remembers."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from research.errors import LiveError, OrderError
from research.settings.frame import FrameSettings
from strategies.law.execution import PLAIN
from strategies.live.stream import (
    LiveMinute,
    Stream,
    StreamRules,
    minutes_of_frame,
    restore_stream,
    write_snapshot,
)
from strategies.live.stream.silence import Silences
from tests.samples.markets import small_panel
from tests.samples.streams import random_sets, stream_over

SETS = random_sets(10, 9)


def rules(silence: FrameSettings | None = None) -> StreamRules:
    panel = small_panel()
    return StreamRules(panel=panel.settings, edges=panel.edges, silence=silence)


def minutes(count: int) -> list[LiveMinute]:
    return list(minutes_of_frame(small_panel().frame.last(count)))


def test_an_old_or_doubled_minute_is_refused_and_changes_nothing() -> None:
    stream = Stream(SETS, rules())
    first, second = minutes(2)
    stream.push(first)
    stream.push(second)
    before = stream.intake.known.tobytes()
    for old in (first, second):
        with pytest.raises(OrderError, match="once and in order"):
            stream.push(old)
    assert stream.intake.known.tobytes() == before


def test_a_gap_is_minutes_without_a_price() -> None:
    given = minutes(600)
    gone = slice(300, 320)
    jumped, told = Stream(SETS, rules()), Stream(SETS, rules())
    for minute in given[:300] + given[320:]:
        jumped.push(minute)
    for at, minute in enumerate(given):
        told.push(LiveMinute(minute.minute) if gone.start <= at < gone.stop else minute)
    np.testing.assert_equal(jumped.intake.known, told.intake.known)
    assert len(jumped.closed_trades) == len(told.closed_trades)


def test_a_gap_of_more_than_a_month_is_refused() -> None:
    stream = Stream(SETS, rules())
    stream.push(LiveMinute(1000))
    with pytest.raises(LiveError, match="start anew"):
        stream.push(LiveMinute(1000 + 60 * 24 * 40))


def test_sets_that_cannot_trade_are_refused() -> None:
    with pytest.raises(LiveError, match="no set is enabled"):
        Stream([], rules())
    with pytest.raises(LiveError, match="two sets are called 0"):
        Stream([SETS[0], SETS[0]], rules())
    with pytest.raises(LiveError, match="plain model"):
        Stream([replace(SETS[0], execution=PLAIN)], rules())


def test_warm_minutes_open_nothing() -> None:
    stream = Stream(SETS, rules())
    stream.warm(minutes(3000))
    assert stream.closed_trades == []
    assert all(len(each) == 0 for each in stream.positions().values())
    assert stream.latest is not None
    assert not np.isnan(stream.latest.basis_pct)


@pytest.mark.parametrize("cut", [1, 700, 2501])
def test_a_restored_stream_goes_on_as_if_nothing_had_been(cut: int, tmp_path: Path) -> None:
    given, silence = minutes(4000), FrameSettings(halt_min=3, settle_min=2)
    whole = Stream(SETS, rules(silence))
    events = [whole.push(minute) for minute in given]
    first = Stream(SETS, rules(silence))
    for minute in given[:cut]:
        first.push(minute)
    write_snapshot(first, tmp_path / "stream.json")
    second = Stream(SETS, rules(silence))
    restore_stream(second, tmp_path / "stream.json")
    for at, minute in enumerate(given[cut:], start=cut):
        told = second.push(minute)
        assert [(type(each), each.set_id, each.minute) for each in told] == [
            (type(each), each.set_id, each.minute) for each in events[at]
        ]
    assert second.intake.known.tobytes() == whole.intake.known.tobytes()
    one, two = (
        [each.trade.item() for each in stream.closed_trades][-50:] for stream in (whole, second)
    )
    np.testing.assert_equal(one, two)


def test_a_snapshot_that_is_not_sound_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "stream.json"
    stream = Stream(SETS, rules())
    for minute in minutes(50):
        stream.push(minute)
    write_snapshot(stream, path)
    sound = path.read_text()
    other = Stream(SETS[:5], rules())
    with pytest.raises(LiveError, match="other sets or rules"):
        restore_stream(other, path)
    assert other.last_minute is None
    body = json.loads(sound)
    for text, words in (
        (sound[:-200], "not JSON"),
        ("[]", "not a snapshot"),
        (json.dumps(body | {"schema": 9}), "schema 9"),
        (json.dumps(body | {"last_minute": 1}), "damaged"),
    ):
        path.write_text(text)
        with pytest.raises(LiveError, match=words):
            restore_stream(stream_over(small_panel(), SETS), path)
    with pytest.raises(LiveError, match="cannot be read"):
        restore_stream(stream, tmp_path / "none.json")


def test_silence_is_left_out_as_soon_as_it_is_known_to_be_long() -> None:
    """halt_min 3, settle_min 2: the fourth silent minute, and two minutes from the trade on."""
    silences = Silences(FrameSettings(halt_min=3, settle_min=2))
    traded = [True, False, False, False, False, False, True, True, True]
    left_out = [silences.leaves_out(True, each) for each in traded]
    assert left_out == [False, False, False, False, True, True, True, True, False]


def test_minutes_left_out_have_no_price() -> None:
    stream = Stream(SETS, rules(FrameSettings(halt_min=2, settle_min=0)))
    given = minutes(20)
    for at, minute in enumerate(given):
        is_silent = 10 <= at < 15
        stream.push(minute._replace(dydx_trades=0.0, dydx_volume=0.0) if is_silent else minute)
        assert stream.latest is not None
        if at >= 12 and is_silent:
            assert np.isnan(stream.latest.binance_close)
