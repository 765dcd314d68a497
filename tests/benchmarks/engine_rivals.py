"""What the engine is timed against: vectorbt's portfolio, and a loop over DataFrame rows."""

import importlib.util
import statistics
import time
import warnings
from typing import Any

import numpy as np

from research.arrays import Bools, Floats, Ints
from research.features.panel import Panel
from strategies.law.filters import is_allowed, is_comparable
from strategies.registry import strategy_of
from sweeps.axes import GridSpec


def portfolio_tally(
    panel: Panel, spec: GridSpec, engine: str, repeats: int
) -> tuple[float, Ints, Floats] | None:
    """Median seconds, trades and mean net pnl (percent) of every set by ``from_signals``.

    Long only, ``fill=close, touch=close``, cooldown >= horizon, no costs. The signals are made
    before the clock starts. None where the engine is not installed.
    """
    if engine == "rust" and importlib.util.find_spec("vectorbt_rust") is None:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import vectorbt as vbt

        entries, exits = _signals(panel, spec)
        close = panel.column("dydx_close")[:, None]
        stops = {"sl_stop": spec.values("sl")[None] / 100, "tp_stop": spec.values("tp")[None] / 100}

        def simulate() -> tuple[Ints, Floats]:
            portfolio = vbt.Portfolio.from_signals(
                close,
                entries,
                exits,
                direction="longonly",
                size=1.0,
                init_cash=1e9,
                stop_exit_price="close",
                engine=engine,
                **stops,
            )
            trades = portfolio.trades
            return trades.count().to_numpy(), trades.returns.mean().to_numpy() * 100

        events, mean = simulate() if repeats > 1 else (None, None)
        times = []
        for _ in range(repeats):
            begin = time.perf_counter()
            events, mean = simulate()
            times.append(time.perf_counter() - begin)
    assert events is not None
    assert mean is not None
    return statistics.median(times), events, mean


def _signals(panel: Panel, spec: GridSpec) -> tuple[Bools, Bools]:
    """Entries after cooldown and exits at the horizon, shape (rows, sets)."""
    n = len(panel)
    entries = np.zeros((n, spec.size), dtype=np.bool_, order="F")
    exits = np.zeros((n, spec.size), dtype=np.bool_, order="F")
    known: dict[tuple[float, ...], Ints] = {}
    at = [spec.position(name) for name in spec.strategy.entry_axes]
    # a horizon that ends in a gap is priced by the last close before: vectorbt waits for the next
    priced = ~np.isnan(panel.column("dydx_close"))
    last_priced = np.maximum.accumulate(np.where(priced, np.arange(n), 0))
    for cell in range(spec.size):
        params: Any = spec.params_at(cell)
        key = tuple(getattr(params, spec.axes[i].name) for i in at)
        if key not in known:
            known[key] = entry_rows(panel, params)
        rows = known[key]
        entries[rows, cell] = True
        ends = rows + params.horizon
        exits[last_priced[ends[ends < n]], cell] = True
    return entries, exits


def entry_rows(panel: Panel, params: Any) -> Ints:
    """Rows of the signals that the cooldown leaves, first to last."""
    meets = strategy_of(params).signals(panel, params) & is_allowed(
        panel, params.filters, params.side
    )
    meets &= is_comparable(panel, params.filters.max_age_min)
    taken: list[int] = []
    for t in np.flatnonzero(meets[:-1]):
        if not taken or t - taken[-1] >= params.cooldown:
            taken.append(int(t))
    return np.array(taken, dtype=np.int64)


def pandas_loop(panel: Panel, params: Any) -> list[float]:
    """Net pnl of a long's trades as many first scripts find them: rows of a DataFrame, one by one.

    ``fill=close, touch=close, overlap``, no costs.
    """
    table = panel.frame.table[["dydx_close", "dydx_age_min"]].copy()
    table["spread"] = panel.reference(params.reference)
    table["lead"] = panel.lead_return_pct(params.window)
    net, last = [], -params.cooldown
    for t in range(len(table) - 1):
        row = table.iloc[t]
        is_signal = row["spread"] <= -params.spread_entry and row["lead"] >= params.move_pct
        if not is_signal or row["dydx_age_min"] > 0 or t - last < params.cooldown:
            continue
        last, entry, gross = t, row["dydx_close"], 0.0
        for j in range(t + 1, min(t + params.horizon, len(table) - 1) + 1):
            gross = (table.iloc[j]["dydx_close"] - entry) / entry * 100.0
            if gross >= params.tp or gross <= -params.sl:
                break
        net.append(float(gross))
    return net
