"""Trading cards: what is written, what survives, what is kept."""

import json
import random
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from research.errors import ExportError
from strategies.bot.card.entries import our_sections
from strategies.bot.config import BotConfig, config_of, load_bot_config
from sweeps.export.cards import SECTIONS, new_card, updated_card, write_card
from sweeps.export.force import forced
from tests.samples.bot.cards import foreign_card, random_card
from tests.strategies.bot.test_versions import OLD
from tests.sweeps.export.test_bot_config import made_config

NOW = datetime(2026, 1, 9, 12, 0, 5, tzinfo=UTC)
OURS = ("lead_follow", "spread_reversion")


def config(**market: str) -> BotConfig:
    raw = json.loads(made_config().to_json())
    raw["market"] |= {"name": "BTC", "binance": "BTCUSDT", "dydx": "BTC-USD"} | market
    return config_of(raw, "bot.json")


def update(path: Path, *sections: str) -> dict[str, Any]:
    change = updated_card(config(), path, maker_fee_bps=1.0, update=sections)
    write_card(change, now=NOW)
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def test_a_new_card_has_what_the_bot_reads(tmp_path: Path) -> None:
    change = new_card(config(), tmp_path / "card.json", now=NOW, maker_fee_bps=1.0)
    assert write_card(change, now=NOW) is None
    card = json.loads((tmp_path / "card.json").read_text())
    known = foreign_card()
    assert list(card) == [*known, *OURS]
    for section in SECTIONS:
        assert list(card[section]) == list(known[section]), section
    assert card["_extends"] == "base_default"
    assert card["basic"]["symbol"] == "BTC/USDT"
    assert card["fees"] == {"maker_fee_pct": 0.01, "taker_fee_pct": 0.05}
    assert card["targets_and_stops"] == {
        "target_profit_pct": 0.4, "stop_loss_pct": 0.6, "max_hold_minutes": 15,
    }  # fmt: skip
    (entry,) = card["lead_follow"]["entries"]
    assert (entry["segment"], entry["mode"], entry["window_min"]) == ("all", "long", 5)
    assert entry["spread_entry_pct"] == 0.02
    assert card["_meta"]["expected_win_rate"] == entry["expected_win_rate"] == 1.0
    assert card["spread_reversion"]["enabled"] is False


def test_what_is_not_ours_survives_byte_by_byte(tmp_path: Path) -> None:
    path = tmp_path / "card.json"
    for seed in range(40):
        text, before = random_card(random.Random(seed))
        path.write_bytes(text.encode())
        after = update(path)
        assert {k: v for k, v in after.items() if k not in OURS} == {
            k: v for k, v in before.items() if k not in OURS
        }
        theirs = [each for each in after if each not in OURS]
        assert theirs == [each for each in json.loads(text) if each not in OURS]  # in their order
        assert {name: after[name] for name in OURS} == json.loads(
            json.dumps(our_sections(config()))
        )


def test_sections_of_the_bots_own_are_written_only_where_asked(tmp_path: Path) -> None:
    path = tmp_path / "card.json"
    path.write_text(json.dumps(foreign_card(), indent=2))
    kept = updated_card(config(), path, maker_fee_bps=1.0)
    assert any("targets_and_stops.target_profit_pct is 0.35 and stays" in x for x in kept.notes)
    after = update(path, "targets_and_stops", "_meta")
    assert after["targets_and_stops"]["target_profit_pct"] == 0.4
    assert after["_meta"]["version"] == "1.4.2"
    assert after["_meta"]["card_id"] == "btc_scalp_7"
    assert after["risk_control"] == foreign_card()["risk_control"]


def test_a_win_rate_keeps_the_cards_unit(tmp_path: Path) -> None:
    card = foreign_card()
    card["_meta"]["expected_win_rate"] = 62.5
    (tmp_path / "card.json").write_text(json.dumps(card))
    assert update(tmp_path / "card.json", "_meta")["_meta"]["expected_win_rate"] == 100.0


def test_the_card_before_is_kept_and_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "card.json"
    path.write_text(json.dumps(foreign_card()))
    path.chmod(0o600)
    before = path.read_bytes()
    for number, name in enumerate(("20260109T120005Z", "20260109T120005Z-2")):
        assert update(path)["lead_follow"]["enabled"]
        backup = tmp_path / f"card.json.{name}.bak"
        assert (backup.read_bytes() == before) == (number == 0)
        assert path.stat().st_mode & 0o777 == backup.stat().st_mode & 0o777 == 0o600
        path.write_bytes(path.read_bytes().replace(b"lead-long.all", b"lead-long.x"))
    assert {each.name for each in tmp_path.iterdir() if not each.name.endswith(".bak")} == {
        "card.json"
    }


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real.json").write_text(json.dumps(foreign_card()))
    (tmp_path / "card.json").symlink_to("real.json")
    update(tmp_path / "card.json")
    assert (tmp_path / "card.json").is_symlink()
    assert "lead_follow" in json.loads((tmp_path / "real.json").read_text())


def test_a_card_that_changed_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "card.json"
    path.write_text(json.dumps(foreign_card()))
    change = updated_card(config(), path, maker_fee_bps=1.0)
    path.write_text('{"basic": {}}')
    with pytest.raises(ExportError, match="was changed by somebody"):
        write_card(change, now=NOW)
    assert path.read_text() == '{"basic": {}}'
    assert not list(tmp_path.glob("*.bak"))


def test_what_says_all_that_already_is_no_change(tmp_path: Path) -> None:
    (tmp_path / "card.json").write_text(json.dumps(foreign_card()))
    update(tmp_path / "card.json")
    assert not updated_card(config(), tmp_path / "card.json", maker_fee_bps=1.0).is_change


def test_where_nothing_may_trade_the_card_says_so(tmp_path: Path) -> None:
    none = config_of(json.loads(config().to_json()) | {"sets": []}, "bot.json")
    (tmp_path / "card.json").write_text(json.dumps(foreign_card() | {"lead_follow": {"old": 1}}))
    change = updated_card(none, tmp_path / "card.json", maker_fee_bps=1.0)
    card = json.loads(change.after)
    assert card["lead_follow"]["enabled"] is False
    assert card["lead_follow"]["entries"] == []
    assert card["targets_and_stops"] == foreign_card()["targets_and_stops"]


def test_entries_stand_in_the_order_in_which_they_decide() -> None:
    names = ["lead-short.asia"]
    found = our_sections(forced(load_bot_config(OLD), names))
    assert [each["set"] for each in found["lead_follow"]["entries"]] == [
        "lead-short.all",  # proven before forced
        "lead-short.asia",
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[]", "a JSON object is needed"),
        ("{}", "no trading card"),
        ('{"basic": 1}', "basic: must be an object"),
        ('{"basic": {"symbol": "ETH/USDT"}}', "the sets are of BTC/USDT"),
        ('{"basic": {}, "basic": {}}', "stands twice"),
        ('\ufeff{"basic": {}}', "BOM"),
        ('{"basic": {"a": NaN}}', "NaN is no JSON number"),
        ('{"basic": {}', "Invalid JSON"),
    ],
)
def test_what_is_no_card_of_this_market_is_refused(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "card.json").write_text(text)
    with pytest.raises(ExportError, match=words):
        updated_card(config(), tmp_path / "card.json", maker_fee_bps=1.0)


def test_a_section_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "card.json").write_text(json.dumps(foreign_card()))
    with pytest.raises(ExportError, match="--update basic: must be one of _meta"):
        updated_card(config(), tmp_path / "card.json", maker_fee_bps=1.0, update=["basic"])


def test_a_card_of_its_own_needs_guards(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="no guards"):
        new_card(load_bot_config(OLD), tmp_path / "card.json", now=NOW, maker_fee_bps=1.0)
