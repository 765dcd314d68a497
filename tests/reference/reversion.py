"""Spread reversion: the spread crossed a threshold; both venues, one leg against the other.

`reversion_trades` is long on purpose, as `lead_trades` is.
"""

import math
from collections.abc import Sequence

from tests.reference.features import reference_pct, spread_pct
from tests.reference.frame import NAN, Frame, as_read, is_comparable
from tests.reference.trade import Trade, funding_pct, gross_pct, is_open, net_pct


def reversion_trades(
    frame: Frame,
    *,
    reference: str,
    entry: float,
    exit: float,  # noqa: A002 - the parameter's name in the definitions
    max_hold: int,
    min_gap: int,
    fill: str,
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
    last_row = len(raw) - 1
    trades: list[Trade] = []
    last_entry = -math.inf
    for t in range(1, last_row):
        if not all(is_comparable(frame, row, max_age_min) for row in (t - 1, t)):
            continue
        if allowed is not None and not allowed[t]:
            continue
        if not (abs(spread[t - 1]) < entry and abs(spread[t]) >= entry):
            continue
        if t - last_entry < min_gap:
            continue
        if not overlap and trades and is_open(trades[-1], t, max_hold):
            continue
        if fill == "next_open" and not is_present(frame, t + 1):
            continue  # nothing to fill at: not an entry, so no gap to keep either
        last_entry = t
        later = [j for j in range(t + 1, min(t + max_hold, last_row) + 1) if is_present(frame, j)]
        if not later:
            continue  # no trade, though at t nobody could know: the gap is kept
        reverted = [j for j in later if abs(spread[j]) <= exit]
        if reverted:
            row, reason = reverted[0], "REVERT"
        else:
            row, reason = later[-1], "END" if t + max_hold > last_row else "TIMEOUT"
        side = -1 if spread[t] > 0 else 1
        dydx_in, binance_in, filled_in = (
            at_close(frame, t) if fill == "close" else at_open(frame, t + 1)
        )
        dydx_out, binance_out, filled_out = exit_fill(frame, row, fill)
        gross = gross_pct(side, dydx_in, dydx_out) + gross_pct(-side, binance_in, binance_out)
        funding = both_legs_funding_pct(frame, side, filled_in, filled_out) if funding_on else 0.0
        trades.append(
            Trade(
                entry=t,
                exit=row,
                side=side,
                entry_price=dydx_in,
                exit_price=dydx_out,
                binance_entry_price=binance_in,
                binance_exit_price=binance_out,
                gross_pct=gross,
                funding_pct=funding,
                net_pct=net_pct(gross, fees_bps, slippage_bps, 4, funding),
                reason=reason,
                mae_pct=NAN,
                mfe_pct=NAN,
                spread_pct=raw[t],
                lead_pct=NAN,
            )
        )
    return trades


def both_legs_funding_pct(frame: Frame, side: int, filled_in: int, filled_out: int) -> float:
    """Return what both legs pay: Binance's has the other side, and is free where no rate is."""
    dydx = funding_pct(frame, side, filled_in, filled_out)
    if "binance_funding_rate" not in frame:
        return dydx
    return dydx + funding_pct(frame, -side, filled_in, filled_out, "binance_funding_rate")


def is_present(frame: Frame, row: int) -> bool:
    """Return whether both venues have a price on this row."""
    return not math.isnan(frame["dydx_close"][row]) and not math.isnan(frame["binance_close"][row])


def at_close(frame: Frame, row: int) -> tuple[float, float, int]:
    """Return the dYdX price, the Binance price and the time of a fill at the close of a row."""
    return frame["dydx_close"][row], frame["binance_close"][row], row + 1


def at_open(frame: Frame, row: int) -> tuple[float, float, int]:
    """Return the dYdX price, the Binance price and the time of a fill at the open of a row."""
    return frame["dydx_open"][row], frame["binance_open"][row], row


def exit_fill(frame: Frame, j: int, fill: str) -> tuple[float, float, int]:
    """Return the fill of an exit decided on the close of row j."""
    if fill == "next_open":
        for k in range(j + 1, len(frame["dydx_close"])):
            if is_present(frame, k):
                return at_open(frame, k)
    return at_close(frame, j)
