"""A trading card: the JSON file that the user's bot reads, and what of it is ours.

``_meta``, ``_extends``, ``basic``, ``targets_and_stops``, ``fees``, ``risk_control`` and
``spread_guard`` are the bot's own; ``lead_follow`` and ``spread_reversion`` are ours, one entry a
segment, in the order in which they decide: the first that holds a minute's labels. Percent of price
and minutes as the names say; the bands of ``spread_guard`` are fractions, ``expected_win_rate`` is
a fraction.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from research.errors import ExportError
from strategies.bot.card.shape import sealed
from strategies.bot.conflicts import rank
from strategies.bot.contract import BotConfig
from strategies.bot.evidence import Evidence
from strategies.bot.sets import BotSet

__all__ = [
    "OURS",
    "SECTION_OF",
    "bots_own",
    "expected_win_rate",
    "our_sections",
    "symbol_of",
    "whole_card",
    "word_of",
]

SECTION_OF = {"lead": "lead_follow", "reversion": "spread_reversion"}
"""Strategy to its section; another strategy's section has its name."""
OURS = tuple(SECTION_OF.values())
_WORDS = {
    "tp": "target_profit_pct",
    "sl": "stop_loss_pct",
    "horizon": "max_hold_minutes",
    "max_hold": "max_hold_minutes",
}
_SUFFIX = {"percent": "_pct", "min": "_min"}


def our_sections(config: BotConfig) -> dict[str, Any]:
    """``lead_follow`` and ``spread_reversion``, and a section for each further strategy."""
    names = dict.fromkeys(each.strategy for each in config.sets)
    sections = SECTION_OF | {name: name for name in names if name not in SECTION_OF}
    return {section: _section(config, name) for name, section in sections.items()}


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


def expected_win_rate(sets: Iterable[BotSet]) -> float | None:
    """Share of winners out of sample over all trades of ``sets``, a fraction; None without any."""
    known = [_counts(each.out_of_sample) for each in sets]
    trades = sum(events for events, _ in known)
    return round(sum(wins for _, wins in known) / trades, 4) if trades else None


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
        "max_daily_loss_usdt": _whole(guards.max_daily_loss_usdt),
        "max_concurrent_positions": guards.max_concurrent_positions,
    }


def _spread_guard(config: BotConfig) -> dict[str, Any]:
    """Bands of the effective diff, fractions; the stricter of both age gates."""
    guards = config.guards
    assert guards is not None  # noqa: S101 (asked by the callers)
    bands = guards.spread.model_dump()
    escape = bands.pop("escape_timeout_sec")
    return {
        **{name: _whole(value) for name, value in bands.items()},
        "max_data_age_ms": _whole(min(guards.max_dydx_age_ms, guards.max_binance_age_ms)),
        "escape_timeout_sec": _whole(escape),
    }


def _whole(value: float) -> float:
    """``15`` for ``15.0``: minutes are counted."""
    return int(value) if float(value).is_integer() else value


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
    named = _parameters(best)
    names = ("target_profit_pct", "stop_loss_pct", "max_hold_minutes")
    return {"targets_and_stops": {name: named[name] for name in names if name in named}}


def _section(config: BotConfig, strategy: str) -> dict[str, Any]:
    mine = [each for each in config.enabled if each.strategy == strategy]
    entries = [_entry(each) for each in sorted(mine, key=rank, reverse=True)]
    section = {
        "enabled": bool(entries),
        "market": config.market.dydx,
        "synthetic": config.synthetic,
        "expires_at": config.validity.expires_at if config.validity else None,
        "config_sha256": config.evidence_sha256,
        "sessions_utc": dict(config.sessions),
        "regime": {
            "atr_min": config.regime.atr_min,
            "calm_below_pct": config.regime.low,
            "wild_from_pct": config.regime.high,
        },
        "basis_min": config.basis_min,
        "entries": entries,
    }
    return sealed(section)


def _entry(each: BotSet) -> dict[str, Any]:
    report = each.out_of_sample.report
    return {
        "segment": each.segment,
        "mode": each.mode,
        "set": each.id,
        "forced": each.forced,
        "reference": each.reference,
        **_parameters(each),
        "filters": _filters(each),
        "fees_bps": _whole(each.costs.fees_bps),
        "slippage_bps": _whole(each.costs.slippage_bps),
        "expected_win_rate": expected_win_rate([each]),
        "expected_pnl_pct": _rounded(report.get("avg_pnl")),
        "lower_bound_pct": _rounded(report.get("lcb_pnl")),
    }


def _parameters(each: BotSet) -> dict[str, float]:
    return {
        word_of(name, parameter.unit): _whole(parameter.value)
        for name, parameter in each.parameters.items()
    }


def word_of(name: str, unit: str) -> str:
    """The card's name of a parameter: ``stop_loss_pct`` for ``sl``, ``window_min``."""
    suffix = _SUFFIX[unit]
    return _WORDS.get(name, name if name.endswith(suffix) else name + suffix)


def _filters(each: BotSet) -> Mapping[str, Any]:
    """What asks for something; the age always."""
    usual = {
        "needs_alignment": False,
        "rsi_min": 0.0,
        "rsi_max": 100.0,
        "max_funding_pct": None,
        "score_column": None,
        "score_min": None,
    }
    mine = each.filters.model_dump(mode="json")
    asked = {name: mine[name] for name, value in usual.items() if mine[name] != value}
    if {"rsi_min", "rsi_max"} & asked.keys():
        asked["rsi_timeframe"] = mine["rsi_timeframe"]
    return {
        "sessions": mine["sessions"],
        "regimes": mine["regimes"],
        "max_age_min": None if mine["max_age_min"] is None else _whole(mine["max_age_min"]),
    } | asked


def _counts(evidence: Evidence) -> tuple[float, float]:
    events, rate = (evidence.report.get(name) for name in ("events", "win_rate"))
    return (events, events * rate / 100) if events and rate is not None else (0.0, 0.0)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 6)
