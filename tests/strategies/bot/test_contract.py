"""The pages about the bot's file: the example is a file, the schema is the schema."""

import json
import re
from pathlib import Path
from typing import Any

import jsonschema

import strategies.bot
from strategies.bot.config import config_of, json_schema

ROOM = Path(strategies.bot.__file__).parent


def example() -> dict[str, Any]:
    (text,) = re.findall(r"```jsonc\n(.*?)```", (ROOM / "CONTRACT.md").read_text(), re.DOTALL)
    found: dict[str, Any] = json.loads(re.sub(r"  // .*$", "", text, flags=re.MULTILINE))
    return found


def test_the_commented_example_is_a_file_of_the_contract() -> None:
    config = config_of(example(), "example")
    assert config.validity is not None
    assert config.guards is not None
    assert [each.id for each in config.enabled] == ["lead-short.all"]
    jsonschema.validate(example(), json_schema())


def test_the_example_shows_every_key() -> None:
    assert example().keys() == json_schema()["properties"].keys()
    (shown,) = example()["sets"]
    assert shown.keys() == json_schema()["$defs"]["BotSet"]["properties"].keys()
    assert example()["guards"].keys() == json_schema()["$defs"]["Guards"]["properties"].keys()


def test_the_schema_on_file_is_that_of_the_model() -> None:
    written = json.loads((ROOM / "bot_config.schema.json").read_text())
    assert written == json_schema(), "write it anew: leadfollow export --schema"
    jsonschema.Draft202012Validator.check_schema(written)
