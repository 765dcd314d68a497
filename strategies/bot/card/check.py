"""What is wrong with a trading card: types, ranges, units, age, entries that contradict.

The bot's own sections may lack keys (a card inherits by ``_extends``) and hold others that nobody
here knows; ours may not.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from research.errors import ParamError
from research.features.labels import segment_of
from strategies.bot.card.entries import SECTION_OF, word_of
from strategies.bot.card.shape import CardEntry, CardSection, section_digest
from strategies.bot.check.finding import Finding, outside
from strategies.bot.check.units import AGE_MS, BANDS, EXITS, FEES_BPS, MINUTES, percent_of
from strategies.bot.validity import moment_of
from strategies.law.bounds import bounds
from strategies.registry import strategy_named

__all__ = ["card_findings", "is_card"]

_SECTIONS = ("_meta", "basic", "targets_and_stops", "fees", "risk_control", "spread_guard")
_TEXTS = {
    "_meta": ("card_id", "card_name", "description", "version", "created_at"),
    "basic": ("symbol",),
}
_NUMBERS: Mapping[str, Mapping[str, tuple[float, float, str]]] = {
    "targets_and_stops": {
        "target_profit_pct": (*EXITS, "percent"),
        "stop_loss_pct": (*EXITS, "percent"),
        "max_hold_minutes": (1, 1440, "min"),
    },
    "fees": {"taker_fee_pct": (0.002, 0.2, "percent"), "maker_fee_pct": (-0.05, 0.2, "percent")},
    "risk_control": {
        "max_consecutive_losses": (1, 50, "losses"),
        "consecutive_loss_cooldown_min": (1, 1440, "min"),
        "max_daily_loss_usdt": (0.5, 1e5, "USDT"),
        "max_concurrent_positions": (1, 20, "positions"),
    },
    "spread_guard": {**BANDS, "max_data_age_ms": (*AGE_MS, "ms")},
}
_COUNTED = ("max_hold_minutes", "max_consecutive_losses", "max_concurrent_positions")
_RISING = (
    ("min_entry", "base_entry"),
    ("base_entry", "max_entry"),
    ("min_halt", "max_halt"),
    ("max_entry", "max_halt"),
    ("oracle_warn", "oracle_halt"),
)


def is_card(raw: Mapping[str, Any]) -> bool:
    """Whether an object is a trading card and no bot config."""
    return "kind" not in raw and any(name in raw for name in (*_SECTIONS, *SECTION_OF.values()))


def card_findings(card: Mapping[str, Any], now: datetime) -> list[Finding]:
    """Faults first, then what to know."""
    found = [*_bots_own(card), *_order(card), *_ours(card, now)]
    return sorted(found, key=lambda each: not each.is_fault)


def _bots_own(card: Mapping[str, Any]) -> Iterator[Finding]:
    if not isinstance(card.get("_extends", ""), str):
        yield Finding(where="_extends", sentence="must be the name of a card")
    for section in _SECTIONS:
        values = card.get(section, {})
        if not isinstance(values, dict):
            yield Finding(where=section, sentence="must be an object")
            continue
        for key in _TEXTS.get(section, ()):
            if key in values and not (isinstance(values[key], str) and values[key]):
                yield Finding(where=f"{section}.{key}", sentence="must be a text")
        for key, (low, high, unit) in _NUMBERS.get(section, {}).items():
            if key in values:
                yield from _number(f"{section}.{key}", values[key], low, high, unit)
    yield from _meta(card.get("_meta"))
    symbol = _get(card, "basic", "symbol")
    if isinstance(symbol, str) and len(symbol.replace("-", "/").split("/")) != 2:
        yield Finding(where="basic.symbol", sentence=f"{symbol!r} is none such as BTC/USDT")


def _number(where: str, value: Any, low: float, high: float, unit: str) -> Iterator[Finding]:
    if isinstance(value, bool) or not isinstance(value, int | float):
        yield Finding(where=where, sentence=f"must be a number, was {json.dumps(value)[:40]}")
        return
    if where.split(".")[-1] in _COUNTED and value != int(value):
        yield Finding(where=where, sentence=f"must be a whole number, was {value:g}")
    yield from outside(where, value, low, high, unit)
    if where == "fees.maker_fee_pct" and 0 < abs(value) < 0.001:
        yield Finding(where=where, sentence=f"{value:g} percent: a fraction for a percentage?")


def _meta(meta: Any) -> Iterator[Finding]:
    if not isinstance(meta, dict):
        return
    tags, rate = meta.get("tags", []), meta.get("expected_win_rate")
    if not (isinstance(tags, list) and all(isinstance(tag, str) for tag in tags)):
        yield Finding(where="_meta.tags", sentence="must be a list of texts")
    if rate is not None:
        # either spelling is about: 0.62 and 62
        yield from _number("_meta.expected_win_rate", rate, 0.05, 100, "(fraction, or percent)")
    created = meta.get("created_at")
    if isinstance(created, str) and created:
        try:
            datetime.fromisoformat(created)
        except ValueError:
            yield Finding(where="_meta.created_at", sentence=f"{created!r} is no ISO 8601 moment")


def _order(card: Mapping[str, Any]) -> Iterator[Finding]:
    for low, high in _RISING:
        one, two = _get(card, "spread_guard", low), _get(card, "spread_guard", high)
        if _is_number(one) and _is_number(two) and one > two:
            yield Finding(
                where=f"spread_guard.{low}", sentence=f"{one:g} is above {high} = {two:g}"
            )
    maker, taker = _get(card, "fees", "maker_fee_pct"), _get(card, "fees", "taker_fee_pct")
    if _is_number(maker) and _is_number(taker) and maker > taker:
        yield Finding(
            where="fees.maker_fee_pct", sentence=f"{maker:g} is above the taker's {taker:g}"
        )


def _ours(card: Mapping[str, Any], now: datetime) -> Iterator[Finding]:
    for strategy, name in SECTION_OF.items():
        if name not in card:
            yield Finding(where=name, sentence="is not in the card", is_fault=False)
            continue
        raw = card[name]
        try:
            section = CardSection.model_validate_json(json.dumps(raw), strict=True)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join([name, *(str(part) for part in first["loc"])])
            words = first["msg"].removeprefix("Value error, ")
            yield Finding(where=where, sentence=f"{words}; write it with `leadfollow export`")
            continue
        if section.section_sha256 != section_digest(raw):
            yield Finding(
                where=f"{name}.section_sha256",
                sentence="the section was changed after the export: the evidence no longer speaks "
                "of it",
            )
        yield from _section(card, section, name, strategy, now)


def _section(
    card: Mapping[str, Any], section: CardSection, name: str, strategy: str, now: datetime
) -> Iterator[Finding]:
    if section.enabled != bool(section.entries):
        yield Finding(where=f"{name}.enabled", sentence="is not what its entries say")
    symbol = _get(card, "basic", "symbol")
    if isinstance(symbol, str) and _base(symbol) != _base(section.market):
        yield Finding(
            where=f"{name}.market", sentence=f"is {section.market}, the card is of {symbol}"
        )
    if section.entries:
        yield from _expiry(section, name, now)
    if section.synthetic:
        yield Finding(
            where=f"{name}.synthetic", sentence="made on a synthetic market: never to be traded",
            is_fault=False,
        )  # fmt: skip
    seen: set[tuple[str, str]] = set()
    for number, entry in enumerate(section.entries):
        place = f"{name}.entries.{number}"
        if (entry.segment, entry.mode) in seen:
            yield Finding(where=place, sentence=f"{entry.segment} {entry.mode} stands there twice")
        seen.add((entry.segment, entry.mode))
        yield from _entry(entry, place, strategy)


def _expiry(section: CardSection, name: str, now: datetime) -> Iterator[Finding]:
    if section.expires_at is None:
        yield Finding(where=f"{name}.expires_at", sentence="is unknown: export anew from minutes")
    elif moment_of(section.expires_at) <= now:
        yield Finding(where=f"{name}.expires_at", sentence=f"expired on {section.expires_at}")


def _entry(entry: CardEntry, place: str, strategy: str) -> Iterator[Finding]:
    try:
        segment_of(entry.segment)
    except ParamError as error:
        yield Finding(where=f"{place}.segment", sentence=str(error))
    named = strategy_named(strategy)
    known = bounds(named.params_type)
    words = {word_of(name, known[name].unit): name for name in named.axes}
    if set(words) != set(entry.parameters):
        yield Finding(where=place, sentence=f"its parameters must be {', '.join(words)}")
        return
    for word, name in words.items():
        value, unit = entry.parameters[word], known[name].unit
        if not known[name].holds(value):
            yield Finding(where=f"{place}.{word}", sentence=f"must be {known[name]}, was {value:g}")
        span = MINUTES if unit == "min" else percent_of(name)
        yield from outside(f"{place}.{word}", value, *span, unit, zero_ok=True)
    yield from outside(f"{place}.fees_bps", abs(entry.fees_bps), *FEES_BPS, "bps")


def _get(card: Mapping[str, Any], section: str, key: str) -> Any:
    values = card.get(section)
    return values.get(key) if isinstance(values, dict) else None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _base(symbol: str) -> str:
    return symbol.upper().replace("-", "/").split("/")[0]
