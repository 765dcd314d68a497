"""Which version of the bot's file reads which: schema 1 as it was written, and what it becomes."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from research.errors import ExportError
from strategies.bot.armed import costs_of, execution_of, params_of
from strategies.bot.config import SCHEMA_VERSION, config_of, json_schema, load_bot_config
from strategies.lead_follow import LeadFollowParams

OLD = Path(__file__).parents[2] / "samples/bot/schema-1.json"


def old() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(OLD.read_text())
    return found


def test_a_file_of_schema_1_is_read_and_becomes_one_of_this(tmp_path: Path) -> None:
    config = load_bot_config(OLD)
    assert old()["schema_version"] == 1
    assert config.schema_version == SCHEMA_VERSION
    assert [each.id for each in config.enabled] == ["lead-short.all", "reversion.all"]
    assert config.validity is config.guards is config.holdout is config.lookbacks is None
    assert config.market.price_scale == 1.0
    assert all(each.verdict is None and not each.forced for each in config.sets)
    (tmp_path / "new.json").write_text(config.to_json())
    jsonschema.validate(json.loads(config.to_json()), json_schema())
    assert load_bot_config(tmp_path / "new.json") == config


def test_every_value_of_schema_1_is_kept() -> None:
    new = json.loads(load_bot_config(OLD).to_json())

    def kept(before: Any, after: Any, place: str) -> None:
        if isinstance(before, dict):
            for name, value in before.items():
                kept(value, after[name], f"{place}.{name}")
        elif isinstance(before, list):
            assert len(before) == len(after), place
            for number, (one, two) in enumerate(zip(before, after, strict=True)):
                kept(one, two, f"{place}.{number}")
        elif place != ".schema_version":
            assert before == after, place

    kept(old(), new, "")


def test_the_law_takes_a_set_of_an_old_file() -> None:
    bot_set = load_bot_config(OLD).enabled[0]
    params = params_of(bot_set)
    assert isinstance(params, LeadFollowParams)
    assert (params.mode, params.window, params.spread_entry) == ("short", 3, 0.1)
    assert isinstance(params.window, int)
    assert params.filters.max_age_min == 0
    assert execution_of(bot_set).fill == "next_open"
    assert costs_of(bot_set).fees_bps == 10.0


def test_a_key_of_schema_2_in_a_file_of_schema_1_is_refused() -> None:
    raw = old() | {"guards": None}
    with pytest.raises(ExportError, match="a key of schema 2 in a file of schema 1"):
        config_of(raw, "bot.json")
    raw = old()
    raw["sets"][0]["forced"] = False
    with pytest.raises(ExportError, match=r"sets\.0\.forced \(a key of schema 2"):
        config_of(raw, "bot.json")


def test_a_file_of_schema_2_must_say_what_schema_1_did_not_know() -> None:
    raw = json.loads(load_bot_config(OLD).to_json())
    for name in ("validity", "guards", "silence", "conflicts", "evidence_sha256"):
        without = {key: value for key, value in raw.items() if key != name}
        with pytest.raises(ExportError, match=f"bot.json: {name}: Field required"):
            config_of(without, "bot.json")


def test_a_later_file_is_refused_by_name_whatever_it_holds() -> None:
    with pytest.raises(ExportError, match="3 is of a later leadfollow, this one reads 1 to 2"):
        config_of({"kind": "leadfollow.bot_config", "schema_version": 3, "new": 1}, "bot.json")


def test_a_file_of_another_kind_is_named() -> None:
    with pytest.raises(ExportError, match=r"kind: must be 'leadfollow\.bot_config', was None"):
        config_of({"_meta": {}}, "card.json")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"kind": 1, "kind": 2}', "the key 'kind' stands twice"),
        ('{"basis_min": NaN}', "NaN is no JSON number"),
        ('{"basis_min": 1e999}', "1e999 is larger than any number"),
        ('{"basis_min": 1,}', "Invalid JSON"),
    ],
)
def test_what_readers_of_json_disagree_about_is_refused(
    tmp_path: Path, text: str, words: str
) -> None:
    (tmp_path / "bot.json").write_text(text)
    with pytest.raises(ExportError) as refused:
        load_bot_config(tmp_path / "bot.json")
    assert words in str(refused.value)
