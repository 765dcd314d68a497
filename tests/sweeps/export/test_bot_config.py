"""The contract with the bot: what is written, what comes back, what is refused."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from research.errors import ExportError
from strategies.bot.config import BotConfig, json_schema, load_bot_config
from sweeps.export.bot_config import bot_config, write_bot_config
from sweeps.settings import Settings
from sweeps.verdict.judgement import Judged
from tests.samples.verdicts import BAD, GOOD, judged, small_walk


def config_of(*some: Judged) -> BotConfig:
    return bot_config(small_walk().last.panel, Settings(), some, command=["leadfollow", "export"])


def named(found: Judged, base: str) -> Judged:
    return replace(found, claim=replace(found.claim, base=base))


def made_config() -> BotConfig:
    return config_of(judged(GOOD), named(judged(BAD), "bad"), named(judged([]), "none"))


def test_the_config_keeps_its_own_schema_and_comes_back(tmp_path: Path) -> None:
    config = made_config()
    write_bot_config(config, tmp_path / "bot.json")
    text = json.loads((tmp_path / "bot.json").read_text())
    jsonschema.validate(text, json_schema())
    assert load_bot_config(tmp_path / "bot.json") == config
    assert [each.enabled for each in config.sets] == [True, False, False]
    assert config.synthetic
    assert "not proven, needs at most 0.05" in config.sets[1].reason
    assert text["sets"][0]["parameters"]["tp"] == {"value": 0.4, "unit": "percent"}
    assert text["sets"][0]["parameters"]["horizon"]["unit"] == "min"
    assert text["sets"][2]["out_of_sample"]["report"]["avg_pnl"] is None
    assert text["provenance"]["data"]["content_sha256"]


def test_the_same_winners_make_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_bot_config(made_config(), tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def broken(**changes: Any) -> dict[str, Any]:
    text: dict[str, Any] = json.loads(made_config().to_json())
    for path, value in changes.items():
        *parents, last = path.split("__")
        place: Any = text
        for key in parents:
            place = place[int(key)] if key.isdigit() else place[key]
        place[last] = value
    return text


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"sets__1__enabled": True}, "an enabled set needs a positive out-of-sample lcb_pnl"),
        (
            {"schema_version": 3},
            "schema_version: 3 is of a later leadfollow, this one reads 1 to 2",
        ),
        ({"extra": 1}, "extra: Extra inputs are not permitted"),
        ({"sets__0__segment": None}, "sets.0.segment: Input should be a valid string"),
        ({"sets__0__parameters__tp": {"value": 1, "unit": "bps"}}, "sets.0.parameters.tp.unit"),
    ],
)
def test_a_config_that_breaks_the_contract_is_refused(
    tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    file = tmp_path / "bot.json"
    file.write_text(json.dumps(broken(**changes)))
    with pytest.raises(ExportError) as refused:
        load_bot_config(file)
    assert message in str(refused.value)


def test_a_missing_or_torn_config_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="cannot be read"):
        load_bot_config(tmp_path / "none.json")
    (tmp_path / "torn.json").write_text('{"schema')
    with pytest.raises(ExportError, match="Invalid JSON"):
        load_bot_config(tmp_path / "torn.json")


def test_a_claim_without_a_set_has_nothing_to_export() -> None:
    assert config_of(judged(GOOD), replace(judged(GOOD), params=None)).sets[1:] == ()
