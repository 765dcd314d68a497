"""``leadfollow.toml``: every value that a user may set, and where it came from.

The file is looked for in the working folder; without one the defaults are in force. Two variables
of the environment stand between the command line, which wins over them, and the file:
``LEADFOLLOW_CONFIG`` names the file, ``LEADFOLLOW_STORE`` the folder of the store.
"""

import difflib
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from research.errors import SettingsError
from research.settings.section import Section
from sweeps.settings.tree import Settings

__all__ = [
    "CONFIG_VARIABLE",
    "DEFAULT_FILE",
    "STORE_VARIABLE",
    "changed",
    "load_settings",
    "origins",
]

DEFAULT_FILE = Path("leadfollow.toml")
CONFIG_VARIABLE = "LEADFOLLOW_CONFIG"
STORE_VARIABLE = "LEADFOLLOW_STORE"


@dataclass(frozen=True, slots=True)
class _Given:
    """What is set by the file, and by which file; the store's folder where a variable names it."""

    raw: dict[str, Any]
    where: str
    store: str | None


def load_settings(
    path: Path | None = None, environment: Mapping[str, str] | None = None
) -> Settings:
    """Settings from ``path``, else the environment's file, else ``leadfollow.toml`` here.

    Markets in the file are added to the default ones. ``environment``: left out, the process's;
    a variable that is empty counts as not set.

    Raises
    ------
    SettingsError
        The named file is missing, not TOML, or holds an unknown key or a value out of bounds.
    """
    return _settings(_given(path, environment))


def changed(settings: Settings, changes: Mapping[str, Mapping[str, Any]]) -> Settings:
    """``settings`` with single values set by section and name; None leaves a value alone.

    Raises
    ------
    SettingsError
        An unknown name or a value out of bounds.
    """
    raw = settings.model_dump()
    for section, values in changes.items():
        given = {name: value for name, value in values.items() if value is not None}
        raw[section] = raw[section] | given
    try:
        return Settings.model_validate(raw)
    except ValidationError as error:
        raise SettingsError(_explain(error, "command line")) from None


def origins(
    path: Path | None = None, environment: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Dotted name of every setting in force -> ``default``, the file or the variable that sets it.

    Raises
    ------
    SettingsError
        As :func:`load_settings`.
    """
    given = _given(path, environment)
    found: dict[str, str] = {}
    for name in _leaves(_settings(given).model_dump()):
        found[name] = given.where if _holds(given.raw, name.split(".")) else "default"
    if given.store is not None:
        found["store.folder"] = STORE_VARIABLE
    return found


def _settings(given: _Given) -> Settings:
    raw = given.raw
    if isinstance(raw.get("markets"), dict):
        defaults = {name: dict(market) for name, market in Settings().markets.items()}
        raw = raw | {"markets": defaults | raw["markets"]}
    try:
        settings = Settings.model_validate(raw)
    except ValidationError as error:
        raise SettingsError(_explain(error, given.where)) from None
    return changed(settings, {"store": {"folder": given.store}})


def _given(path: Path | None, environment: Mapping[str, str] | None) -> _Given:
    """The raw file and the variables: the path given wins over that of the environment."""
    variables = os.environ if environment is None else environment
    store = variables.get(STORE_VARIABLE) or None
    named = variables.get(CONFIG_VARIABLE) or None
    if path is not None:
        return _Given(_read(path, "check --config or leave it out"), str(path), store)
    if named is not None:
        raw = _read(Path(named), f"check the variable {CONFIG_VARIABLE} or unset it")
        return _Given(raw, f"{named} ({CONFIG_VARIABLE})", store)
    is_there = DEFAULT_FILE.exists()
    raw = _read(DEFAULT_FILE, "check who may read it") if is_there else {}
    return _Given(raw, str(DEFAULT_FILE), store)


def _read(file: Path, cure: str) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"{file}: cannot be read ({error.strerror}); {cure}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{file}: not TOML: {error}; mend that line") from None


def _leaves(table: dict[str, Any], prefix: str = "") -> list[str]:
    names: list[str] = []
    for key, value in table.items():
        if isinstance(value, dict) and value:
            names += _leaves(value, f"{prefix}{key}.")
        else:
            names.append(f"{prefix}{key}")
    return names


def _holds(raw: Any, keys: list[str]) -> bool:
    for key in keys:
        if not isinstance(raw, dict) or key not in raw:
            return False
        raw = raw[key]
    return True


def _explain(error: ValidationError, where: str) -> str:
    lines = []
    for problem in error.errors():
        location = [part for part in problem["loc"] if isinstance(part, str)]
        name = ".".join(location)
        if problem["type"] == "extra_forbidden":
            near = difflib.get_close_matches(name, _known_names(), n=1, cutoff=0.0)
            lines.append(f"{where}: unknown key {name}; did you mean {near[0]}?")
        else:
            message = problem["msg"].removeprefix("Value error, ")
            lines.append(f"{where}: {name} = {problem['input']!r}: {message}")
    return "\n".join(lines)


def _known_names() -> list[str]:
    sections = [
        name
        for name, field in Settings.model_fields.items()
        if isinstance(field.annotation, type) and issubclass(field.annotation, Section)
    ]
    return _leaves(Settings().model_dump()) + sections + ["markets"]
