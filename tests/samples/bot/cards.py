"""Trading cards as people keep them: any order, any spelling, keys that nobody here knows."""

import json
import random
from typing import Any

__all__ = ["foreign_card", "odd_json", "random_card"]

KNOWN = {
    "_meta": {
        "card_id": "btc_scalp_7",
        "card_name": "BTC scalp",
        "description": "as it was",
        "version": "1.4.1",
        "created_at": "2026-01-02T03:04:05Z",
        "tags": ["scalp", "剝頭皮"],
        "expected_win_rate": 0.62,
    },
    "_extends": "base_default",
    "basic": {"symbol": "BTC/USDT", "leverage": 5},
    "targets_and_stops": {"target_profit_pct": 0.35, "stop_loss_pct": 0.2, "max_hold_minutes": 15},
    "fees": {"maker_fee_pct": 0.01, "taker_fee_pct": 0.05},
    "risk_control": {
        "max_consecutive_losses": 4,
        "consecutive_loss_cooldown_min": 30,
        "max_daily_loss_usdt": 40,
        "max_concurrent_positions": 1,
    },
    "spread_guard": {
        "base_entry": 0.002,
        "min_entry": 0.001,
        "max_entry": 0.008,
        "halt_mult": 3,
        "min_halt": 0.01,
        "max_halt": 0.03,
        "oracle_warn": 0.005,
        "oracle_halt": 0.01,
        "max_data_age_ms": 1500,
        "escape_timeout_sec": 45,
    },
}
_WORDS = ("alpha", "note", "x", "tp", "ü", "entries", "set", "lead", "fees", "_private")


def foreign_card() -> dict[str, Any]:
    """A sound card of the bot's own sections."""
    found: dict[str, Any] = json.loads(json.dumps(KNOWN))
    return found


def random_card(chance: random.Random) -> tuple[str, dict[str, Any]]:
    """A card's text and what it says: some sections, some unknown keys, in any order."""
    card = {name: value for name, value in foreign_card().items() if chance.random() < 0.7}
    card["basic"] = {"symbol": chance.choice(["BTC/USDT", "BTC-USDT", "btc/usdt"])}
    for section in [*card.values(), card]:
        if isinstance(section, dict):
            for _ in range(chance.randrange(3)):
                section[chance.choice(_WORDS) + str(chance.randrange(9))] = _value(chance, 3)
    for ours in ("lead_follow", "spread_reversion"):
        if chance.random() < 0.3:
            card[ours] = {"enabled": chance.random() < 0.5, "old": _value(chance, 2)}
    return odd_json(_shuffled(card, chance), chance), card


def odd_json(value: dict[str, Any], chance: random.Random) -> str:
    """``value`` as JSON in one of the ways that people and programs write it."""
    indent: Any = chance.choice([None, 2, 4, "\t", 1])
    separators = (",", ":") if indent is None and chance.random() < 0.5 else None
    text = json.dumps(
        value, indent=indent, separators=separators, ensure_ascii=chance.random() < 0.5
    )
    if indent is not None and chance.random() < 0.3:
        text = text.replace("\n", "\r\n")
    return text + chance.choice(["", "\n"])


def _shuffled(card: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    names = list(card)
    chance.shuffle(names)
    return {
        name: _shuffled(card[name], chance) if isinstance(card[name], dict) else card[name]
        for name in names
    }


def _value(chance: random.Random, depth: int) -> Any:
    kind = chance.randrange(8 if depth else 6)
    if kind == 0:
        return chance.choice([None, True, False])
    if kind == 1:
        return chance.randrange(-(10**6), 10**6)
    if kind == 2:
        return chance.random() * 10 ** chance.randrange(-9, 9)
    if kind == 3:
        return float(chance.randrange(100))
    if kind in (4, 5):
        return "".join(
            chance.choice('ab {}[]",:\\\n\t\u2603é0') for _ in range(chance.randrange(9))
        )
    if kind == 6:
        return [_value(chance, depth - 1) for _ in range(chance.randrange(4))]
    return {chance.choice(_WORDS): _value(chance, depth - 1) for _ in range(chance.randrange(4))}
