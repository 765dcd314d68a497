"""How much history a feature needs until it is what it is with all history.

The frame is started late, several times, and each feature compared with itself on the whole frame.
*Windows* look back a fixed number of minutes: after that they must be equal to the last bit, and
before it unknown (NaN), or they say something that hangs on where the data starts. *Recursive*
ones (Wilder, EMA) never forget, but their start fades by a known factor a bar: to 1e-9 within 21
bars a bar of Wilder's length. It is told in minutes after how many they are there, and by
:data:`FADED` times their length they must be.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from research.arrays import Bools, Floats
from research.features import panel as panels
from research.features.bars import TIMEFRAMES
from research.features.panel import FEATURES, Panel
from research.features.trend import SLOW
from sweeps.verdict.audit.findings import Warmup
from sweeps.verdict.audit.history import part

__all__ = ["CLOSE", "FADED", "warmups_of"]

CLOSE = 1e-9  # relative
FADED = 30  # lengths; ln(1e9) = 20.7 are enough for the mean, more for a ratio of two
_LEAST = 1e-6  # below it numbers are compared as if they were it
_STARTS = 12
_LEAD_WINDOWS = (3, 5, 10)
_ODD = 7  # minutes off the hour, so that bars have begun already


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lookback:
    """What the definition of a feature says."""

    minutes: int | None = None  # None: recursive
    faded_by: int = 0  # a recursive one is within 1e-9 after so many minutes
    partial_from: int | None = None  # a window that speaks before it is full, from so many minutes


def warmups_of(panel: Panel, seed: int) -> tuple[Warmup, ...]:
    """Every feature of ``panel`` by name; none where the frame is too short to be started late."""
    starts = _starts(panel, seed)
    if not starts:
        return ()
    names = tuple(_declared(panel))
    measured = {name: _Measured() for name in names}
    whole = _columns(panel)
    for start in starts:
        late = panels.features(
            part(panel.frame, slice(start, None)), panel.settings, edges=panel.edges
        )
        for name, values in _columns(late).items():
            measured[name].add(whole[name][start:], values)
    return tuple(
        measured[name].warmup(name, declared) for name, declared in _declared(panel).items()
    )


def _starts(panel: Panel, seed: int) -> list[int]:
    """Rows to start at: in the first half, at all minutes of the clock, one right after a bar."""
    half = len(panel) // 2
    if half < _STARTS:
        return []
    generator = np.random.default_rng(seed)
    drawn = generator.choice(np.arange(1, half), size=_STARTS - 2, replace=False)
    border = int(-panel.minute[0] % 240) or 240
    fixed = [row for row in (border, border + _ODD) if row < half]
    return sorted({*(int(row) for row in drawn), *fixed})


def _declared(panel: Panel) -> Mapping[str, _Lookback]:
    look = panel.settings.features
    basis = _Lookback(minutes=look.basis_min, partial_from=-(-look.basis_min // 6))
    longest = max(TIMEFRAMES.values())
    atr = _Lookback(faded_by=FADED * look.atr_min)
    named = {
        "spread_pct": _Lookback(minutes=0),
        "basis_pct": basis,
        "spread_excess_pct": basis,
        "atr_pct": atr,
        "realized_vol_pct": _Lookback(minutes=look.realized_vol_min),
        # an EMA of n bars fades as Wilder's mean of (n + 1) / 2 does
        "mtf_aligned": _Lookback(faded_by=FADED * (SLOW + 1) // 2 * longest),
    }
    named |= {
        f"rsi_{timeframe}": _Lookback(faded_by=FADED * look.rsi_bars * bar_min)
        for timeframe, bar_min in TIMEFRAMES.items()
    }
    named |= {f"binance_ret_{w}_pct": _Lookback(minutes=w) for w in _LEAD_WINDOWS}
    return named | {"session": _Lookback(minutes=0), "regime": atr}


def _columns(panel: Panel) -> dict[str, Floats]:
    found = {name: panel.column(name) for name in FEATURES}
    found |= {f"rsi_{timeframe}": values for timeframe, values in panel.rsi.items()}
    found |= {f"binance_ret_{w}_pct": panel.lead_return_pct(w) for w in _LEAD_WINDOWS}
    found["session"] = panel.session.astype(np.float64)
    found["regime"] = np.where(panel.regime < 0, np.nan, panel.regime).astype(np.float64)
    return found


@dataclass(slots=True)
class _Measured:
    """One feature over the starts so far: rows until nothing differs any more, at the worst."""

    known: int | None = None  # earliest row that is known
    exact: int = 0
    close: int = 0
    is_exact_open: bool = False  # a difference went on to the end of the frame
    is_close_open: bool = False

    def add(self, whole: Floats, late: Floats) -> None:
        is_known = ~np.isnan(late)
        if is_known.any():
            first = int(np.argmax(is_known))
            self.known = first if self.known is None else min(self.known, first)
        is_lacking = ~is_known & ~np.isnan(whole)  # unknown where all history knows
        differs = is_lacking | (is_known & (late != whole))
        is_far = np.abs(late - whole) > CLOSE * np.maximum(np.abs(whole), _LEAST)
        is_off = is_lacking | (is_known & (is_far | np.isnan(whole)))
        self.exact, self.close = max(self.exact, _end(differs)), max(self.close, _end(is_off))
        self.is_exact_open |= _end(differs) == late.size
        self.is_close_open |= _end(is_off) == late.size

    def warmup(self, name: str, declared: _Lookback) -> Warmup:
        exact = None if self.known is None or self.is_exact_open else self.exact
        close = None if self.known is None or self.is_close_open else self.close
        if declared.minutes is None:
            is_broken = self.close > declared.faded_by
        else:
            is_broken = self.exact > declared.minutes
        return Warmup(
            name=name,
            known_after=self.known,
            exact_after=exact,
            close_after=close,
            declared=declared.minutes,
            sentence=_sentence(declared, self.known, exact, close, is_broken=is_broken),
            is_broken=is_broken,
        )


def _end(mask: Bools) -> int:
    hits = np.flatnonzero(mask)
    return int(hits[-1]) + 1 if hits.size else 0


def _sentence(
    declared: _Lookback, known: int | None, exact: int | None, close: int | None, *, is_broken: bool
) -> str:
    if known is None:
        return "unknown throughout: the frame is too short for it"
    if declared.minutes is None:
        words = "not within this frame" if close is None else f"after {close:,} min"
        late = f", which is more than {declared.faded_by:,}: hangs on the start" * is_broken
        return f"never forgets its start: within 1e-9 {words}{late}"
    if is_broken:
        when = "never" if exact is None else f"only after {exact:,} min"
        return f"looks back {declared.minutes:,} min, but is equal {when}: hangs on the start"
    if declared.partial_from is not None:
        return (
            f"speaks from {declared.partial_from:,} min on, hangs on the start up to "
            f"{declared.minutes:,} min: a sixth of the window is enough by definition"
        )
    if declared.minutes == 0:
        return "needs no history"
    return f"unknown until its {declared.minutes:,} min are there, exact from then on"
