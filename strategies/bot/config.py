"""The bot's file as everybody reads it: which versions are known, how an older one becomes this.

A reader of version n reads 1 to n (CONTRACT.md). A file of a later version is refused by name, and
so is a key that its own version does not know: what is not understood is not traded by.
"""

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from research.errors import ExportError
from strategies.bot.conflicts import conflicts_of
from strategies.bot.contract import KIND, SCHEMA_VERSION, BotConfig, json_schema
from strategies.bot.sets import BotSet

__all__ = [
    "SCHEMA_VERSION",
    "BotConfig",
    "config_of",
    "json_schema",
    "load_bot_config",
    "parse_object",
    "read_bytes",
]

_ANEW = "write it with `leadfollow export` of this version"


def load_bot_config(path: Path) -> BotConfig:
    """The bot config in ``path``, of this schema or an older one.

    Raises
    ------
    ExportError
        Missing, not JSON, of a later schema, or not of its own; names the field.
    """
    return config_of(parse_object(read_bytes(path), str(path)), str(path))


def read_bytes(path: Path) -> bytes:
    """The file's bytes. Raises :class:`ExportError`."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise ExportError(
            f"{path}: cannot be read ({error.strerror}); give a file that `leadfollow export` wrote"
        ) from None


def parse_object(data: bytes, place: str, cure: str = _ANEW) -> dict[str, Any]:
    """The JSON object in ``data``: UTF-8, no key twice, no NaN. Raises :class:`ExportError`."""
    try:
        found = json.loads(
            data.decode("utf-8"),
            object_pairs_hook=_no_key_twice,
            parse_constant=_no_constant,
            parse_float=_finite,
        )
    except (ValueError, RecursionError) as error:  # a UnicodeDecodeError is a ValueError
        words = "nested too deep" if isinstance(error, RecursionError) else str(error)
        raise ExportError(f"{place}: file: Invalid JSON: {words}; {cure}") from None
    if not isinstance(found, dict):
        raise ExportError(f"{place}: file: a JSON object is needed, not {_kind(found)}; {cure}")
    return found


def config_of(raw: Mapping[str, Any], place: str) -> BotConfig:
    """The config that the object ``raw`` holds. Raises :class:`ExportError`; names the field."""
    version = raw.get("schema_version")
    if raw.get("kind") != KIND:
        raise ExportError(f"{place}: kind: must be {KIND!r}, was {raw.get('kind')!r}; {_ANEW}")
    if isinstance(version, bool) or not isinstance(version, int) or version < 1:
        raise ExportError(
            f"{place}: schema_version: must be 1 to {SCHEMA_VERSION}, was {version!r}; {_ANEW}"
        )
    if version > SCHEMA_VERSION:
        raise ExportError(
            f"{place}: schema_version: {version} is of a later leadfollow, this one reads 1 to "
            f"{SCHEMA_VERSION}; update it, or {_ANEW}"
        )
    made = dict(raw) if version == SCHEMA_VERSION else _from_1(raw)
    try:
        # strict JSON: "1" is no number and 1 no truth value
        return BotConfig.model_validate_json(json.dumps(made), strict=True)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "file"
        words = first["msg"].removeprefix("Value error, ")
        raise ExportError(f"{place}: {where}: {words}; {_ANEW}") from None


def _from_1(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Schema 1 as schema 2: what it did not know is null, what it took for granted is said."""
    made = dict(raw) | {"schema_version": SCHEMA_VERSION, "conflicts": []}
    for name in ("lookbacks", "silence", "validity", "guards", "holdout", "evidence_sha256"):
        _absent(made, name, None)
    if isinstance(made.get("market"), dict):
        made["market"] = dict(made["market"])
        _absent(made["market"], "price_scale", 1.0)
    if isinstance(made.get("sets"), list):
        made["sets"] = [_set_from_1(each) for each in made["sets"]]
        made["conflicts"] = _conflicts(made)
    return made


def _set_from_1(raw: Any) -> Any:
    if not isinstance(raw, dict):
        return raw
    made = dict(raw)
    for name, value in (("forced", False), ("failed", []), ("holdout", None), ("verdict", None)):
        _absent(made, name, value)
    for part, name, value in (
        ("execution", "trusts_prints", False),
        ("in_sample", "trades_sha256", None),
        ("out_of_sample", "trades_sha256", None),
    ):
        if isinstance(made.get(part), dict):
            made[part] = dict(made[part])
            _absent(made[part], name, value)
    return made


def _absent(made: dict[str, Any], name: str, value: Any) -> None:
    """Sets what schema 1 had no word for; a key of that name there is none of schema 1."""
    if name in made:
        made[f"{name} (a key of schema 2 in a file of schema 1)"] = made.pop(name)
    made[name] = value


def _conflicts(made: Mapping[str, Any]) -> list[dict[str, str]]:
    """Those of the enabled sets; none where a set is broken: its own field is named then."""
    try:
        sets = [BotSet.model_validate_json(json.dumps(each)) for each in made["sets"]]
    except ValidationError:
        return []
    return [each.model_dump() for each in conflicts_of(sets)]


def _no_key_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key {twice!r} stands twice in one object")
    return found


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON number; null stands for what is unknown")


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"{text} is larger than any number that JSON readers agree on")
    return value


def _kind(value: Any) -> str:
    return {list: "a list", str: "a text", bool: "a truth value", type(None): "null"}.get(
        type(value), "a number"
    )
