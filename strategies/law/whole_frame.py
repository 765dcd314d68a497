"""A law over a whole frame: the minutes that it reads, its rules, its trades in order of entry.

Only here does a law meet a panel; its kernels see arrays and numbers.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import TypeVar

import numpy as np

from research.arrays import Floats, Records
from research.features.panel import Panel, Reference
from research.measures.costs import Costs
from strategies.law.execution import Execution
from strategies.law.filters import EntryFilters, is_allowed, is_comparable
from strategies.law.funding import leg_rates
from strategies.law.minute import Desk, Minutes, empty_desk
from strategies.law.position import Rules

__all__ = ["minutes_of", "rules_of", "trades_of"]

Terms = TypeVar("Terms")


def rules_of(
    execution: Execution,
    costs: Costs,
    *,
    legs: int,
    horizon: int,
    cooldown: int,
    expiry_reason: int,
    has_funding: bool,
) -> Rules:
    """Execution model and costs as kernels take them.

    Parameters
    ----------
    expiry_reason
        Number of the reason for which a position is left that nothing closed in time.
    has_funding
        Whether any rate of the legs is known: without one no funding is booked.
    """
    return Rules(
        legs=legs,
        horizon=horizon,
        cooldown=cooldown,
        fills_at_close=execution.fill == "close",
        overlap=execution.overlap,
        fees_pct=costs.fees_pct,
        slippage_pct=costs.slippage_pct(legs),
        pays_funding=costs.funding and has_funding,
        expiry_reason=expiry_reason,
    )


def minutes_of(
    panel: Panel,
    *,
    legs: int,
    reference: Reference,
    filters: EntryFilters,
    side: int,
    lead: Floats | None = None,
    start: int,
    stop: int,
) -> Minutes:
    """Rows 0..stop as laws read them; entries are allowed from row ``start`` on.

    Parameters
    ----------
    legs
        1 dYdX only, 2 dYdX against Binance: whose funding is paid.
    side
        +1 long, -1 short, 0 where the strategy takes either.
    lead
        Binance's return that the law looks at, percent, shape (len(panel),); left out, NaN.
    """
    allowed = is_allowed(panel, filters, side, reference)
    allowed[:start] = False
    return Minutes(
        dydx_open=panel.column("dydx_open")[:stop],
        dydx_high=panel.column("dydx_high")[:stop],
        dydx_low=panel.column("dydx_low")[:stop],
        dydx_close=panel.column("dydx_close")[:stop],
        binance_open=panel.column("binance_open")[:stop],
        binance_close=panel.column("binance_close")[:stop],
        spread=panel.reference(reference)[:stop],
        lead=(_unknown(len(panel)) if lead is None else lead)[:stop],
        is_comparable=is_comparable(panel, filters.max_age_min)[:stop],
        is_allowed=allowed[:stop],
        funding_rate=leg_rates(panel, legs)[:stop],
    )


@lru_cache(maxsize=4)
def _unknown(rows: int) -> Floats:
    """A column that nothing is known of: kept, as to fill it takes as long as to read the rest."""
    return np.full(rows, np.nan)


def trades_of(
    run: Callable[[Minutes, Terms, Desk], Records], minutes: Minutes, terms: Terms, rules: Rules
) -> Records:
    """Trades that a law makes of ``minutes``, in the order of their entries."""
    found = run(minutes, terms, empty_desk(rules))
    ordered: Records = found[np.argsort(found["entry"], kind="stable")]
    return ordered
