"""Twenty ways to look ahead by a bar or by all of them, to be planted into the true code."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from research.arrays import Bools, Floats, Records
from research.data.quality.exclusions import Exclusion
from research.features import panel as panels
from research.features import rsi as rsis
from research.features.panel import Panel
from research.frame import frame as frames
from research.outcomes import HORIZON, TIMEOUT
from strategies.law import filters
from strategies.law.position import AT_OPEN
from strategies.registry import Strategy, strategies

__all__ = ["LEAKS", "Leak", "ahead", "planted"]


@dataclass(frozen=True)
class Leak:
    """One mistake.

    ``names``: what the audit must name, one of them at least, by the beginning of the name.
    ``place``/``leaky``: where it is planted, and from the true function to the leaking one.
    ``of_strategy``: planted into the strategies that are handed to the audit.
    """

    kind: str
    names: tuple[str, ...]
    place: tuple[Any, str] | None = None
    leaky: Callable[..., Any] = lambda true: true
    of_strategy: Callable[[Strategy], Strategy] | None = None


@contextmanager
def planted(leak: Leak) -> Iterator[tuple[Strategy, ...]]:
    """The strategies of a world with this mistake; the world is whole again afterwards."""
    with pytest.MonkeyPatch.context() as patch:
        if leak.place is not None:
            module, name = leak.place
            patch.setattr(module, name, leak.leaky(getattr(module, name)))
        change = leak.of_strategy or (lambda strategy: strategy)
        yield tuple(change(strategy) for strategy in strategies())


def ahead(values: Floats, minutes: int = 1) -> Floats:
    """``values`` of ``minutes`` later, the last ones as they are."""
    out = values.copy()
    out[: max(values.size - minutes, 0)] = values[minutes:]
    return out


def of_result(change: Callable[[Floats], Floats]) -> Callable[..., Any]:
    return lambda true: lambda *given: change(true(*given))


def centred(true: Callable[..., Floats]) -> Callable[..., Floats]:
    def basis(spread: Floats, n: int) -> Floats:
        return pd.Series(spread).rolling(n, center=True, min_periods=n // 6).median().to_numpy()

    return basis


def with_its_own_minute(true: Callable[..., Floats]) -> Callable[..., Floats]:
    def basis(spread: Floats, n: int) -> Floats:
        return pd.Series(spread).rolling(n, min_periods=-(-n // 6)).median().to_numpy()

    return basis


def z_score(true: Callable[..., Floats]) -> Callable[..., Floats]:
    def excess(spread: Floats, basis: Floats) -> Floats:
        found = true(spread, basis)
        if np.isnan(found).all():
            return found
        return np.asarray(found / np.nanstd(found) * 0.05)

    return excess


def on_all_rows(true: Callable[..., Any]) -> Callable[..., Any]:
    return lambda atr, minute, regime, rows: true(atr, minute, regime, slice(0, len(minute)))


def day_maximum(values: Floats) -> Floats:
    day = np.arange(values.size) // 1440
    return values / pd.Series(values).groupby(day).transform("max").to_numpy()


def filled_from_the_future(true: Callable[..., Floats]) -> Callable[..., Floats]:
    def own(frame: Any, name: str, *, flat_is_price: bool) -> Floats:
        values = true(frame, name, flat_is_price=flat_is_price)
        return pd.Series(values).bfill().to_numpy(copy=True) if name == "dydx_close" else values

    return own


def interpolated(true: Callable[..., Floats]) -> Callable[..., Floats]:
    def own(frame: Any, name: str, *, flat_is_price: bool) -> Floats:
        values = true(frame, name, flat_is_price=flat_is_price)
        if name != "binance_close":
            return values
        return pd.Series(values).interpolate().to_numpy(copy=True)

    return own


def bars_at_their_open(true: Callable[..., Floats]) -> Callable[..., Floats]:
    """A resampled bar, joined by its label: its close is there when it begins."""

    def closes(close: Floats, first_minute: int, bar_min: int) -> Floats:
        return ahead(true(close, first_minute, bar_min), bar_min - 1) if bar_min > 1 else close

    return closes


def one_too_late(true: Callable[..., Floats]) -> Callable[..., Floats]:
    return lambda close, window: ahead(true(close, window))


def atr_ahead(true: Callable[..., Floats]) -> Callable[..., Floats]:
    return lambda high, low, close, n: true(ahead(high), ahead(low), close, n)


def alignment_of_the_outcome(true: Callable[..., Floats]) -> Callable[..., Floats]:
    def aligned(close: Floats, first_minute: int) -> Floats:
        return np.sign(ahead(close, 15) - close)

    return aligned


def next_hour(true: Callable[[Panel], Floats]) -> Callable[[Panel], Floats]:
    return lambda panel: ahead(true(panel), 60)


def halt_from_before(true: Callable[..., Any]) -> Callable[..., Any]:
    """Leaves out the first silent minute and the one before it, too."""

    def exclusions(*given: Any) -> tuple[Exclusion, ...]:
        return tuple(replace(each, first_ms=each.first_ms - 120_000) for each in true(*given))

    return exclusions


def other_signals(change: Callable[[Panel, Any, Bools], Bools]) -> Callable[[Strategy], Strategy]:
    def leaky(strategy: Strategy) -> Strategy:
        def signals(panel: Panel, params: Any) -> Bools:
            return change(panel, params, strategy.signals(panel, params))

        return replace(strategy, signals=signals)

    return leaky


def above_a_quantile_of_all(panel: Panel, _params: Any, true: Bools) -> Bools:
    spread = np.abs(panel.spread_pct)
    return spread >= (np.nan if np.isnan(spread).all() else np.nanquantile(spread, 0.99))


def with_the_next_open(panel: Panel, _params: Any, true: Bools) -> Bools:
    nearer = ahead(panel.column("dydx_open")) / panel.column("dydx_close")
    return np.asarray(true & (np.abs(nearer - 1) < 1e-4))


def other_trades(
    change: Callable[[Panel, Records], Records], name: str = "lead"
) -> Callable[[Strategy], Strategy]:
    def leaky(strategy: Strategy) -> Strategy:
        if strategy.name != name:
            return strategy

        def trades(panel: Panel, params: Any, execution: Any, costs: Any, rows: slice) -> Records:
            true = strategy.trades(panel, params, execution, costs, rows)
            return change(execution.minutes_of(panel), true.copy())

        return replace(strategy, trades=trades)

    return leaky


def filled_at_the_next_close(panel: Panel, trades: Records) -> Records:
    close = panel.column("dydx_close")
    is_next = trades["entered_at"] == trades["entry"] + 1
    at = np.minimum(trades["entry"][is_next] + 1, len(panel) - 1)
    trades["entry_price"][is_next] = close[at]
    return trades


def left_at_the_best_close(panel: Panel, trades: Records) -> Records:
    """What would have timed out is left at its best close: known when its time is over."""
    close = panel.column("dydx_close")
    for trade in trades[np.isin(trades["reason"], (HORIZON, TIMEOUT))]:
        begin, end = int(trade["entry"]) + 1, int(trade["exit"]) + 1
        way = close[begin:end] * trade["side"]
        if end - begin > 2 and np.isfinite(way).any():
            place = np.flatnonzero(trades["entry"] == trade["entry"])[0]
            best = begin + int(np.nanargmax(way))
            trades["exit"][place], trades["left_at"][place] = best, min(best + 1, len(panel) - 1)
            trades["left_how"][place], trades["exit_price"][place] = AT_OPEN, close[best]
    return trades


def without_those_before_another(_panel: Panel, trades: Records) -> Records:
    """A cooldown that counts back from the later of two entries."""
    until_next = np.diff(trades["entry"], append=2**40)
    return trades[until_next >= 120]


def best_of_each_hour(_panel: Panel, trades: Records) -> Records:
    order = np.argsort(-trades["gross_pct"], kind="stable")
    _, first = np.unique(trades["entry"][order] // 60, return_index=True)
    return trades[np.sort(order[first])]


LEAKS = (
    Leak("shift(-1)", ("realized_vol_pct",), (panels, "realized_vol_pct"), of_result(ahead)),
    Leak("centred window", ("basis_pct",), (panels, "basis_pct"), centred),
    Leak("basis with its own minute", ("basis_pct",), (panels, "basis_pct"), with_its_own_minute),
    Leak("edges of the whole span", ("edges",), (panels, "_fitted"), on_all_rows),
    Leak("quantile of all rows", ("signal",), of_strategy=other_signals(above_a_quantile_of_all)),
    Leak("filled from the future", ("spread_pct",), (panels, "_own"), filled_from_the_future),
    Leak("bar not complete", ("rsi_5m",), (rsis, "completed_closes"), bars_at_their_open),
    Leak("next minute's open", ("signal",), of_strategy=other_signals(with_the_next_open)),
    Leak("label in a feature", ("mtf_aligned",), (panels, "mtf_aligned"), alignment_of_the_outcome),
    Leak("next hour's funding", ("filter funding",), (filters, "last_funding_rate"), next_hour),
    Leak("fill at the next close", ("lead",), of_strategy=other_trades(filled_at_the_next_close)),
    Leak("exit that knows its end", ("lead",), of_strategy=other_trades(left_at_the_best_close)),
    Leak(
        "cooldown backwards", ("lead",), of_strategy=other_trades(without_those_before_another)
    ),
    Leak("sorted by the future", ("reversion",),
         of_strategy=other_trades(best_of_each_hour, "reversion")),
    Leak("ATR with the next bar", ("atr_pct",), (panels, "atr_pct"), atr_ahead),
    Leak("maximum of the day", ("realized_vol_pct",), (panels, "realized_vol_pct"),
         of_result(day_maximum)),
    Leak("interpolated gaps", ("rsi_1m", "spread_pct"), (panels, "_own"), interpolated),
    Leak("z-score of the whole span", ("spread_excess_pct",), (panels, "spread_excess_pct"),
         z_score),
    Leak("lead window off by one", ("binance_ret_3_pct",), (panels, "lead_return_pct"),
         one_too_late),
    Leak("halt left out from before", ("dydx_close", "binance_close"),
         (frames, "pair_exclusions"), halt_from_before),
)  # fmt: skip
