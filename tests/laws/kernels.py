"""Every kernel, once: what to call it with, and how much of its answer is known at a cut.

A kernel that stands in ``CASES`` gets the tests of ``test_kernels.py`` for free.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from research.features import bars, kernels, lead, rsi, spread, trend, volatility

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


CASES = [
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
