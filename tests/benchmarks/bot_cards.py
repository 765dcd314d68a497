"""Random cards there and back: what is not ours keeps its value, its order and its spelling."""

import json
import random
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from strategies.bot.card.entries import our_sections
from sweeps.export.cards import SECTIONS, updated_card, write_card
from tests.benchmarks.bot_kills import two_configs
from tests.samples.bot.cards import random_card

NOW = datetime(2026, 1, 9, tzinfo=UTC)
OURS = ("lead_follow", "spread_reversion")


def run(count: int | None = None) -> dict[str, Any]:
    """``count`` cards (200), each updated by one config, then by another, then once more."""
    one, two = two_configs()
    figures = {"cards": 0, "foreign_changed": 0, "ours_wrong": 0, "written_again": 0}
    named: list[str] = []
    with tempfile.TemporaryDirectory() as name:
        for seed in range(count or 200):
            path = Path(name, f"card-{seed}.json")
            text, _ = random_card(random.Random(seed))
            path.write_bytes(text.encode())
            before = _spelled(text)
            for config in (one, two):
                write_card(updated_card(config, path, maker_fee_bps=1.0), now=NOW)
                after = path.read_bytes().decode()
                if _foreign(before) != _foreign(_spelled(after)):
                    figures["foreign_changed"] += 1
                    named.append(f"card {seed}")
                ours = {key: json.loads(after)[key] for key in OURS}
                figures["ours_wrong"] += ours != json.loads(json.dumps(our_sections(config)))
            again = updated_card(two, path, maker_fee_bps=1.0)
            figures["written_again"] += again.is_change
            figures["cards"] += 1
            figures["foreign_changed"] += _asked_too_much(two, path)
    return figures | {"named": named[:10]}


def _asked_too_much(config: Any, path: Path) -> int:
    """Whether ``--update`` of one section touched another."""
    for section in SECTIONS:
        change = updated_card(config, path, maker_fee_bps=1.0, update=[section])
        one, two = _spelled(path.read_bytes().decode()), _spelled(change.after.decode())
        if _foreign(one, *OURS, section) != _foreign(two, *OURS, section):
            return 1
    return 0


def _spelled(text: str) -> list[tuple[str, Any]]:
    """The outermost members in their order; numbers as they are written."""
    found: list[tuple[str, Any]] = json.loads(
        text,
        object_pairs_hook=list,
        parse_int=lambda number: ("number", number),
        parse_float=lambda number: ("number", number),
    )
    return found


def _foreign(members: list[tuple[str, Any]], *ours: str) -> list[tuple[str, Any]]:
    return [each for each in members if each[0] not in (ours or OURS)]
