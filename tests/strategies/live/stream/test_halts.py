"""Halts as a bot meets them, against the frame that knows them: equal wherever it has minutes."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from research.data.quality.exclusions import excluded_minutes
from research.data.tables.schema import minutes_ms
from research.features.panel import FEATURES, Panel, features
from research.frame.frame import Frame, build_frame
from research.settings.frame import FrameSettings
from strategies.live.stream import Stream, StreamRules, minutes_of_frame
from tests.samples.markets import small_frame
from tests.samples.streams import differences, random_sets

RULE = FrameSettings(halt_min=30, settle_min=5)
SETS = random_sets(12, 21)


def frames(silent: dict[str, list[tuple[int, int]]]) -> tuple[Frame, Frame]:
    """The sample with silences by venue (first row, minutes): as it comes in, and cut by rule."""
    table = small_frame().table
    candles = {}
    for venue in ("binance", "dydx"):
        names = ("open", "high", "low", "close", "volume", "trades")
        mine: pd.DataFrame = table[[f"{venue}_{name}" for name in names]].copy()
        mine.columns = pd.Index(names)
        for first, minutes in silent.get(venue, []):
            mine.iloc[first : first + minutes] = np.nan
        candles[venue] = mine.dropna(subset=["close"])
    hours = table.loc[table.index.minute == 0, "funding_rate"]
    raw, cut = (
        build_frame(candles["binance"], candles["dydx"], hours, market="SYNTH", rule=rule)
        for rule in (None, RULE)
    )
    return raw, cut


def compared(raw: Frame, cut: Frame) -> tuple[Stream, Panel]:
    """The stream over what comes in; its features are those of the cut frame where that has any."""
    panel = features(cut)
    rules = StreamRules(panel=panel.settings, edges=panel.edges, silence=RULE)
    stream = Stream(SETS, rules)
    left_out = excluded_minutes(minutes_ms(cut.table.index), cut.exclusions)
    assert left_out.sum() > 30
    for t, minute in enumerate(minutes_of_frame(raw)):
        stream.push(minute)
        if left_out[t]:
            continue
        latest = stream.latest
        assert latest is not None
        for name in FEATURES:
            np.testing.assert_equal(getattr(latest, name), panel.column(name)[t], str((t, name)))
        for name, values in panel.rsi.items():
            np.testing.assert_equal(getattr(latest, f"rsi_{name}"), values[t])
    stream.finish()
    return stream, panel


def test_after_a_halt_of_dydx_features_and_trades_are_those_of_the_frame() -> None:
    raw, cut = frames({"dydx": [(1500, 60), (2600, 31), (3000, 30), (4000, 33), (4035, 40)]})
    stream, panel = compared(raw, cut)
    assert len(stream.closed_trades) > 100
    assert differences(panel, SETS, stream.closed_trades) == 0


@pytest.mark.parametrize("shift", [-40, -10, 0, 10, 29, 31, 36])
def test_halts_of_both_venues_may_overlap(shift: int) -> None:
    raw, cut = frames({"dydx": [(2000, 50)], "binance": [(2000 + shift, 45)]})
    compared(raw, cut)


def test_a_silence_that_is_no_halt_takes_nothing_back() -> None:
    raw, _ = frames({"dydx": [(2000, 30)], "binance": [(2600, 29)]})
    panel = features(raw)
    known = {}
    for silence in (RULE, None):
        rules = StreamRules(panel=panel.settings, edges=panel.edges, silence=silence)
        stream = Stream([replace(each) for each in SETS], rules)
        for minute in minutes_of_frame(raw):
            stream.push(minute)
        known[silence] = stream.intake.known.tobytes()
    assert known[RULE] == known[None]
