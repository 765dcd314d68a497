"""A bot config that a gate lets through, and a calm market in front of it."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from strategies.bot import __file__ as bot_room
from strategies.bot.config import BotConfig, config_of
from strategies.live.gate import Gate
from strategies.live.risk import MarketSnapshot, VenueQuote
from strategies.live.settings import GateSettings, RiskSettings
from strategies.live.stream import MinuteFeatures, Signal

MINUTE = 29_500_000  # 2026-02-02T02:40Z, asia
NOW = (MINUTE + 1) * 60_000.0 + 1500.0  # 1.5 s after its close
TICKER = "BTC-USD"


def example() -> dict[str, Any]:
    """The example of the contract, without its comments."""
    text = (Path(bot_room).parent / "CONTRACT.md").read_text()
    body = text.split("```jsonc\n")[1].split("```")[0]
    made: dict[str, Any] = json.loads(re.sub(r"  // .*", "", body))
    return made


def config(
    *,
    filters: Mapping[str, Any] | None = None,
    guards: Mapping[str, Any] | None = None,
    **changes: Any,
) -> BotConfig:
    """One enabled set, lead-short in every minute, of a recorded market."""
    raw = example()
    raw["synthetic"] = False
    raw["market"] = {"name": "BTC", "binance": "BTCUSDT", "dydx": TICKER, "price_scale": 1.0}
    raw["sets"][0]["filters"] |= filters or {}
    raw["guards"] |= guards or {}
    return config_of(raw | changes, "sample")


def quote(mid: float = 100_000.0, now_ms: float = NOW, **changes: Any) -> VenueQuote:
    """A fresh book of three levels a side, one BTC each, half a basis point wide."""
    half = mid * 0.000_025
    made = VenueQuote(
        bids=tuple((mid - half * k, 1.0) for k in (1, 2, 3)),
        asks=tuple((mid + half * k, 1.0) for k in (1, 2, 3)),
        exchange_ms=now_ms - 100,
        received_ms=now_ms - 50,
    )
    return replace(made, **changes)


def features(minute: int = MINUTE, **changes: Any) -> MinuteFeatures:
    """Everything known, inside of all fitted ranges."""
    return MinuteFeatures(
        minute=minute,
        spread_pct=0.01,
        basis_pct=0.0,
        spread_excess_pct=0.01,
        atr_pct=0.04,
        realized_vol_pct=0.05,
        rsi_1m=50.0,
        rsi_5m=50.0,
        rsi_15m=50.0,
        rsi_1h=50.0,
        rsi_4h=50.0,
        mtf_aligned=-1.0,
        session=0,
        regime=1,
        dydx_age_min=0.0,
        binance_close=100_000.0,
        dydx_close=100_010.0,
        funding_rate=1e-5,
    )._replace(**changes)


def market(now_ms: float = NOW, **changes: Any) -> MarketSnapshot:
    """A short asked about in a calm market in which its set has just signalled."""
    made = MarketSnapshot(
        market=TICKER,
        binance=quote(now_ms=now_ms),
        dydx=quote(now_ms=now_ms),
        oracle=100_000.0,
        oracle_ms=now_ms - 1000,
        vol_1s=0.000_05,
        latency_ms=50.0,
        features=features(),
        signals=(Signal("lead-short.all", MINUTE, -1, True),),
        side="short",
    )
    return replace(made, **changes)


def calm_gate(
    made: BotConfig | None = None, settings: GateSettings | None = None, until: float = NOW
) -> Gate:
    """A gate that knows the newest minutes and has looked at a calm market for a minute."""
    gate = Gate(made or config(), RiskSettings(), settings or GateSettings())
    for minute in range(MINUTE - 1440, MINUTE + 1):
        gate.minute(features(minute))
    for second in range(60, 0, -1):
        now_ms = until - second * 1000
        gate.decide(now_ms, market(now_ms, side=None))
    return gate
