"""Do two feeds name the same minute alike? The shift at which their returns agree best."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from research.data.quality.activity import Cause, cause_of_shift
from research.data.quality.jumps import robust_sigma_pct
from research.data.tables.schema import MINUTE_MS, iso_minute, minutes_ms

__all__ = ["NEAR_MIN", "Alignment", "ShiftedDays", "align", "shifts_to_try"]

NEAR_MIN = 90  # every shift up to here is tried
_FAR_HOURS = 14  # and whole and half hours up to here: local time instead of UTC
_DAY_MIN = 1440
_FEWEST = 120  # common returns below which no shift is judged
_AGREES = 0.3  # a correlation that two feeds of one market exceed at the right shift
_CLEARLY = 0.1  # by how much another shift must beat 0
_MOST_SIGMAS = 8.0  # larger returns count as that large: one bad print must not outweigh a day
_SPANS_NAMED = 4

_Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ShiftedDays:
    """UTC days in a row on which another shift than 0 agrees clearly better."""

    first: str  # ISO minute
    last: str
    shift_min: int


@dataclass(frozen=True, slots=True)
class Alignment:
    """The best shift of the dYdX stamps against Binance, and how clear it is.

    ``shift_min`` s > 0: the dYdX row stamped s minutes LATER moves like the Binance row.
    Correlations are of one-minute log returns, trimmed at 8 robust sigmas of their venue; NaN
    where too few are common.
    """

    shift_min: int
    correlation: float
    correlation_at_zero: float
    correlation_before: float  # at -1
    correlation_after: float  # at +1
    common_returns: int  # at shift 0
    is_judged: bool  # long enough and alike enough to say anything
    is_misaligned: bool
    sentence: str  # what it means and what to do
    shifted_days: tuple[ShiftedDays, ...] = ()
    cause: Cause = "unknown"  # of the shift over the whole span

    @property
    def is_two_markets(self) -> bool:
        """Whether the span is long enough, and no shift makes the returns agree."""
        return not self.is_judged and bool(np.isfinite(self.correlation))


def shifts_to_try() -> tuple[int, ...]:
    """-90..90 minutes, and whole and half hours as far as time zones go."""
    halves = range(-2 * _FAR_HOURS, 2 * _FAR_HOURS + 1)
    return tuple(sorted({*range(-NEAR_MIN, NEAR_MIN + 1), *(30 * half for half in halves)}))


def align(binance: pd.DataFrame, dydx: pd.DataFrame) -> Alignment:
    """The shift of ``dydx`` against ``binance`` at which one-minute returns agree best.

    Every UTC day is judged by itself too, so that a clock change half-way is seen. A shift of few
    minutes is no fault where trading says that dYdX truly follows (``cause``).

    Parameters
    ----------
    binance, dydx : DataFrame
        Candle tables, rising and unique; gaps allowed (a return over a gap is unknown).
    """
    first_day, ours, theirs = _by_day(binance["close"], dydx["close"])
    shifts = shifts_to_try()
    zero = shifts.index(0)
    sums = _day_sums(ours, theirs, shifts)
    pooled, counts = _correlations(sums.sum(axis=1))
    best = _best(pooled, counts, zero)
    correlation = float(pooled[best])
    is_judged = bool(correlation > _AGREES)
    days, is_whole = _shifted_days(sums, shifts, first_day)
    is_off = best != zero and _beats(pooled, best, zero) and (is_whole or not days)
    cause: Cause = cause_of_shift(binance, dydx, shifts[best]) if is_off else "unknown"
    is_lag = is_off and cause == "lag"
    if is_lag:
        days = ()
    return Alignment(
        shift_min=shifts[best],
        correlation=correlation,
        correlation_at_zero=float(pooled[zero]),
        correlation_before=float(pooled[zero - 1]),
        correlation_after=float(pooled[zero + 1]),
        common_returns=int(counts[zero]),
        is_judged=is_judged,
        is_misaligned=(is_off and not is_lag) or bool(days),
        sentence=_sentence(shifts[best], is_off, correlation, days, is_whole, cause),
        shifted_days=days,
        cause=cause,
    )


def _by_day(binance: pd.Series, dydx: pd.Series) -> tuple[int, _Floats, _Floats]:
    """First UTC midnight (ms), and one-minute log returns (days, 1440) of both, NaN = unknown."""
    # beyond the common span only what a far shift can bring in
    reach = pd.Timedelta(hours=_FAR_HOURS)
    begins, ends = (
        sorted((binance.index[0], dydx.index[0])),
        sorted((binance.index[-1], dydx.index[-1])),
    )
    first = max(begins[0], begins[1] - reach).floor("D")
    last = min(ends[1], ends[0] + reach).floor("D") + pd.Timedelta(minutes=_DAY_MIN - 1)
    grid = pd.date_range(first, last, freq="min", unit="ms")
    ours, theirs = (
        _trimmed(np.diff(np.log(series.reindex(grid).to_numpy(dtype=np.float64)), prepend=np.nan))
        for series in (binance, dydx)
    )
    days = (-1, _DAY_MIN)
    return int(minutes_ms(grid)[0]), ours.reshape(days), theirs.reshape(days)


def _trimmed(returns: _Floats) -> _Floats:
    most = _MOST_SIGMAS * robust_sigma_pct(returns)
    return np.clip(returns, -most, most) if most > 0 else returns


def _day_sums(ours: _Floats, theirs: _Floats, shifts: tuple[int, ...]) -> _Floats:
    """(shifts, days, 6): n and the sums of x, y, xx, yy, xy over the pairs known at a shift.

    A day is Binance's; the dYdX minute that a shift pairs with it may lie in the next one.
    """
    x, known_x = _known(ours)
    reach = max(map(abs, shifts))
    y, known_y = (np.pad(lane.ravel(), reach) for lane in _known(theirs))
    xx, yy = x * x, y * y
    sums = np.empty((len(shifts), len(ours), 6))
    for at, shift in enumerate(shifts):
        there = slice(reach + shift, reach + shift + ours.size)
        y_s, yy_s, known_s = (lane[there].reshape(ours.shape) for lane in (y, yy, known_y))
        pairs = (
            (known_x, known_s),
            (x, known_s),
            (known_x, y_s),
            (xx, known_s),
            (known_x, yy_s),
            (x, y_s),
        )
        for lane, (left, right) in enumerate(pairs):
            sums[at, :, lane] = np.einsum("dm,dm->d", left, right)
    return sums


def _known(returns: _Floats) -> tuple[_Floats, _Floats]:
    known = np.isfinite(returns)
    return np.where(known, returns, 0.0), known.astype(np.float64)


def _correlations(sums: _Floats) -> tuple[_Floats, _Floats]:
    n, x, y, xx, yy, xy = np.moveaxis(sums, -1, 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        spread_x, spread_y = xx - x * x / n, yy - y * y / n
        correlation = (xy - x * y / n) / np.sqrt(spread_x * spread_y)
    usable = (n >= _FEWEST) & (spread_x > 0) & (spread_y > 0)
    return np.where(usable, correlation, np.nan), n


def _best(correlations: _Floats, counts: _Floats, zero: int) -> int:
    # a far shift of two short series rests on a short overlap: half of the longest is asked for
    fair = np.where(counts >= counts.max() / 2, correlations, np.nan)
    return zero if np.isnan(fair).all() else int(np.nanargmax(fair))


def _beats(correlations: _Floats, best: int, zero: int) -> bool:
    at_zero = 0.0 if np.isnan(correlations[zero]) else float(correlations[zero])
    return float(correlations[best]) > max(_AGREES, at_zero + _CLEARLY)


def _shifted_days(
    sums: _Floats, shifts: tuple[int, ...], first_day: int
) -> tuple[tuple[ShiftedDays, ...], bool]:
    """Runs of days with one shift other than 0, and whether one shift holds on every day."""
    zero = shifts.index(0)
    runs: list[ShiftedDays] = []
    judged: set[int] = set()
    previous = 0
    for day in range(sums.shape[1]):
        correlations, counts = _correlations(sums[:, day])
        best = _best(correlations, counts, zero)
        if not correlations[best] > _AGREES:
            continue
        shift = shifts[best] if best != zero and _beats(correlations, best, zero) else 0
        judged.add(shift)
        begin = first_day + day * _DAY_MIN * MINUTE_MS
        last = iso_minute(begin + (_DAY_MIN - 1) * MINUTE_MS)
        if shift != 0 and shift == previous:
            runs[-1] = ShiftedDays(runs[-1].first, last, shift)
        elif shift != 0:
            runs.append(ShiftedDays(iso_minute(begin), last, shift))
        previous = shift
    return tuple(runs), len(judged) == 1


def _sentence(
    shift: int,
    is_off: bool,
    correlation: float,
    days: tuple[ShiftedDays, ...],
    is_whole: bool,
    cause: Cause,
) -> str:
    if np.isnan(correlation):
        return f"fewer than {_FEWEST} common one-minute returns: too short to judge the stamps"
    if is_off:
        return _off(shift, cause)
    if days:
        return _on_some_days(days, is_whole)
    if correlation <= _AGREES:
        return (
            f"no shift makes the returns agree (best {correlation:.2f}): "
            "are these two feeds of one market?"
        )
    return "the stamps agree"


def _off(shift: int, cause: Cause) -> str:
    if cause == "lag":
        first, second = ("dYdX", "Binance") if shift > 0 else ("Binance", "dYdX")
        return (
            f"{first} follows {second} by {abs(shift)} min and the stamps are right: volumes, "
            "trade counts or ranges line up in the same minute; do not shift anything"
        )
    if cause == "stamps":
        return f"{_fault(shift)}: {_cure(shift)}"
    return (
        f"{_fault(shift)}: a venue that truly follows by {abs(shift)} min looks the same, and "
        "volumes and trade counts do not tell; look up how each file is stamped (an open stamp "
        f"names the minute's begin), and only if one is by close {_cure(shift)}"
    )


def _on_some_days(days: tuple[ShiftedDays, ...], is_whole: bool) -> str:
    spans = ", ".join(
        f"from {part.first} to {part.last} {_fault(part.shift_min)}" for part in days[:_SPANS_NAMED]
    )
    more = f" (and {len(days) - _SPANS_NAMED} more spans)" if len(days) > _SPANS_NAMED else ""
    shifts = list(dict.fromkeys(part.shift_min for part in days))
    others = "" if is_whole or len(shifts) > 1 else ", other days agree"
    if len(shifts) == 1:
        return f"{spans}{more}{others}: split the files there, then {_cure(shifts[0])}"
    moves = " and ".join(f"{-shift:+d}" for shift in shifts)
    return (
        f"{spans}{more}: the clock of one venue changes; split the files there, take its folder "
        f"out of the store and import the parts again, dYdX's with --shift-min {moves} in turn "
        "(Binance's with the opposite), or write times in UTC"
    )


def _fault(shift: int) -> str:
    way = "late" if shift > 0 else "early"
    size = abs(shift)
    if size == 1:
        other = "dYdX" if shift > 0 else "Binance"
        return f"dYdX stands 1 minute {way}, as if {other} were stamped by CLOSE time, not open"
    if size % 30 == 0:
        return f"dYdX stands {size} minutes {way} ({size / 60:g} h: time zone or daylight saving)"
    return f"dYdX stands {size} minutes {way} against Binance"


def _cure(shift: int) -> str:
    return (
        "take the folder of the wrong venue out of the store and import its files again with "
        f"--shift-min {-shift} (dydx) or --shift-min {shift} (binance)"
    )
