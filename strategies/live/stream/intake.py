"""A closed minute as panels read it: prices only where a venue traded, features, labels.

Where the silence of a venue turns out to be a halt, the minutes since its second one are taken
back: frames leave them out, and every feature that remembers would differ ever after.
"""

import math

import numpy as np

from research.arrays import Floats, Ints
from research.data.tables.schema import VENUES
from research.features.labels import SESSIONS
from research.features.running import NAMES, Lookbacks, Running, advance, start
from strategies.live.stream import step
from strategies.live.stream.armed import StreamRules
from strategies.live.stream.minute import LiveMinute
from strategies.live.stream.silence import Silences

__all__ = ["Intake"]

_ATR = NAMES.index("atr_pct")
_DYDX = slice(LiveMinute._fields.index("dydx_open"), LiveMinute._fields.index("dydx_volume"))


class Intake:
    """What is known of the newest minute, and what features remember.

    Attributes
    ----------
    known
        The row that steps read; places are named in :mod:`strategies.live.stream.step`.
    running, silences
        The memory of the features, and of silences (None: minutes are not left out).
    kept, kept_minute
        By venue: what features remembered after the first minute of its silence, and that minute.
    """

    def __init__(self, rules: StreamRules, windows: Ints) -> None:
        look = rules.panel.features
        self._lookbacks = Lookbacks(
            look.basis_min, look.atr_min, look.realized_vol_min, look.rsi_bars
        )
        self._windows = windows
        longest = max([1, *windows.tolist()])
        self.running = start(self._lookbacks, longest)
        self.known = np.full(step.KNOWN + len(windows), np.nan)
        self._leads = self.known[step.KNOWN :]  # a view
        self._candle = np.empty(4)
        self._blank = np.full(4, np.nan)
        self.silences = Silences(rules.silence) if rules.silence else None
        self.kept = tuple(start(self._lookbacks, longest) for _ in VENUES)
        self.kept_minute = [-1 for _ in VENUES]
        cuts = rules.panel.sessions.cuts
        # the hours before the first cut belong to the last session
        self._session_by_hour = [
            sum(hour >= cut for cut in cuts) - 1 if hour >= cuts[0] else len(SESSIONS) - 1
            for hour in range(24)
        ]
        self._edges = (rules.edges.low, rules.edges.high)

    def take(self, minute: LiveMinute) -> None:
        """Makes ``known`` that of ``minute``."""
        is_binance, is_dydx = minute.binance_traded, minute.dydx_traded
        age, row = minute.dydx_age_min, self.known
        row[step.AGE] = (0.0 if is_dydx else row[step.AGE] + 1) if age != age else age
        if self.silences and self.silences.leaves_out(is_binance, is_dydx):
            is_binance = is_dydx = False
            for venue in self.silences.now_long():
                self._take_back(venue, minute.minute)
        self._prices(minute, is_binance=is_binance, is_dydx=is_dydx)
        self._advance(minute.minute, self._candle)
        self._label(minute.minute)
        if self.silences:
            for venue, run in enumerate(self.silences.runs):
                if run == 1:
                    self._keep(venue, minute.minute)

    def _prices(self, minute: LiveMinute, *, is_binance: bool, is_dydx: bool) -> None:
        row, nan = self.known, math.nan
        row[step.OPEN : step.CLOSE + 1] = minute[_DYDX] if is_dydx else (nan, nan, nan, nan)
        row[step.BINANCE_OPEN] = minute.binance_open if is_binance else nan
        row[step.BINANCE_CLOSE] = minute.binance_close if is_binance else nan
        row[step.RATE] = minute.funding_rate
        row[step.BINANCE_RATE] = minute.binance_funding_rate
        if minute.minute % 60 == 0 and minute.funding_rate == minute.funding_rate:
            row[step.PAID_RATE] = minute.funding_rate
        row[step.BAD_PRINT] = minute.dydx_bad_print
        candle = self._candle
        candle[0] = minute.binance_high if is_binance else nan
        candle[1] = minute.binance_low if is_binance else nan
        candle[2], candle[3] = row[step.BINANCE_CLOSE], row[step.CLOSE]

    def _advance(self, number: int, candle: Floats) -> None:
        advance(
            self.running, self._lookbacks, self._windows, number, candle, self.known, self._leads
        )

    def _label(self, number: int) -> None:
        low, high = self._edges
        atr = float(self.known[_ATR])
        self.known[step.SESSION] = self._session_by_hour[number // 60 % 24]
        if atr != atr or low != low:
            self.known[step.REGIME] = -1
        else:
            self.known[step.REGIME] = 0 if atr < low else 1 if atr < high else 2

    def _keep(self, venue: int, number: int) -> None:
        _copy(self.running, self.kept[venue])
        self.kept_minute[venue] = number

    def _take_back(self, venue: int, number: int) -> None:
        """Lives the minutes of a silence, its first one aside, again: nothing was in them."""
        _copy(self.kept[venue], self.running)
        for missed in range(self.kept_minute[venue] + 1, number):
            self._advance(missed, self._blank)
            for other, began in enumerate(self.kept_minute):
                if began == missed:  # another venue's silence began in these minutes
                    self._keep(other, missed)


def _copy(source: Running, target: Running) -> None:
    for one, other in zip(source, target, strict=True):
        np.copyto(other, one)
