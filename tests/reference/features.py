"""What is known at each minute, from the bars up to it; one function per line of the definitions.

NaN is unknown. Where the page of definitions is silent, the choice stands in the docstring.
"""

import math
import statistics
from collections.abc import Callable, Iterable, Sequence

from tests.reference.frame import NAN, Frame

TIMEFRAMES = (1, 5, 15, 60, 240)  # minutes: 1m, 5m, 15m, 1h, 4h
SESSIONS = ("asia", "europe", "us")
REGIMES = ("calm", "normal", "wild")


def spread_pct(frame: Frame) -> list[float]:
    """Return how far dYdX's close lies above Binance's, percent."""
    pairs = zip(frame["dydx_close"], frame["binance_close"], strict=True)
    return [(dydx - binance) / binance * 100 for dydx, binance in pairs]


def basis_pct(spread: Sequence[float], n: int) -> list[float]:
    """Return the median spread of the n rows before each row; NaN with fewer than n/6 present."""
    out = []
    for t in range(len(spread)):
        present = [x for x in spread[max(0, t - n) : t] if not math.isnan(x)]
        enough = len(present) > 0 and len(present) * 6 >= n
        out.append(statistics.median(present) if enough else NAN)
    return out


def spread_excess_pct(frame: Frame, n: int = 720) -> list[float]:
    """Return the spread less its basis over the n minutes before, percent."""
    spread = spread_pct(frame)
    return [x - base for x, base in zip(spread, basis_pct(spread, n), strict=True)]


def reference_pct(frame: Frame, reference: str, basis_min: int) -> list[float]:
    """Return the series that the thresholds are held against: `raw` or `excess`."""
    if reference == "raw":
        return spread_pct(frame)
    if reference == "excess":
        return spread_excess_pct(frame, basis_min)
    raise ValueError(f"reference must be raw or excess, was {reference}")


def binance_ret_window_pct(frame: Frame, w: int) -> list[float]:
    """Return Binance's move from the close w minutes ago, percent."""
    b = frame["binance_close"]
    return [(b[t] - b[t - w]) / b[t - w] * 100 if t >= w else NAN for t in range(len(b))]


def spread_compress(frame: Frame, k: int) -> list[float]:
    """Return the share of the spread that is gone k minutes later (an outcome, no feature)."""
    spread = spread_pct(frame)
    return [
        1 - abs(spread[t + k]) / abs(spread[t]) if t + k < len(spread) and spread[t] != 0 else NAN
        for t in range(len(spread))
    ]


def wilder(values: Iterable[float], n: int) -> list[float]:
    """Return Wilder's average: the mean of the first n values, then `(previous * (n-1) + v) / n`.

    A missing value is passed over: what is known stands on its row.
    """
    return running(values, n, lambda before, v: (before * (n - 1) + v) / n)


def running(values: Iterable[float], n: int, step: Callable[[float, float], float]) -> list[float]:
    """Return an average that starts with the mean of the first n values that are present."""
    out: list[float] = []
    seen: list[float] = []
    known = NAN
    for v in values:
        if not math.isnan(v):
            seen.append(v)
            if len(seen) == n:
                known = statistics.fmean(seen)
            elif len(seen) > n:
                known = step(known, v)
        out.append(known)
    return out


def atr_pct(frame: Frame, n: int = 60) -> list[float]:
    """Return Wilder's ATR(n) of the Binance bars in percent of their close.

    A true range needs the last close before it, and a missing minute is passed over: it has no
    ATR, and the next one is measured against the last close that is there.
    """
    high, low, close = (frame[f"binance_{field}"] for field in ("high", "low", "close"))
    ranges: list[float] = []
    before = NAN
    for t in range(len(close)):
        ranges.append(max(high[t] - low[t], abs(high[t] - before), abs(low[t] - before)))
        if math.isnan(before) or math.isnan(close[t]):
            ranges[t] = NAN
        before = before if math.isnan(close[t]) else close[t]
    known = zip(wilder(ranges, n), ranges, close, strict=True)
    return [NAN if math.isnan(tr) else atr / c * 100 for atr, tr, c in known]


def realized_vol_pct(frame: Frame, n: int) -> list[float]:
    """Return the std (ddof 1) of the last n one-minute log returns of Binance, percent.

    NaN unless all n are there.
    """
    b = frame["binance_close"]
    returns = [NAN] * min(1, len(b)) + [math.log(b[t] / b[t - 1]) for t in range(1, len(b))]
    out = []
    for t in range(len(b)):
        last = returns[t - n + 1 : t + 1] if t >= n else []
        known = len(last) == n and not any(math.isnan(x) for x in last)
        out.append(sample_std(last) * 100 if known else NAN)
    return out


def sample_std(values: Sequence[float]) -> float:
    """Return the standard deviation with ddof 1, NaN below two values."""
    if len(values) < 2:
        return NAN
    mean = statistics.fmean(values)
    return math.sqrt(math.fsum((x - mean) ** 2 for x in values) / (len(values) - 1))


def completed_bars(
    minutes: Sequence[int], closes: Sequence[float], timeframe: int
) -> list[tuple[int, float]]:
    """Return (row at whose end it is complete, close) of each bar of `timeframe` minutes.

    Bars stand on the UTC clock. One that begins before the frame or ends after it is not
    complete. Its close is the last close in it; a bar without any is passed over.
    """
    bars = []
    for start in range(len(minutes)):
        rows = range(start, start + timeframe)
        if minutes[start] % timeframe == 0 and rows[-1] < len(minutes):
            present = [closes[r] for r in rows if not math.isnan(closes[r])]
            bars += [(rows[-1], close) for close in present[-1:]]
    return bars


def as_known_at_rows(
    size: int, bars: Sequence[tuple[int, float]], values: Sequence[float]
) -> list[float]:
    """Return for each row the value of the last bar complete by then, NaN before the first."""
    news = {done: value for (done, _), value in zip(bars, values, strict=True)}
    out: list[float] = []
    for t in range(size):
        out.append(news[t] if t in news else out[-1] if out else NAN)
    return out


def rsi(
    minutes: Sequence[int], closes: Sequence[float], timeframe: int, n: int = 14
) -> list[float]:
    """Return Wilder's RSI(n) over the completed bars, NaN until n + 1 of them are complete.

    NaN where the price has not moved at all: 0 / 0.
    """
    bars = completed_bars(minutes, closes, timeframe)
    changes = [NAN] * min(1, len(bars))
    changes += [bars[i][1] - bars[i - 1][1] for i in range(1, len(bars))]
    gains = wilder([NAN if math.isnan(c) else max(c, 0.0) for c in changes], n)
    losses = wilder([NAN if math.isnan(c) else max(-c, 0.0) for c in changes], n)
    values = [
        100 * gain / (gain + loss) if gain + loss > 0 else NAN
        for gain, loss in zip(gains, losses, strict=True)
    ]
    return as_known_at_rows(len(minutes), bars, values)


def ema(values: Iterable[float], n: int) -> list[float]:
    """Return the exponential average: the mean of the first n values, then `alpha = 2 / (n + 1)`.

    A missing value is passed over, as in `wilder`.
    """
    return running(values, n, lambda before, v: before + 2 / (n + 1) * (v - before))


def mtf_aligned(
    minutes: Sequence[int],
    closes: Sequence[float],
    timeframes: Sequence[int] = TIMEFRAMES,
    fast: int = 9,
    slow: int = 21,
) -> list[float]:
    """Return +1 where EMA(fast) > EMA(slow) on every timeframe, -1 where below on every, else 0.

    NaN while any of them is unknown.
    """
    sides = []
    for timeframe in timeframes:
        bars = completed_bars(minutes, closes, timeframe)
        values = [close for _, close in bars]
        gaps = [f - s for f, s in zip(ema(values, fast), ema(values, slow), strict=True)]
        sides.append(as_known_at_rows(len(minutes), bars, gaps))
    return [
        NAN
        if any(math.isnan(gap[t]) for gap in sides)
        else float(all(gap[t] > 0 for gap in sides)) - float(all(gap[t] < 0 for gap in sides))
        for t in range(len(minutes))
    ]


def session(minute: int, cuts: Sequence[int] = (0, 8, 16)) -> str:
    """Return the block of the day that holds the minute's UTC hour; the last wraps to the first."""
    hour = minute // 60 % 24
    blocks = zip(SESSIONS, cuts, [*cuts[1:], cuts[0]], strict=True)
    return next(
        name for name, start, end in blocks if (hour - start) % 24 < ((end - start) % 24 or 24)
    )


def quantile(values: Iterable[float], q: float) -> float:
    """Return the quantile of the values that are present, by NumPy's default interpolation."""
    ordered = sorted(x for x in values if not math.isnan(x))
    if not ordered:
        return NAN
    at = (len(ordered) - 1) * q
    low = ordered[math.floor(at)]
    high = ordered[math.ceil(at)]
    share = at - math.floor(at)
    if share >= 0.5:  # NumPy walks back from the upper neighbour here; same value, other last bit
        return high - (high - low) * (1 - share)
    return low + (high - low) * share


def regime_edges(atr: Sequence[float], quantiles: Sequence[float] = (1 / 3, 2 / 3)) -> list[float]:
    """Return the edges fitted on a training span's `atr_pct`."""
    return [quantile(atr, q) for q in quantiles]


def regime(atr: float, edges: Sequence[float]) -> str | None:
    """Return the bucket of one `atr_pct` (an edge belongs to the upper), None where unknown."""
    if math.isnan(atr) or any(math.isnan(edge) for edge in edges):
        return None
    return REGIMES[sum(atr >= edge for edge in edges)]
