"""Sets enabled by hand: never without saying so."""

import json
from pathlib import Path

import pytest
from pydantic import ValidationError

from research.errors import ExportError
from strategies.bot.config import config_of, load_bot_config
from strategies.bot.sets import BotSet
from sweeps.export.force import forced
from tests.strategies.bot.test_config import check, one_set, verdict
from tests.strategies.bot.test_versions import OLD
from tests.sweeps.export.test_bot_config import made_config


def test_a_forced_set_is_enabled_and_says_what_it_failed() -> None:
    config = forced(made_config(), ["bad.all"])
    good, bad, none = config.sets
    assert (good.enabled, good.forced) == (True, False)
    assert (bad.enabled, bad.forced) == (True, True)
    assert any(each.startswith("proven: out-of-sample mean") for each in bad.failed)
    assert not none.enabled
    assert config_of(json.loads(config.to_json()), "bot.json") == config
    assert config.evidence_sha256 == config.digest() != made_config().digest()


def test_what_is_proven_needs_no_force() -> None:
    assert forced(made_config(), ["lead-long.all"]).sets == made_config().sets


def test_a_set_of_an_old_file_fails_by_its_reason() -> None:
    config = forced(load_bot_config(OLD), ["lead-short.asia"])
    (asia,) = (each for each in config.sets if each.forced)
    assert asia.failed == (asia.reason,)
    assert config.evidence_sha256 is None
    (clash,) = config.conflicts
    assert (clash.winner, clash.loser) == ("lead-short.all", "lead-short.asia")


def test_an_unknown_set_is_refused_with_those_that_are_near(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match=r"--force bad: no such set; take one of .*bad\.all"):
        forced(made_config(), ["bad"])
    with pytest.raises(ExportError, match="--force x: no such set; the file holds none"):
        forced(made_config().model_copy(update={"sets": ()}), ["x"])


@pytest.mark.parametrize(
    "changes",
    [
        {"forced": True},
        {"forced": True, "failed": ["proven: no"], "enabled": False},
        {"failed": ["proven: no"]},
        {"verdict": verdict(check(passed=False))},
        {"verdict": verdict(check(), check("holdout", passed=False))},
        {"verdict": verdict() | {"checks": []}},
    ],
)
def test_no_file_enables_a_set_without_proof_or_without_saying_that_it_is_forced(
    changes: dict[str, object],
) -> None:
    with pytest.raises(ValidationError):
        BotSet.model_validate(one_set(**changes))
