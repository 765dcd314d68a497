"""Every kernel, once: what to call it with, and how much of its answer is known at a cut.

A kernel that stands in ``CASES`` gets the tests of ``test_kernels.py`` for free.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from research.features import bars, kernels, lead, rsi, spread, trend, volatility
from research.measures.costs import Costs
from research.outcomes import END
from strategies.law.execution import Execution
from strategies.law.minute import Minutes, empty_desk
from strategies.law.position import AT_CLOSE
from strategies.law.strategy import BOTH, Strategy
from tests.samples.listed import WITH_THIRD

Array = NDArray[Any]
Columns = dict[str, NDArray[np.float64]]

FIRST_MINUTE = 29_446_249  # 2025-12-26T18:49Z: not the first minute of any longer bar


@dataclass(frozen=True, kw_only=True)
class KernelCase:
    name: str
    kernel: Callable[..., Any]  # compiled, or plain code over compiled
    arguments: Callable[[Columns], tuple[Any, ...]]
    known: Callable[[Any, int], tuple[Array, ...]]  # part of a result that rows < cut decide

    def __call__(self, columns: Columns) -> Any:
        return self.kernel(*self.arguments(columns))

    def plain(self, columns: Columns) -> Any:
        """The same without compilation."""
        return getattr(self.kernel, "py_func", self.kernel)(*self.arguments(columns))


def rows_before(result: Any, cut: int) -> tuple[Array, ...]:
    """For results of one value per row: those of the rows before the cut."""
    parts = result if isinstance(result, tuple) else (result,)
    return tuple(part[:cut] for part in parts)


def by_row(kernel: Callable[..., Any], series: str, *scalars: float) -> KernelCase:
    """Case of a kernel that takes columns, then scalars, and gives one value per row."""
    names = series.split()
    return KernelCase(
        name=f"{kernel.__name__}{list(scalars)}",
        kernel=kernel,
        arguments=lambda columns: (*(columns[name] for name in names), *scalars),
        known=rows_before,
    )


def market(rows: int, seed: int = 7) -> Columns:
    """Random columns on a tick grid with ties, missing minutes and minutes without a trade."""
    rng = np.random.default_rng(seed)
    steps = rng.normal(0, 4, rows).round()
    binance = (1000 + np.cumsum(steps)).clip(min=100) / 2
    dydx = (binance + rng.normal(0, 1, rows).round()).clip(min=1)
    columns: Columns = {"funding_rate": np.where(np.arange(rows) % 60 == 0, 1e-5, 0.0)}
    age = np.zeros(rows)
    for name, close, share in (("binance", binance, 0.01), ("dydx", dydx, 0.03)):
        opened = np.concatenate((close[:1], close[:-1]))
        wick = rng.integers(0, 3, (2, rows)) / 2
        is_missing = rng.random(rows) < share
        columns |= {
            f"{name}_open": opened,
            f"{name}_high": np.maximum(opened, close) + wick[0],
            f"{name}_low": np.minimum(opened, close) - wick[1],
            f"{name}_close": close,
        }
        for column in ("open", "high", "low", "close"):
            columns[f"{name}_{column}"][is_missing] = np.nan
    for t in range(1, rows):
        is_stale = np.isnan(columns["dydx_close"][t]) or rng.random() < 0.05
        age[t] = age[t - 1] + 1 if is_stale else 0
    columns["dydx_age_min"] = age
    columns["spread_pct"] = (dydx - binance) / binance * 100
    columns["spread_pct"][np.isnan(columns["dydx_close"])] = np.nan
    columns["bar_close"] = np.where(np.arange(rows) % 5 == 4, binance, np.nan)
    return columns


def minutes(columns: Columns) -> Minutes:
    """The columns as laws read them; every fresh minute may be an entry."""
    is_fresh = columns["dydx_age_min"] <= 3
    return Minutes(
        **{
            f"{venue}_{name}": columns[f"{venue}_{name}"]
            for venue, names in (
                ("dydx", ("open", "high", "low", "close")),
                ("binance", ("open", "close")),
            )
            for name in names
        },
        spread=columns["spread_pct"],
        lead=lead.lead_return_pct(columns["binance_close"], 5),
        is_comparable=is_fresh & ~np.isnan(columns["spread_pct"]),
        is_allowed=np.ones(len(is_fresh), dtype=np.bool_),
        funding_rate=columns["funding_rate"],
    )


def finished_before(trades: Any, cut: int) -> tuple[Array, ...]:
    """For trades filled at opens or levels: those that were filled before row ``cut``."""
    is_whole = (trades["reason"] != END) & (trades["left_how"] != AT_CLOSE)
    known = trades[is_whole & (trades["left_at"] < cut)]
    names = ("entry", "exit", "reason", "side", "gross_pct", "funding_pct", "net_pct")
    return tuple(known[name] for name in names)


BUSY = {
    "move_pct": 0.5,
    "spread_entry": 0.05,
    "tp": 0.5,
    "sl": 0.5,
    "horizon": 9,
    "cooldown": 3,
    "entry": 0.1,
    "exit": 0.05,
    "max_hold": 12,
    "min_gap": 2,
    "spread_exit": 0.01,
    "hold": 9,
}
"""Levels of any strategy's axes at which it trades often on :func:`market`."""


def law(package: str, *, overlap: bool) -> KernelCase:
    """Case of a law over a frame, filled at opens: a fill at a close is known before its row."""
    strategy: Strategy = import_module(f"{package}.strategy").STRATEGY
    base: Any = strategy.bases_of(BOTH)[-1]
    params = replace(base, **{name: BUSY[name] for name in strategy.axes if name in BUSY})
    adapter, execution = import_module(f"{package}.adapter"), Execution(overlap=overlap)
    terms = adapter.terms(params, execution, Costs(fees_bps=8.0, funding=True), has_funding=True)
    return KernelCase(
        name=f"{strategy.title(params)}[{'overlap' if overlap else 'single'}]",
        kernel=import_module(f"{package}.kernel").run,
        arguments=lambda columns: (minutes(columns), terms, empty_desk(terms.rules)),
        known=finished_before,
    )


LAWS = [
    law(package, overlap=overlap) for package in WITH_THIRD.values() for overlap in (True, False)
]
CASES = [
    *LAWS,
    by_row(kernels.median_before, "spread_pct", 30),
    by_row(kernels.median_before, "spread_pct", 1),
    by_row(kernels.wilder_mean, "binance_close", 14),
    by_row(kernels.ema, "binance_close", 9),
    by_row(bars.completed_closes, "binance_close", FIRST_MINUTE, 1),
    by_row(bars.completed_closes, "binance_close", FIRST_MINUTE, 15),
    by_row(spread.spread_pct, "dydx_close binance_close"),
    by_row(spread.basis_pct, "spread_pct", 30),
    by_row(lead.lead_return_pct, "binance_close", 5),
    by_row(volatility.true_range, "binance_high binance_low binance_close"),
    by_row(volatility.atr_pct, "binance_high binance_low binance_close", 10),
    by_row(volatility.realized_vol_pct, "binance_close", 10),
    by_row(rsi.gains_losses, "bar_close"),
    by_row(rsi.rsi, "bar_close", 14),
    by_row(trend.ema_sign, "bar_close"),
    by_row(trend.mtf_aligned, "binance_close", FIRST_MINUTE),
]
