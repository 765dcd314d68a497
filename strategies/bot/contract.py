"""The contract with the bot: a versioned JSON file of the sets that survived, and of those not.

Percent, minutes and basis points as everywhere in the project; every parameter carries its unit.
What each key means, with an example, and which version reads which: CONTRACT.md beside this file.
"""

import hashlib
import json
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from strategies.bot.conflicts import Conflict, acting, conflicts_of
from strategies.bot.evidence import Holdout
from strategies.bot.guards import Guards
from strategies.bot.parts import Lookbacks, MarketNames, Part, RegimeRule, SessionName, Silence
from strategies.bot.sets import BotSet
from strategies.bot.validity import Validity

__all__ = ["KIND", "SCHEMA_VERSION", "BotConfig", "evidence_digest", "json_schema"]

SCHEMA_VERSION = 2
KIND = "leadfollow.bot_config"


class BotConfig(Part):
    """The file. What schema 1 did not know is null in a file that was written by it."""

    schema_version: Annotated[int, Field(ge=SCHEMA_VERSION, le=SCHEMA_VERSION)]
    kind: Literal["leadfollow.bot_config"]
    synthetic: bool = Field(description="true: made on a synthetic market, never to be traded")
    market: MarketNames
    sessions: dict[SessionName, int] = Field(description="first UTC hour")
    basis_min: int = Field(ge=1, le=20_000, description="lookback of the excess spread's basis")
    regime: RegimeRule
    lookbacks: Lookbacks | None
    silence: Silence | None
    validity: Validity | None
    guards: Guards | None
    holdout: Holdout | None
    sets: tuple[BotSet, ...]
    conflicts: tuple[Conflict, ...] = Field(
        description="enabled sets that claim the same minutes: the most specific proven one wins"
    )
    provenance: dict[str, Any]
    evidence_sha256: str | None = Field(
        description="over all of the file but the guards: who changes a number by hand is told"
    )

    @property
    def enabled(self) -> tuple[BotSet, ...]:
        """The sets that may trade, forced ones among them."""
        return tuple(each for each in self.sets if each.enabled)

    @property
    def made_of(self) -> dict[str, Any]:
        """What provenance says of the minutes: content hash, span, sources; empty if nothing."""
        data = self.provenance.get("data")
        return data if isinstance(data, dict) else {}

    def acting(self, strategy: str, mode: str, session: str, regime: str | None) -> BotSet | None:
        """The set of one strategy and side that decides minutes of these labels, if any."""
        return acting(self.sets, strategy, mode, session, regime)

    def to_json(self) -> str:
        """The file's text."""
        known = json.loads(self.model_dump_json())  # the one road on which inf and NaN are null
        return json.dumps(known, indent=2, allow_nan=False) + "\n"

    def digest(self) -> str:
        """What ``evidence_sha256`` must be."""
        return evidence_digest(json.loads(self.model_dump_json()))

    @model_validator(mode="after")
    def _ids_are_names(self) -> "BotConfig":
        ids = [each.id for each in self.sets]
        twice = {name for name in ids if ids.count(name) > 1}
        if twice:
            raise ValueError(f"two sets are called {min(twice)}; each needs a name of its own")
        return self

    @model_validator(mode="after")
    def _sessions_rise(self) -> "BotConfig":
        hours = [self.sessions.get(name, -1) for name in ("asia", "europe", "us")]
        if not 0 <= hours[0] < hours[1] < hours[2] <= 23:
            raise ValueError("sessions must name asia < europe < us, hours of 0 to 23")
        return self

    @model_validator(mode="after")
    def _conflicts_are_resolved_by_the_rule(self) -> "BotConfig":
        if self.conflicts != conflicts_of(self.sets):
            raise ValueError("conflicts are not those of the enabled sets")
        return self


def evidence_digest(raw: dict[str, Any]) -> str:
    """SHA-256 over the file's values but the guards, which are the user's to choose."""
    kept = {name: raw[name] for name in raw if name not in ("guards", "evidence_sha256")}
    return hashlib.sha256(json.dumps(kept, sort_keys=True).encode()).hexdigest()


def json_schema() -> dict[str, Any]:
    """JSON Schema of the file."""
    return BotConfig.model_json_schema()
