"""Gates and guards: there, and no looser than the evidence allows."""

import math
from collections.abc import Iterator

from strategies.bot.contract import BotConfig
from strategies.bot.guards import Guards
from strategies.bot.preflight.line import Line

__all__ = ["guard_lines"]

_MINUTE_MS = 60_000.0
_STREAKS = 3  # a halt after so many times the longest losing streak seen comes too late
_FEW = 10


def guard_lines(config: BotConfig) -> Iterator[Line]:
    """Ages, losses, volatility, depth."""
    guards = config.guards
    if guards is None:
        for name in ("age gate", "consecutive losses", "volatility", "depth", "daily loss"):
            yield Line(
                check=name,
                passed=False,
                needs="a guard",
                sentence="the file has none (schema 1): export it anew",
            )
        return
    yield _age(config, guards)
    yield _losses(config, guards)
    yield from _volatility(config, guards)
    yield _depth(guards)
    yield _daily(guards)


def _age(config: BotConfig, guards: Guards) -> Line:
    """The evidence entered on prices of at most so many minutes; the gate must be tighter."""
    ages = [each.filters.max_age_min for each in config.enabled]
    known = [age for age in ages if age is not None]
    needed = (min(known, default=0.0) + 1) * _MINUTE_MS
    gate = max(guards.max_dydx_age_ms, guards.max_binance_age_ms)
    any_age = len(known) < len(ages)
    return Line(
        check="age gate",
        passed=gate < needed and not any_age,
        number=gate,
        unit="ms",
        needs=f"< {needed:g}",
        sentence="a set asks for no age at all: its evidence stands on prices that nobody could "
        "trade"
        if any_age
        else f"no entry on data older than {gate:g} ms; the evidence's was up to {needed:g} ms",
    )


def _losses(config: BotConfig, guards: Guards) -> Line:
    seen = max((_streak(each.out_of_sample.report) for each in config.enabled), default=0.0)
    most = max(_FEW, _STREAKS * seen)
    limit = guards.max_consecutive_losses
    return Line(
        check="consecutive losses",
        passed=1 <= limit <= most and guards.loss_cooldown_min >= 1,
        number=limit,
        unit="losses",
        needs=f"1 to {most:g}, and a pause",
        sentence=f"pauses {guards.loss_cooldown_min} min after {limit} losses in a row; the "
        f"evidence had {seen:g} at most",
    )


def _streak(report: dict[str, float | None]) -> float:
    return report.get("max_losing_streak") or 0.0


def _volatility(config: BotConfig, guards: Guards) -> Iterator[Line]:
    guard = guards.volatility
    fitted = config.validity.ranges.get("realized_vol_pct") if config.validity else None
    # the fitted range ends at the quantile 0.99; what the evidence saw at most is not far above
    most = math.nan if fitted is None else 10 * fitted.high
    lookback = config.lookbacks.realized_vol_min if config.lookbacks else guard.lookback_min
    yield Line(
        check="volatility",
        passed=fitted is not None and guard.halt_above <= most and guard.lookback_min == lookback,
        number=guard.halt_above,
        unit="%",
        needs=f"<= {most:.4g}",
        sentence="the file has no fitted range of volatility"
        if fitted is None
        else f"smaller above {guard.slow_above:.4f} %, no entry above {guard.halt_above:.4f} % "
        f"over {guard.lookback_min} min; 99 of 100 minutes of the evidence were below "
        f"{fitted.high:.4f} %",
    )
    edges = config.regime.low, config.regime.high
    wild = [each for each in config.enabled if each.where.regime is not None]
    yield Line(
        check="regime edges",
        passed=None not in edges or not wild,
        number=math.nan if config.regime.high is None else config.regime.high,
        unit="%",
        needs="fitted, where a set asks for a regime",
        sentence="not fitted: every regime is unknown"
        if edges[0] is None or edges[1] is None
        else f"calm below {edges[0]:.4f} %, wild from {edges[1]:.4f} % of ATR over "
        f"{config.regime.atr_min} min, {config.regime.edges}",
    )


def _depth(guards: Guards) -> Line:
    return Line(
        check="depth",
        passed=guards.min_depth_usdt >= guards.order_usdt,
        number=guards.min_depth_usdt,
        unit="USDT",
        needs=f">= {guards.order_usdt:g}",
        sentence=f"no entry where the book holds less than {guards.min_depth_usdt:g} USDT for an "
        f"order of {guards.order_usdt:g}",
    )


def _daily(guards: Guards) -> Line:
    most = guards.order_usdt * guards.max_concurrent_positions
    return Line(
        check="daily loss",
        passed=0 < guards.max_daily_loss_usdt <= most,
        number=guards.max_daily_loss_usdt,
        unit="USDT",
        needs=f"<= {most:g}",
        sentence=f"stops for the day at {guards.max_daily_loss_usdt:g} USDT; "
        f"{guards.max_concurrent_positions} x {guards.order_usdt:g} USDT may be at stake",
    )
