"""SIGKILL at random moments of exports and card updates: every file is whole, old or new."""

import json
import os
import random
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from research.errors import LeadfollowError
from strategies.bot.config import config_of
from strategies.bot.contract import BotConfig
from sweeps.export.bot_config import signed, write_bot_config
from sweeps.export.cards import updated_card, write_card
from tests.samples.bot.cards import foreign_card
from tests.samples.forks import forked, is_killed
from tests.sweeps.export.test_bot_config import made_config

NOW = datetime(2026, 1, 9, tzinfo=UTC)
LONGEST_S = 0.04


def run(count: int | None = None) -> dict[str, Any]:
    """``count`` kills (500), by turns of an export and of a card update."""
    chance, wanted = random.Random(15), count or 500
    one, two = two_configs()
    figures = {"kills": 0, "torn": 0, "backups_torn": 0, "lock_kept": 0, "left_behind": 0}
    with tempfile.TemporaryDirectory() as name:
        config, card = Path(name, "bot_config.json"), Path(name, "cards", "card.json")
        card.parent.mkdir()
        whole = {config: _exports(one, two), card: _cards(one, two, card)}
        write_bot_config(one, config)  # a kill before the first export would leave nothing to see
        for number in range(wanted):
            path = (config, card)[number % 2]
            work = _export if path == config else _update
            _killed(lambda path=path, work=work: work(path, one, two), chance)
            figures["kills"] += 1
            figures["torn"] += path.read_bytes() not in whole[path]
            for backup in card.parent.glob("card*.bak"):
                figures["backups_torn"] += backup.read_bytes() not in whole[card]
                backup.unlink()
        figures["left_behind"], figures["lock_kept"] = _after(config, card, one, two)
    return figures


def two_configs() -> tuple[BotConfig, BotConfig]:
    raw = json.loads(made_config().to_json())
    raw["market"] |= {"name": "BTC", "binance": "BTCUSDT", "dydx": "BTC-USD"}
    one = signed(config_of(raw, "made"))
    raw["sets"][0]["parameters"]["tp"]["value"] = 0.3
    return one, signed(config_of(raw, "made"))


def _exports(*configs: BotConfig) -> set[bytes]:
    return {each.to_json().encode() for each in configs}


def _cards(one: BotConfig, two: BotConfig, path: Path) -> set[bytes]:
    """The card before any update, and after one by either config."""
    path.write_text(json.dumps(foreign_card(), indent=4) + "\n")
    updates = [updated_card(each, path, maker_fee_bps=1.0).after for each in (one, two)]
    return {path.read_bytes(), *updates}


def _export(path: Path, one: BotConfig, two: BotConfig) -> None:
    while True:
        for each in (one, two):
            write_bot_config(each, path)


def _update(path: Path, one: BotConfig, two: BotConfig) -> None:
    while True:
        for each in (one, two):
            write_card(updated_card(each, path, maker_fee_bps=1.0), now=NOW)


def _killed(work: Callable[[], None], chance: random.Random) -> None:
    """Runs ``work`` in a process of its own and kills it after a moment."""
    reader, writer = os.pipe()

    def begin() -> None:
        os.write(writer, b"x")
        work()

    pid = forked(begin)
    os.read(reader, 1)
    os.close(reader)
    os.close(writer)
    assert is_killed(pid, chance.random() * LONGEST_S), "the writer ended by itself"


def _after(config: Path, card: Path, one: BotConfig, two: BotConfig) -> tuple[int, int]:
    """Files that one sound write leaves beside each, and whether a dead lock stops it."""
    lock_kept = 0
    for each in (one, two):
        try:
            write_bot_config(each, config)
            write_card(updated_card(each, card, maker_fee_bps=1.0), now=NOW)
        except LeadfollowError:
            lock_kept = 1
    beside = [*config.parent.iterdir(), *card.parent.iterdir()]
    known = {config, card, card.parent}
    strange = [each for each in beside if each not in known]
    return sum(not each.name.startswith("card.json.2026") for each in strange), lock_kept
