"""A trading card: the JSON file that the user's bot reads, as the evidence would fill it.

``_meta``, ``_extends``, ``basic``, ``targets_and_stops``, ``fees``, ``risk_control`` and
``spread_guard`` are the bot's own, the others ours (:mod:`strategies.bot.card.entries`). Percent of
price and minutes as the names say; bands of ``spread_guard`` and win rates are fractions.
"""

import re
from datetime import datetime
from typing import Any

from research.errors import ExportError
from strategies.bot.card.entries import (
    expected_win_rate,
    our_sections,
    parameters_of,
    whole_number,
)
from strategies.bot.conflicts import rank
from strategies.bot.contract import BotConfig

__all__ = ["bots_own", "symbol_of", "whole_card"]


def whole_card(
    config: BotConfig,
    *,
    now: datetime,
    maker_fee_bps: float,
    extends: str = "base_default",
) -> dict[str, Any]:
    """A card of its own.

    Raises
    ------
    ExportError
        The config has no guards: it was written by schema 1.
    """
    if config.guards is None:
        raise ExportError(
            "the config has no guards (schema 1): a card of its own needs them; make the run anew, "
            "or give a card with --base"
        )
    return {
        "_meta": _meta(config, now),
        "_extends": extends,
        "basic": {"symbol": symbol_of(config)},
        **_targets(config),
        "fees": _fees(config, maker_fee_bps),
        "risk_control": _risk_control(config),
        "spread_guard": _spread_guard(config),
        **our_sections(config),
    }


def bots_own(config: BotConfig, *, maker_fee_bps: float) -> dict[str, dict[str, Any]]:
    """What the evidence says about sections that are the bot's own, by section and key."""
    found: dict[str, dict[str, Any]] = {
        "_meta": {"expected_win_rate": expected_win_rate(config.enabled)},
        **_targets(config),
        "fees": _fees(config, maker_fee_bps),
    }
    if config.guards is not None:
        found |= {"risk_control": _risk_control(config), "spread_guard": _spread_guard(config)}
    return {
        section: {key: value for key, value in values.items() if value is not None}
        for section, values in found.items()
    }


def symbol_of(config: BotConfig) -> str:
    """``BTC/USDT``."""
    name = config.market.binance
    found = re.fullmatch(r"(.+?)(USDT|USDC|USD)", name)
    return f"{found[1]}/{found[2]}" if found else f"{config.market.name}/USDT"


def _fees(config: BotConfig, maker_fee_bps: float) -> dict[str, Any]:
    """Percent of one side: the taker's as the evidence paid it."""
    from strategies.registry import strategy_named

    paid = [
        each.costs.fees_bps / (2 * strategy_named(each.strategy).legs)
        for each in config.enabled or config.sets
    ]
    return {
        "maker_fee_pct": round(maker_fee_bps / 100, 6),
        "taker_fee_pct": round(max(paid) / 100, 6) if paid else None,
    }


def _risk_control(config: BotConfig) -> dict[str, Any]:
    """The guards under the bot's own names."""
    guards = config.guards
    assert guards is not None  # noqa: S101 (asked by the callers)
    return {
        "max_consecutive_losses": guards.max_consecutive_losses,
        "consecutive_loss_cooldown_min": guards.loss_cooldown_min,
        "max_daily_loss_usdt": whole_number(guards.max_daily_loss_usdt),
        "max_concurrent_positions": guards.max_concurrent_positions,
    }


def _spread_guard(config: BotConfig) -> dict[str, Any]:
    """Bands of the effective diff, fractions; the stricter of both age gates."""
    guards = config.guards
    assert guards is not None  # noqa: S101 (asked by the callers)
    bands = guards.spread.model_dump()
    escape = bands.pop("escape_timeout_sec")
    return {
        **{name: whole_number(value) for name, value in bands.items()},
        "max_data_age_ms": whole_number(min(guards.max_dydx_age_ms, guards.max_binance_age_ms)),
        "escape_timeout_sec": whole_number(escape),
    }


def _meta(config: BotConfig, now: datetime) -> dict[str, Any]:
    market = config.market.name
    until = f", until {config.validity.expires_at}" if config.validity else ""
    tags = ["leadfollow", market.lower()]
    tags += ["synthetic"] if config.synthetic else []
    tags += ["forced"] if any(each.forced for each in config.sets) else []
    return {
        "card_id": f"leadfollow_{market.lower()}",
        "card_name": f"leadfollow {market}",
        "description": f"{len(config.enabled)} of {len(config.sets)} sets may trade{until}",
        "version": "1.0.0",
        "created_at": f"{now:%Y-%m-%dT%H:%M:%SZ}",
        "tags": tags,
        "expected_win_rate": expected_win_rate(config.enabled),
    }


def _targets(config: BotConfig) -> dict[str, dict[str, Any]]:
    """TP, SL and hold of the enabled set with the highest lower bound; none without such."""
    exits = [each for each in config.enabled if {"tp", "sl"} <= set(each.parameters)]
    if not exits:
        return {}
    best = max(exits, key=rank)
    named = parameters_of(best)
    names = ("target_profit_pct", "stop_loss_pct", "max_hold_minutes")
    return {"targets_and_stops": {name: named[name] for name in names if name in named}}
