"""A decision as a line of the journal, for `leadfollow journal` and `halts` to read."""

import math

from research.journal import DecisionRecord, iso_of
from strategies.live.gate.decision import Decision
from strategies.live.gate.reasons import Why
from strategies.live.risk import MarketSnapshot, RiskState
from strategies.live.risk.market import VenueQuote

__all__ = ["record_of"]

_LAST_MS = 253_402_300_800_000  # the year 10000


def record_of(
    now_ms: float, market: MarketSnapshot, decision: Decision, *, config_hash: str | None = None
) -> DecisionRecord:
    """What was known and decided at one moment. ``hold`` where no side was asked about.

    Parameters
    ----------
    config_hash
        Of the bot config in force.
    """
    signs, reading, features = decision.reading.signs, decision.reading, market.features
    known = {} if features is None else _known(market)
    is_halt = reading.state in (RiskState.HALT, RiskState.ESCAPE)
    return DecisionRecord(
        ts=_iso(now_ms),
        minute_bucket=_iso(now_ms // 60_000 * 60_000),
        market=market.market,
        binance_mid=_mid(market.binance),
        binance_ts=_stamp(market.binance),
        binance_age_ms=_age(market.binance, now_ms),
        dydx_mid=_mid(market.dydx),
        dydx_mid_kind="mid" if _mid(market.dydx) is not None else None,
        dydx_oracle=_finite(market.oracle),
        dydx_ts=_stamp(market.dydx),
        dydx_age_ms=_age(market.dydx, now_ms),
        expected_fill_buy=signs.buy.price if signs.buy else None,
        expected_fill_sell=signs.sell.price if signs.sell else None,
        fill_size_base=signs.size_base,
        depth_used_levels_buy=signs.buy.levels if signs.buy else None,
        depth_used_levels_sell=signs.sell.levels if signs.sell else None,
        effective_diff_signed_buy=signs.diff_buy,
        effective_diff_signed_sell=signs.diff_sell,
        risk_state=reading.state.value,
        previous_state=reading.previous.value,
        halt_reason="; ".join(cause.value for cause in reading.causes) or None if is_halt else None,
        thresholds={
            "reduce_diff": signs.bands.entry,
            "halt_diff": signs.bands.halt,
            "max_binance_age_ms": signs.max_binance_age_ms,
            "max_dydx_age_ms": signs.max_dydx_age_ms,
        },
        signal_score=_finite(market.score),
        decision=_word(decision),
        reasons=tuple(str(reason) for reason in decision.reasons),
        order_intent=_intent(market, decision),
        config_hash=config_hash,
        **known,  # type: ignore[arg-type]
    )


def _known(market: MarketSnapshot) -> dict[str, object]:
    features = market.features
    if features is None:
        return {}
    known: dict[str, object] = {
        name: getattr(features, name)
        for name in (
            *("spread_pct", "basis_pct", "spread_excess_pct"),
            *("rsi_1m", "rsi_5m", "rsi_15m", "rsi_1h", "rsi_4h"),
        )
    }
    aligned = features.mtf_aligned
    known["mtf_aligned"] = None if aligned != aligned else int(aligned)
    return known | {"session": features.session_name, "regime": features.regime_name}


def _word(decision: Decision) -> str:
    if decision.allows:
        return "enter"
    is_look = any(reason.why is Why.NO_SIDE for reason in decision.reasons)
    return "hold" if is_look else "refuse"


def _intent(market: MarketSnapshot, decision: Decision) -> dict[str, object] | None:
    """The order that was asked about, as large as it was let through; whole where refused."""
    signs = decision.reading.signs
    if market.sign == 0:
        return None
    fill, side = (signs.buy, "buy") if market.sign > 0 else (signs.sell, "sell")
    size = signs.size_base * (decision.size_factor or 1.0) if signs.size_base is not None else None
    return {
        "side": side,
        "size_base": size,
        "price": fill.price if fill else None,
        "type": "market",
    }


def _iso(ms: float) -> str:
    return iso_of(int(ms))


def _finite(value: float | None) -> float | None:
    """A journal holds no infinity: a price that cannot be is told by the cause of the HALT."""
    return value if value is not None and math.isfinite(value) else None


def _mid(quote: VenueQuote) -> float | None:
    return _finite(quote.mid)


def _stamp(quote: VenueQuote) -> str | None:
    at = quote.exchange_ms if quote.exchange_ms is not None else quote.received_ms
    if quote.mid is None or not 0 <= at < _LAST_MS:
        return None
    return _iso(at)


def _age(quote: VenueQuote, now_ms: float) -> float | None:
    return _finite(quote.age_ms(now_ms)) if quote.mid is not None else None
