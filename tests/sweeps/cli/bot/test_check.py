"""``config check`` and ``config diff`` as their user meets them."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from strategies.bot.card.entries import our_sections
from strategies.bot.config import config_of
from sweeps.export.bot_config import signed
from sweeps.export.force import forced
from tests.benchmarks.bot_faults import ready
from tests.benchmarks.bot_fuzz import run as fuzz
from tests.samples.bot.cards import foreign_card
from tests.samples.commands import Call
from tests.strategies.bot.test_versions import OLD

Raw = dict[str, Any]


def now() -> tuple[str, str]:
    return "--now", ready().as_of


def config(edit: Callable[[Raw], Any] = lambda raw: None, *, seal: bool = True) -> str:
    raw = json.loads(ready().config.to_json())
    edit(raw)
    return signed(config_of(raw, "made")).to_json() if seal else json.dumps(raw)


def card(edit: Callable[[Raw], Any] = lambda raw: None) -> str:
    made = foreign_card() | our_sections(ready().config)
    edit(made)
    return json.dumps(made)


def first(raw: Raw) -> Raw:
    found: Raw = next(each for each in raw["sets"] if each["enabled"])
    return found


def test_a_sound_config_and_a_sound_card_pass(call: Call) -> None:
    for text in (config(), card()):
        Path("a.json").write_text(text)
        assert call("config", "check", "a.json", *now()) == 0, call.out
        assert "nothing is wrong with it" in call.out


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (lambda: config(lambda r: first(r)["parameters"]["tp"].update(value=40.0)),
         "divided by 100 it would be: a percentage for a fraction?"),
        (lambda: config(lambda r: first(r)["parameters"]["move_pct"].update(value=0.0008)),
         "times 100 it would be: a fraction for a percentage?"),
        (lambda: config(lambda r: first(r)["parameters"]["spread_entry"].update(value=4.9)),
         "is out of reach: the spread of the evidence stays within"),
        (lambda: config(lambda r: first(r)["costs"].update(fees_bps=0.1)),
         "costs.fees_bps: 0.1 bps is not plausible"),
        (lambda: config(lambda r: r["guards"].update(max_dydx_age_ms=20.0)),
         "guards.max_dydx_age_ms: 20 ms is not plausible"),
        (lambda: config(lambda r: r["regime"].update(low=3.0, high=5.0)), "regime.low: 3 percent"),
        (lambda: config(lambda r: r.update(basis_min=60), seal=False),
         "evidence_sha256: a number was changed after the export"),
        (lambda: config(lambda r: r["validity"].update(expires_at="2025-12-01T00:00Z")),
         "validity.expires_at: expired"),
        (OLD.read_text, "validity, guards, lookbacks, silence: not in the file"),
        (lambda: card(lambda c: c["targets_and_stops"].update(stop_loss_pct=20)),
         "targets_and_stops.stop_loss_pct: 20 percent is not plausible"),
        (lambda: card(lambda c: c["fees"].update(taker_fee_pct=0.0005)),
         "fees.taker_fee_pct: 0.0005 percent is not plausible"),
        (lambda: card(lambda c: c["spread_guard"].update(min_entry=0.005)),
         "spread_guard.min_entry: 0.005 is above base_entry = 0.002"),
        (lambda: card(lambda c: c["lead_follow"]["entries"][0].update(window_min=4)),
         "lead_follow.section_sha256: the section was changed after the export"),
        (lambda: card(lambda c: c["lead_follow"]["entries"].append(
            c["lead_follow"]["entries"][0])), "stands there twice"),
        (lambda: card(lambda c: c["basic"].update(symbol="ETH/USDT")),
         "lead_follow.market: is BTC-USD, the card is of ETH/USDT"),
        (lambda: card(lambda c: c["lead_follow"].pop("regime")),
         "lead_follow.regime: Field required"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_where(call: Call, text: Callable[[], str], words: str) -> None:
    Path("a.json").write_text(text())
    assert call("config", "check", "a.json", *now()) == 1
    assert words in call.out


def test_the_findings_as_json(call: Call) -> None:
    Path("a.json").write_text(config(lambda raw: raw["guards"].update(order_usdt=1.0)))
    assert call("config", "check", "a.json", "--json", *now()) == 1
    found = json.loads(call.out)["findings"]
    assert "guards.order_usdt" in [each["where"] for each in found if each["fault"]]


def test_a_forced_set_and_a_conflict_are_notes(call: Call) -> None:
    made = forced(ready().config, ["lead-short.asia"])
    Path("a.json").write_text(made.to_json())
    assert call("config", "check", "a.json", *now()) == 0
    out = call.out
    assert "note  lead-short.asia: forced: did not pass proven" in out
    assert "note  lead-short.asia in asia: lead-short.all decides there" in out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["config", "check", "none.json"], "none.json: cannot be read"),
        (["config", "check", "text.json"], "Invalid JSON"),
        (["config", "check", "other.json"], "kind: must be"),
        (["config", "check", "card.json", "--now", "soon"], "--now soon"),
        (["config", "diff", "card.json", "config.json"], "a card and a bot config"),
    ],
)
def test_what_cannot_be_read_is_a_sentence(call: Call, arguments: list[str], words: str) -> None:
    Path("text.json").write_text("no")
    Path("other.json").write_text("{}")
    Path("card.json").write_text(card())
    Path("config.json").write_text(config())
    assert call(*arguments) == 2
    assert words in call.err


def test_a_difference_is_told_in_words(call: Call) -> None:
    Path("a.json").write_text(config())
    made = forced(ready().config, ["lead-short.asia"])
    raw = json.loads(made.to_json())
    each = first(raw)
    each["parameters"]["tp"]["value"] = 0.3
    raw["regime"]["low"] = 0.02
    raw["guards"]["max_daily_loss_usdt"] = 20.0
    Path("b.json").write_text(signed(config_of(raw, "made")).to_json())
    assert call("config", "diff", "a.json", "b.json") == 0
    out = call.out
    assert "lead-short.asia may trade now, FORCED: did not pass proven" in out
    assert f"{each['id']}: tp 0.4 -> 0.3 percent (take profit)" in out or "tp 0.2 -> 0.3" in out
    assert "in asia minutes lead-short.all decides now, not lead-short.asia" in out
    assert "calm is below" in out
    assert "guards.max_daily_loss_usdt: 50 -> 20" in out
    assert call("config", "diff", "b.json", "a.json") == 0
    assert "lead-short.asia may trade no more" in call.out
    assert call("config", "diff", "a.json", "a.json") == 0
    assert call.out == "nothing changes for the bot\n"


def test_cards_differ_by_value(call: Call) -> None:
    Path("a.json").write_text(card())
    Path("b.json").write_text(card(lambda c: c["fees"].update(taker_fee_pct=0.04)))
    assert call("config", "diff", "a.json", "b.json") == 0
    assert call.out == "fees.taker_fee_pct: 0.05 -> 0.04\n"


def test_entries_of_cards_differ_in_words(call: Call) -> None:
    def changed(made: Raw) -> None:
        made["lead_follow"]["entries"][0]["stop_loss_pct"] = 0.5
        made["lead_follow"]["entries"].pop()

    Path("a.json").write_text(card())
    Path("b.json").write_text(card(changed))
    assert call("config", "diff", "a.json", "b.json") == 0
    two, one = call.out.splitlines()
    assert re.fullmatch(r"lead_follow, (short|long) all: may trade no more", one)
    assert re.fullmatch(r"lead_follow, (short|long) all: stop_loss_pct: 0.6 -> 0.5", two)
    assert call("config", "diff", "b.json", "a.json") == 0
    assert "all: may trade now: window_min" in call.out


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_no_broken_file_is_accepted_or_ends_in_a_traceback() -> None:
    found = fuzz(30)
    assert found["refused"] == found["files"] == 30, found["named"]
    assert found["sound_refused"] == 0
