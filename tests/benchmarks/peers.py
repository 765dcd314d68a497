"""The same trades by what users would pick instead: backtesting.py and NautilusTrader.

Neither is a dependency: install them beside the project (``pip install backtesting
nautilus_trader``); one that is absent is left out. Each runs one parameter set at a time, bar by
bar, in its own idiom; the signals are made before the clock starts, exits are its own work.
"""

import importlib.util
import time
import warnings
from typing import Any

import numpy as np
import pandas as pd

from research.arrays import Bools, Floats
from research.features.panel import Panel

__all__ = ["PEERS", "by_backtesting", "by_nautilus", "is_there"]


def is_there(module: str) -> bool:
    """Whether a peer is installed."""
    return importlib.util.find_spec(module) is not None


def by_backtesting(panel: Panel, params: Any, entries: Bools) -> tuple[float, Floats]:
    """Seconds, and the return of every trade in percent, by backtesting.py."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from backtesting import Backtest, Strategy

        class Lead(Strategy):  # type: ignore[misc]
            def init(self) -> None:
                self.at = 0
                self.price = 0.0

            def next(self) -> None:
                row, close = len(self.data) - 1, self.data.Close[-1]
                if self.position:
                    pnl = (close - self.price) / self.price * 100
                    is_over = row - self.at >= params.horizon
                    if pnl >= params.tp or pnl <= -params.sl or is_over:
                        self.position.close()
                elif entries[row]:
                    self.buy(size=1)
                    self.at, self.price = row, close

        test = Backtest(_candles(panel), Lead, cash=1e9, trade_on_close=True, finalize_trades=True)
        began = time.perf_counter()
        trades = test.run()["_trades"]
        return time.perf_counter() - began, trades["ReturnPct"].to_numpy(np.float64) * 100


def by_nautilus(panel: Panel, params: Any, entries: Bools) -> tuple[float, Floats]:
    """Seconds, and the return of every trade in percent, by NautilusTrader."""
    from nautilus_trader.backtest.engine import BacktestEngine, BacktestEngineConfig
    from nautilus_trader.config import LoggingConfig
    from nautilus_trader.model.currencies import BTC, USDT
    from nautilus_trader.model.data import Bar, BarType
    from nautilus_trader.model.enums import AccountType, OmsType, OrderSide
    from nautilus_trader.model.identifiers import Venue
    from nautilus_trader.model.objects import Money
    from nautilus_trader.persistence.wranglers import BarDataWrangler
    from nautilus_trader.test_kit.providers import TestInstrumentProvider
    from nautilus_trader.trading.strategy import Strategy

    instrument = TestInstrumentProvider.btcusdt_binance()
    bar_type = BarType.from_str(f"{instrument.id}-1-MINUTE-LAST-EXTERNAL")
    size = instrument.make_qty(1.0)

    class Lead(Strategy):  # type: ignore[misc]
        def on_start(self) -> None:
            self.row, self.at, self.price = -1, None, 0.0
            self.subscribe_bars(bar_type)

        def on_bar(self, bar: Bar) -> None:
            self.row += 1
            close = float(bar.close)
            if self.at is not None:
                pnl = (close - self.price) / self.price * 100
                is_over = self.row - self.at >= params.horizon
                if pnl >= params.tp or pnl <= -params.sl or is_over:
                    self._trade(OrderSide.SELL)
                    self.at = None
            elif entries[self.row]:
                self._trade(OrderSide.BUY)
                self.at, self.price = self.row, close

        def _trade(self, side: Any) -> None:
            self.submit_order(self.order_factory.market(instrument.id, side, size))

    engine = BacktestEngine(BacktestEngineConfig(logging=LoggingConfig(bypass_logging=True)))
    engine.add_venue(
        venue=Venue("BINANCE"),
        oms_type=OmsType.NETTING,
        account_type=AccountType.CASH,
        starting_balances=[Money(1_000_000_000, USDT), Money(100_000, BTC)],
    )
    engine.add_instrument(instrument)
    candles = _candles(panel).rename(columns=str.lower)
    candles["volume"] = 1000.0
    engine.add_data(BarDataWrangler(bar_type, instrument).process(candles))
    engine.add_strategy(Lead())
    began = time.perf_counter()
    engine.run()
    seconds = time.perf_counter() - began
    fills = engine.trader.generate_fills_report()
    prices = fills.sort_values("ts_event")["last_px"].astype(float).to_numpy()
    pairs = prices[: len(prices) // 2 * 2].reshape(-1, 2)
    engine.dispose()
    return seconds, (pairs[:, 1] - pairs[:, 0]) / pairs[:, 0] * 100


PEERS = {"backtesting": by_backtesting, "nautilus_trader": by_nautilus}
"""By the name of its module."""


def _candles(panel: Panel) -> pd.DataFrame:
    """dYdX's candles; a minute without a price repeats the last close: peers know no silence."""
    close = pd.Series(panel.column("dydx_close"), index=panel.frame.table.index).ffill().bfill()
    columns = {name: close.to_numpy(copy=True) for name in ("Open", "High", "Low", "Close")}
    return pd.DataFrame(columns, index=close.index)
