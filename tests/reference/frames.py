"""Hypothesis strategies for nasty frames, and for parameters that sit exactly on their values.

Prices lie on a coarse tick grid, so that exact ties are common. Either venue has gaps, and minutes
without a trade whose candle repeats an old close; funding comes with unknown rates.
"""

import math
from collections.abc import Iterable, Sequence
from itertools import product
from typing import Any, NamedTuple

from hypothesis import strategies as st

from tests.reference.features import binance_ret_window_pct, reference_pct
from tests.reference.frame import FIELDS, NAN, Candle, Frame, as_read, build_frame, empty_frame
from tests.reference.trade import gross_pct

MAX_ROWS = 60
START_TICKS = 1_000  # far enough from zero for MAX_ROWS steps down


class Row(NamedTuple):
    """What one minute holds, in ticks; each field is one drawn byte, 0 the plainest."""

    step: int  # Binance, from the close before to this one
    binance: str
    dydx: str
    premium: int  # dYdX above the Binance close that it follows
    body: int  # dYdX, from its open to its close
    above: int  # wick
    below: int  # wick
    trade_count: int  # and the volume in halves


CHOICES: dict[str, Sequence[Any]] = {
    "step": (0, 1, -1, 2, -2, 3, -3, 4, -4),
    "binance": ("traded",) * 12 + ("flat", "missing"),
    "dydx": ("traded",) * 9 + ("flat",) * 2 + ("missing",),
    "premium": (0, 1, -1, 2, -2, 3, -3),
    "body": (0, 1, -1, 2, -2, 3, -3),
    "above": (0, 1, 2, 3),
    "below": (0, 1, 2, 3),
    "trade_count": (1, 2, 5, 9),
}


@st.composite
def frames(draw: st.DrawFn, min_rows: int = 0, max_rows: int = MAX_ROWS) -> Frame:
    """Draw a frame of at most `max_rows` rows, all columns, NaN where a venue did not deliver."""
    size = draw(st.integers(min_rows, max_rows))
    if size == 0:
        return empty_frame()
    rows = draw(row_lists(size))
    tick = draw(st.sampled_from([0.125, 0.1]))  # exact in binary, and not
    lag = draw(st.integers(0, 4))
    counts_trades = draw(st.booleans())
    binance, dydx = venue_candles(rows, tick, lag=lag, counts_trades=counts_trades)
    _, frame = build_frame(binance, dydx, draw(funding_payments(size)))
    if draw(st.booleans()):  # the column is optional
        paid = dict(draw(funding_payments(size)))
        frame["binance_funding_rate"] = [paid.get(t, 0.0) for t in range(size)]
    return with_gaps(frame, rows)


def row_lists(size: int) -> st.SearchStrategy[list[Row]]:
    """Return a strategy for `size` rows, drawn as bytes: much faster than a draw per field."""
    width = len(CHOICES)
    return st.binary(min_size=size * width, max_size=size * width).map(
        lambda drawn: [row_from(drawn[at : at + width]) for at in range(0, len(drawn), width)]
    )


def row_from(drawn: bytes) -> Row:
    """Return the row that one byte per field chooses."""
    chosen = zip(CHOICES.items(), drawn, strict=True)
    return Row(**{name: choices[byte % len(choices)] for (name, choices), byte in chosen})


def venue_candles(
    rows: list[Row], tick: float, *, lag: int, counts_trades: bool
) -> tuple[list[Candle], list[Candle]]:
    """Return both venues' candles, one per row: gaps are cut out once the grid is built."""
    binance, dydx = [], []
    leader = [START_TICKS]
    old_close: int | None = None
    old_leader = START_TICKS
    silent = 0.0 if counts_trades else NAN
    for minute, row in enumerate(rows):
        leader.append(leader[-1] + row.step)
        wicks = (row.above, row.below)
        trades = float(row.trade_count) if counts_trades else NAN
        if row.binance == "flat":
            binance.append(candle(minute, old_leader, old_leader, 0, 0, tick, 0, silent))
        else:
            binance.append(
                candle(minute, leader[-2], leader[-1], *wicks, tick, row.trade_count, trades),
            )
            old_leader = leader[-1]
        close = leader[max(0, len(leader) - 1 - lag)] + row.premium
        if row.dydx == "traded":
            dydx.append(
                candle(minute, close - row.body, close, *wicks, tick, row.trade_count, trades)
            )
            old_close = close
        else:
            still = close if old_close is None else old_close
            dydx.append(candle(minute, still, still, 0, 0, tick, 0, silent))
    return binance, dydx


def candle(
    minute: int,
    opening: int,
    close: int,
    above: int,
    below: int,
    tick: float,
    volume_halves: int,
    trades: float,
) -> Candle:
    """Return a candle from whole ticks, with wicks above and below its body."""
    high, low = max(opening, close) + above, min(opening, close) - below
    return Candle(
        minute,
        opening * tick,
        high * tick,
        low * tick,
        close * tick,
        volume_halves / 2,
        trades,
    )


def with_gaps(frame: Frame, rows: list[Row]) -> Frame:
    """Return the frame with NaN in the columns of a venue on the rows that it did not deliver."""
    out = dict(frame)
    for venue in ("binance", "dydx"):
        for field in FIELDS:
            name = f"{venue}_{field}"
            out[name] = [
                NAN if getattr(row, venue) == "missing" else x
                for row, x in zip(rows, frame[name], strict=True)
            ]
    return out


@st.composite
def funding_payments(draw: st.DrawFn, size: int) -> list[tuple[int, float]]:
    """Draw payments at a steady distance, also shorter than an hour so that trades meet several."""
    distance = draw(st.sampled_from([60, 7, 3, 1]))
    first = draw(st.integers(0, distance - 1))
    due = range(first, size, distance)
    rates = st.sampled_from([0.0, 0.0000125, -0.00003, 0.001, NAN])
    return list(zip(due, draw(st.lists(rates, min_size=len(due), max_size=len(due))), strict=True))


@st.composite
def lead_params(draw: st.DrawFn, frame: Frame) -> dict[str, Any]:
    """Draw every argument of `lead_trades` but the frame; thresholds often meet its values."""
    window = draw(st.integers(3, 10))
    reference = draw(st.sampled_from(["raw", "excess"]))
    basis_min = draw(st.sampled_from([6, 3, 12, 720]))
    shared = draw(execution(frame))
    frame = as_read(frame, shared["flat_is_price"])
    spreads = sizes(reference_pct(frame, reference, basis_min))
    moves = sizes(binance_ret_window_pct(frame, window))
    return {
        "mode": draw(st.sampled_from(["long", "short"])),
        "reference": reference,
        "basis_min": basis_min,
        "window": window,
        "move_pct": draw(low_threshold(moves, 0.1)),
        "spread_entry": draw(st.just(0.0) | low_threshold(spreads, 0.1)),
        "tp": draw(threshold(pnl_sizes(frame), 0.3)),
        "sl": draw(threshold(pnl_sizes(frame), 0.3)),
        "horizon": draw(st.integers(1, 8) | st.integers(9, MAX_ROWS + 20)),
        "cooldown": draw(st.integers(1, 6) | st.integers(7, 30)),
        "touch": draw(st.sampled_from(["close", "intrabar"])),
        **shared,
    }


@st.composite
def reversion_params(draw: st.DrawFn, frame: Frame) -> dict[str, Any]:
    """Draw every argument of `reversion_trades` but the frame; thresholds often meet its values."""
    reference = draw(st.sampled_from(["raw", "excess"]))
    basis_min = draw(st.sampled_from([6, 3, 12, 720]))
    shared = draw(execution(frame))
    frame = as_read(frame, shared["flat_is_price"])
    spreads = sizes(reference_pct(frame, reference, basis_min))
    entry = draw(low_threshold(spreads, 0.2))
    below = [x for x in spreads if x < entry]
    return {
        "reference": reference,
        "basis_min": basis_min,
        "entry": entry,
        "exit": draw(st.just(0.0) | threshold(below, entry / 2)),
        "max_hold": draw(st.integers(1, 8) | st.integers(9, MAX_ROWS + 20)),
        "min_gap": draw(st.integers(1, 6) | st.integers(7, 30)),
        **shared,
    }


@st.composite
def execution(draw: st.DrawFn, frame: Frame) -> dict[str, Any]:
    """Draw the arguments that both strategies share."""
    size = len(frame["dydx_close"])
    masks = st.lists(st.sampled_from([True, True, False]), min_size=size, max_size=size)
    return {
        "fill": draw(st.sampled_from(["close", "next_open"])),
        "overlap": draw(st.booleans()),
        "max_age_min": draw(st.sampled_from([math.inf, 0.0, 1.0, 3.0])),
        "fees_bps": draw(st.sampled_from([0.0, 8.0, 10.0, 20.0])),
        "slippage_bps": draw(st.sampled_from([0.0, 1.0, 2.5])),
        "funding_on": draw(st.booleans()),
        "flat_is_price": draw(st.booleans()),
        "allowed": draw(st.none() | masks),
    }


def threshold(observed: list[float], otherwise: float) -> st.SearchStrategy[float]:
    """Return a strategy for an observed size, where there is one, or a plain number."""
    plain = st.just(otherwise)
    return st.sampled_from(observed) | plain if observed else plain


def low_threshold(observed: list[float], otherwise: float) -> st.SearchStrategy[float]:
    """Return `threshold` with the lowest third drawn more often, so that signals are common."""
    return threshold(observed[: len(observed) // 3 + 1], otherwise) | threshold(observed, otherwise)


def sizes(values: Iterable[float]) -> list[float]:
    """Return the distinct absolute values above 0, ascending."""
    return sorted({abs(x) for x in values if abs(x) > 0})


def pnl_sizes(frame: Frame) -> list[float]:
    """Return sizes of gross pnl that a position of a few minutes can show in this frame."""
    size = len(frame["dydx_close"])
    seen: list[float] = []
    for t, ahead in product(range(size), (1, 2, 4)):
        if t + ahead < size:
            entries = (frame["dydx_close"][t], frame["dydx_open"][t + 1])
            exits = [frame[f"dydx_{field}"][t + ahead] for field in ("high", "low", "close")]
            seen += [gross_pct(side, a, b) for side in (1, -1) for a in entries for b in exits]
    return sizes(seen)
