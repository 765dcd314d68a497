"""Numbers that no market of this kind has: a factor of 100, percent for fractions, seconds for ms.

A schema lets 40 percent of take profit pass. The spans are wide: what is outside of them was typed
in another unit, or is about another market. Where the file holds fitted ranges, thresholds are
held against these.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from strategies.bot.check.finding import Finding, outside
from strategies.bot.contract import BotConfig
from strategies.bot.guards import Guards
from strategies.bot.sets import BotSet
from strategies.bot.validity import FittedRange

__all__ = ["AGE_MS", "BANDS", "EXITS", "FEES_BPS", "MINUTES", "percent_of", "unit_findings"]

PERCENT = (0.002, 5.0)
"""Plausible thresholds of minutes, percent; 0 asks for nothing."""
EXITS = (0.02, 5.0)
"""The same of targets and stops: less than 2 bps is inside the spread of any book."""
MINUTES = (1.0, 1440.0)
FEES_BPS = (0.5, 100.0)
SLIPPAGE_BPS = (0.05, 50.0)
AGE_MS = (50.0, 60_000.0)
BANDS: Mapping[str, tuple[float, float, str]] = {
    "base_entry": (0.0002, 0.02, "(fraction)"),
    "min_entry": (0.0001, 0.02, "(fraction)"),
    "max_entry": (0.0005, 0.05, "(fraction)"),
    "halt_mult": (1.0, 20.0, "times"),
    "min_halt": (0.001, 0.1, "(fraction)"),
    "max_halt": (0.002, 0.2, "(fraction)"),
    "oracle_warn": (0.0003, 0.05, "(fraction)"),
    "oracle_halt": (0.0005, 0.1, "(fraction)"),
    "escape_timeout_sec": (5.0, 1800.0, "s"),
}
_WIDE = 20.0  # a threshold so many times what the spread does at its quantiles is out of reach


def unit_findings(config: BotConfig) -> Iterator[Finding]:
    """Everything about a config that looks like another unit."""
    for number, each in enumerate(config.sets):
        yield from _set(config, each, f"sets.{number} ({each.id})")
    yield from _regime(config)
    if config.guards is not None:
        yield from _guards(config, config.guards)


def _set(config: BotConfig, each: BotSet, place: str) -> Iterator[Finding]:
    spread = _spread_range(config, each)
    for name, parameter in each.parameters.items():
        where = f"{place}.parameters.{name}"
        if parameter.unit == "min":
            yield from outside(where, parameter.value, *MINUTES, "min", zero_ok=True)
            continue
        yield from outside(where, parameter.value, *percent_of(name), "percent", zero_ok=True)
        reach = _reach(spread)
        if name in ("spread_entry", "entry") and reach is not None and parameter.value > reach:
            yield Finding(
                where=where,
                sentence=f"{parameter.value:g} percent is out of reach: the spread of the evidence "
                f"stays within {reach / _WIDE:.4g} percent in 98 of 100 minutes",
            )
    costs = each.costs
    yield from outside(f"{place}.costs.fees_bps", abs(costs.fees_bps), *FEES_BPS, "bps")
    yield from outside(
        f"{place}.costs.slippage_bps", costs.slippage_bps, *SLIPPAGE_BPS, "bps", zero_ok=True
    )


def percent_of(name: str) -> tuple[float, float]:
    """What is plausible of one parameter."""
    return EXITS if name in ("tp", "sl") else PERCENT


def _spread_range(config: BotConfig, each: BotSet) -> FittedRange | None:
    if config.validity is None:
        return None
    ranges = config.validity.ranges
    excess = ranges.get("spread_excess_pct")
    return ranges["spread_pct"] if each.reference == "raw" or excess is None else excess


def _reach(fitted: FittedRange | None) -> float | None:
    return None if fitted is None else _WIDE * max(abs(fitted.low), abs(fitted.high))


def _regime(config: BotConfig) -> Iterator[Finding]:
    low, high = config.regime.low, config.regime.high
    if low is None or high is None:
        return
    if not 0 < low <= high:
        yield Finding(where="regime", sentence=f"edges must rise: low {low:g}, high {high:g}")
    if config.validity is None:
        yield from outside("regime.low", low, 0.001, 2.0, "percent")
        yield from outside("regime.high", high, 0.001, 5.0, "percent")
        return
    fitted = config.validity.ranges["atr_pct"]
    for name, value in (("low", low), ("high", high)):
        span = fitted.low / 2, fitted.high * 2
        yield from outside(f"regime.{name}", value, *span, "percent of ATR")


def _guards(config: BotConfig, guards: Guards) -> Iterator[Finding]:
    order = guards.order_usdt
    for name, value, low, high, unit in (
        ("max_dydx_age_ms", guards.max_dydx_age_ms, *AGE_MS, "ms"),
        ("max_binance_age_ms", guards.max_binance_age_ms, *AGE_MS, "ms"),
        ("max_consecutive_losses", guards.max_consecutive_losses, 1, 50, "losses"),
        ("loss_cooldown_min", guards.loss_cooldown_min, 1, 1440, "min"),
        ("max_daily_loss_usdt", guards.max_daily_loss_usdt, order / 1000, order, "USDT"),
        ("max_concurrent_positions", guards.max_concurrent_positions, 1, 20, "positions"),
        ("order_usdt", order, 5, 1e6, "USDT"),
        ("min_depth_usdt", guards.min_depth_usdt, order, 100 * order, "USDT"),
    ):
        yield from outside(f"guards.{name}", value, low, high, unit)
    yield from bands(guards.spread.model_dump(), "guards.spread")
    yield from _volatility(config, guards)


def bands(values: Mapping[str, Any], place: str) -> Iterator[Finding]:
    """Bands of the effective diff; names that are not known are passed over."""
    for name, (low, high, unit) in BANDS.items():
        if name in values:
            yield from outside(f"{place}.{name}", values[name], low, high, unit)


def _volatility(config: BotConfig, guards: Guards) -> Iterator[Finding]:
    fitted = config.validity.ranges.get("realized_vol_pct") if config.validity else None
    if fitted is None:
        return
    guard, median = guards.volatility, fitted.quantiles["0.5"]
    if config.lookbacks is not None and guard.lookback_min != config.lookbacks.realized_vol_min:
        yield Finding(
            where="guards.volatility.lookback_min",
            sentence=f"is {guard.lookback_min}, the evidence looked back over "
            f"{config.lookbacks.realized_vol_min} minutes",
        )
    yield from outside(
        "guards.volatility.slow_above", guard.slow_above, median, fitted.high * 5, "percent"
    )
    yield from outside(
        "guards.volatility.halt_above", guard.halt_above, median, fitted.high * 20, "percent"
    )
