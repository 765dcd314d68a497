"""Lead/follow: Binance moved, dYdX did not yet; one position on dYdX, per signal.

`lead_trades` is long on purpose: it reads from top to bottom like the page that it is held against.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

from tests.reference.features import binance_ret_window_pct, reference_pct, spread_pct
from tests.reference.frame import NAN, Frame, as_read, is_comparable
from tests.reference.trade import Trade, funding_pct, gross_pct, is_open, net_pct


class Exit(NamedTuple):
    """How a position ends; `filled_at` is the time of the fill in rows."""

    row: int
    reason: str
    price: float
    filled_at: int


def lead_trades(
    frame: Frame,
    *,
    mode: str,
    reference: str,
    window: int,
    move_pct: float,
    spread_entry: float,
    tp: float,
    sl: float,
    horizon: int,
    cooldown: int,
    fill: str,
    touch: str,
    overlap: bool,
    max_age_min: float,
    fees_bps: float,
    slippage_bps: float,
    funding_on: bool,
    flat_is_price: bool = False,
    allowed: Sequence[bool] | None = None,
    basis_min: int = 720,
) -> list[Trade]:
    """Return the trades of one parameter set, in the order of their entries."""
    frame = as_read(frame, flat_is_price)
    raw = spread_pct(frame)
    spread = reference_pct(frame, reference, basis_min)
    lead = binance_ret_window_pct(frame, window)
    side = {"long": 1, "short": -1}[mode]
    trades: list[Trade] = []
    last_entry = -math.inf
    for t in range(len(raw) - 1):  # the last minute is never an entry
        if not is_comparable(frame, t, max_age_min) or (allowed is not None and not allowed[t]):
            continue
        if side > 0 and not (spread[t] <= -spread_entry and lead[t] >= move_pct):
            continue
        if side < 0 and not (spread[t] >= spread_entry and lead[t] <= -move_pct):
            continue
        if t - last_entry < cooldown:
            continue
        if not overlap and trades and is_open(trades[-1], t, horizon):
            continue
        if fill == "next_open" and not is_present(frame, t + 1):
            continue  # nothing to fill at: not an entry, so no cooldown either
        last_entry = t
        later = [
            j for j in range(t + 1, min(t + horizon, len(raw) - 1) + 1) if is_present(frame, j)
        ]
        if not later:
            continue  # no trade, though at t nobody could know: the cooldown runs
        price = frame["dydx_close"][t] if fill == "close" else frame["dydx_open"][t + 1]
        end = find_exit(
            frame, t, later, side, price, tp=tp, sl=sl, horizon=horizon, fill=fill, touch=touch
        )
        mae, mfe = excursions(frame, later, side, price, end, touch)
        gross = gross_pct(side, price, end.price)
        funding = funding_pct(frame, side, t + 1, end.filled_at) if funding_on else 0.0
        trades.append(
            Trade(
                entry=t,
                exit=end.row,
                side=side,
                entry_price=price,
                exit_price=end.price,
                binance_entry_price=NAN,
                binance_exit_price=NAN,
                gross_pct=gross,
                funding_pct=funding,
                net_pct=net_pct(gross, fees_bps, slippage_bps, 2, funding),
                reason=end.reason,
                mae_pct=mae,
                mfe_pct=mfe,
                spread_pct=raw[t],
                lead_pct=lead[t],
            )
        )
    return trades


def is_present(frame: Frame, row: int) -> bool:
    """Return whether dYdX has a price on this row."""
    return not math.isnan(frame["dydx_close"][row])


def find_exit(
    frame: Frame,
    t: int,
    later: Sequence[int],
    side: int,
    entry_price: float,
    *,
    tp: float,
    sl: float,
    horizon: int,
    fill: str,
    touch: str,
) -> Exit:
    """Return the first touch of TP or SL among the rows `later`, else the end of the last one."""
    for j in later:
        if touch == "close":
            pnl = gross_pct(side, entry_price, frame["dydx_close"][j])
            if pnl >= tp:
                return fill_exit(frame, j, "TP", fill)
            if pnl <= -sl:
                return fill_exit(frame, j, "SL", fill)
        else:
            opening = frame["dydx_open"][j]
            worst, best = range_pnl(frame, j, side, entry_price)
            if worst <= -sl:
                beyond = gross_pct(side, entry_price, opening) <= -sl
                stop = entry_price * (1 - sl / 100) if side > 0 else entry_price * (1 + sl / 100)
                return Exit(j, "SL", opening if beyond else stop, j)
            if best >= tp:
                beyond = gross_pct(side, entry_price, opening) >= tp
                goal = entry_price * (1 + tp / 100) if side > 0 else entry_price * (1 - tp / 100)
                return Exit(j, "TP", opening if beyond else goal, j)
    is_cut_short = t + horizon > len(frame["dydx_close"]) - 1
    return fill_exit(frame, later[-1], "END" if is_cut_short else "HORIZON", fill)


def fill_exit(frame: Frame, j: int, reason: str, fill: str) -> Exit:
    """Return the fill of an exit decided on the close of row j."""
    if fill == "next_open":
        for k in range(j + 1, len(frame["dydx_close"])):
            if is_present(frame, k):
                return Exit(j, reason, frame["dydx_open"][k], k)
    return Exit(j, reason, frame["dydx_close"][j], j + 1)


def range_pnl(frame: Frame, j: int, side: int, entry_price: float) -> tuple[float, float]:
    """Return the worst and the best gross pnl within row j."""
    high = gross_pct(side, entry_price, frame["dydx_high"][j])
    low = gross_pct(side, entry_price, frame["dydx_low"][j])
    return (low, high) if side > 0 else (high, low)


def excursions(
    frame: Frame, later: Sequence[int], side: int, entry_price: float, end: Exit, touch: str
) -> tuple[float, float]:
    """Return mae and mfe: the worst and the best gross pnl on the way, 0 at entry.

    Within the minute of an intrabar touch the worst order is assumed: before a stop nothing
    good happened, before a goal everything bad did.
    """
    if touch == "close":
        seen = [gross_pct(side, entry_price, frame["dydx_close"][j]) for j in later if j <= end.row]
        return min(0.0, *seen), max(0.0, *seen)
    before = [range_pnl(frame, j, side, entry_price) for j in later if j < end.row]
    worst, best = range_pnl(frame, end.row, side, entry_price)
    if end.reason == "SL":
        worst, best = gross_pct(side, entry_price, end.price), 0.0
    elif end.reason == "TP":
        best = gross_pct(side, entry_price, end.price)
    return (
        min(0.0, worst, *(low for low, _ in before)),
        max(0.0, best, *(high for _, high in before)),
    )
