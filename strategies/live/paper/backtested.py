"""The span of a paper run through the backtest: the frame of its minutes, and the trades in it."""

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from research.arrays import Records
from research.data.tables.schema import candle_table
from research.features.panel import Panel
from research.frame.frame import Frame, build_frame
from research.outcomes import END, REASONS
from research.settings.frame import FrameSettings
from strategies.backtest.backtest import backtest
from strategies.bot.armed import costs_of, execution_of, params_of
from strategies.bot.contract import BotConfig
from strategies.bot.preflight.replay import panel_of
from strategies.live.stream import LiveMinute

__all__ = ["backtested", "frame_of_minutes"]

_MINUTE_MS = 60_000
_CANDLE = ("open", "high", "low", "close", "volume", "trades")


def frame_of_minutes(minutes: Iterable[LiveMinute], config: BotConfig) -> Frame:
    """The frame that a store would make of ``minutes``, which are in dYdX's units already.

    Raises
    ------
    FrameError
        A venue has no price in them.
    """
    told = {each.minute: each for each in minutes}  # a minute that is told again is the same
    ordered = [told[number] for number in sorted(told)]
    binance, dydx = (_candles(ordered, venue) for venue in ("binance", "dydx"))
    rates = {name: _rates(ordered, name) for name in ("funding_rate", "binance_funding_rate")}
    return build_frame(
        binance,
        dydx,
        rates["funding_rate"],
        market=config.market.name,
        binance_funding=rates["binance_funding_rate"],
        sources=("paper",),
        rule=FrameSettings(**config.silence.model_dump()) if config.silence else None,
    )


def backtested(
    config: BotConfig, frame: Frame, first_minute: int, last_minute: int
) -> list[dict[str, Any]]:
    """Trades of every enabled set that were entered and over within the span, as ``law`` lines.

    What is left with the span's last minute is not over: its fill would be in the next one.

    Parameters
    ----------
    frame
        From history before the span to its end.
    first_minute, last_minute
        The span's own minutes, inclusive, since 1970.

    Raises
    ------
    FrameError
        The frame has no minute of the span.
    """
    panel = panel_of(config, frame)
    start, end = np.searchsorted(panel.minute, [first_minute, last_minute + 1]).tolist()
    found: list[dict[str, Any]] = []
    for each in config.enabled:
        made = backtest(
            panel,
            params_of(each),
            execution=execution_of(each),
            costs=costs_of(each),
            rows=slice(start, end),
        )
        found += [
            _line(each.id, trade, panel)
            for trade in made.positions
            if trade["reason"] != END and panel.minute[trade["exit"]] < last_minute
        ]
    return found


def _line(name: str, trade: Records, panel: Panel) -> dict[str, Any]:
    minute = int(panel.minute[trade["entry"]])
    return {
        "kind": "law",
        "id": f"{name}@{minute}",
        "set_id": name,
        "minute": minute,
        "exit_minute": int(panel.minute[trade["exit"]]),
        "side": int(trade["side"]),
        "reason": str(REASONS[int(trade["reason"])]),
        "net_pct": float(trade["net_pct"]),
    }


def _candles(minutes: Sequence[LiveMinute], venue: str) -> pd.DataFrame:
    known = [each for each in minutes if not math.isnan(getattr(each, f"{venue}_close"))]
    times = np.array([each.minute for each in known], np.int64) * _MINUTE_MS
    columns = {
        name: np.array([getattr(each, f"{venue}_{name}") for each in known], np.float64)
        for name in _CANDLE
    }
    return candle_table(times, columns)


def _rates(minutes: Sequence[LiveMinute], name: str) -> pd.Series:
    paid = [
        (each.minute, rate)
        for each in minutes
        if each.minute % 60 == 0 and (rate := getattr(each, name)) == rate
    ]
    index = pd.DatetimeIndex(np.array([each for each, _ in paid], "datetime64[m]")).as_unit("ms")
    return pd.Series([rate for _, rate in paid], index=index.tz_localize("UTC"), dtype=np.float64)
