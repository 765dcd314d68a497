"""Foreign logs: where our fields are found in their lines, and in which unit.

``diff_pct=effective_diff_signed_buy:percent`` reads their ``diff_pct`` as our field, dividing by
100. Dots reach into objects, on both sides: ``quote.bn.mid=binance_mid``,
``cfg.halt=thresholds.halt_diff:percent``. Units are applied from left to right.
"""

import difflib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from research.errors import SettingsError
from research.journal.faults import Fault
from research.journal.fields import shown
from research.journal.instants import iso_of, respelled
from research.journal.record import KINDS

__all__ = ["UNITS", "FieldMap", "MappedField", "flat_keys", "look_up"]

_OPEN: Final = ("thresholds", "order_intent")  # fields whose inner names are free


def _divided(by: float) -> Callable[[Any], Any]:
    return lambda value: _number(value) / by


_NUMERAL: Final = re.compile(r"\s*([+-]?[\d.,]+(?:[eE][+-]?\d+)?)\s*(?:%|pct|bps|bp)?\s*", re.ASCII)


def _number(value: Any) -> Any:
    """A number out of text such as ``3.05%``; a decimal comma counts as a point."""
    if not isinstance(value, str):
        return value
    found = _NUMERAL.fullmatch(value)
    if found is None:
        return float(value)  # inf, nan, or the ValueError that the caller names
    numeral = found.group(1)
    return float(numeral.replace(",", ".") if "." not in numeral else numeral)


def _utc(value: Any) -> str:
    text = respelled(value)
    return text if text[-1:] == "Z" or _ENDS_IN_ZONE(text) else text + "Z"


_ENDS_IN_ZONE: Final = re.compile(r"[+-]\d\d:\d\d$").search


def _times(by: float) -> Callable[[Any], Any]:
    return lambda value: value * by


def _moment(per_ms: int) -> Callable[[Any], Any]:
    return lambda value: iso_of(int(value // per_ms))


def _seconds(value: Any) -> str:
    # float64 holds seconds of today to a quarter of a microsecond: .12 must not become 119 ms
    return iso_of(int(value // 1) * 1000 + int(value % 1 * 1000 + 1e-3))


UNITS: Final[dict[str, Callable[[Any], Any]]] = {
    "percent": _divided(100),
    "bps": _divided(10_000),
    "s": _times(1_000),
    "us": _divided(1_000),
    "ns": _divided(1_000_000),
    "epoch_s": _seconds,
    "epoch_ms": _moment(1),
    "epoch_us": _moment(1_000),
    "epoch_ns": _moment(1_000_000),
    "number": _number,
    "utc": _utc,
    "list": lambda value: [value] if isinstance(value, str) else value,
}


@dataclass(frozen=True, slots=True)
class MappedField:
    """One ``theirs=ours:unit``."""

    theirs: str
    ours: str
    units: tuple[str, ...] = ()

    def __str__(self) -> str:
        return ":".join((f"{self.theirs}={self.ours}", *self.units))

    def convert(self, value: Any) -> Any:
        """Their value in our unit. Raises TypeError, ValueError, AttributeError, OverflowError."""
        for unit in self.units:
            if isinstance(value, bool):
                raise TypeError(unit)
            value = UNITS[unit](value)
        return value


@dataclass(frozen=True, slots=True)
class FieldMap:
    """How the lines of a foreign log are read.

    Keys that bear one of our names and are not mapped are taken as they are; the others are read
    over, and reported once.
    """

    mapped: tuple[MappedField, ...]

    @classmethod
    def parse(cls, texts: Iterable[str]) -> "FieldMap":
        """A map from ``theirs=ours[:unit...]`` texts.

        Raises
        ------
        SettingsError
            A text of another form, an unknown field or unit, a field mapped twice.
        """
        mapped = tuple(_parse(text) for text in texts)
        ours = [item.ours for item in mapped]
        doubled = next((name for name in ours if ours.count(name) > 1), None)
        if doubled:
            raise SettingsError(f"--map: {doubled} is mapped twice; keep one of them")
        return cls(mapped)

    def translate(self, payload: Mapping[str, Any]) -> tuple[dict[str, Any], list[Fault]]:
        """Our fields of one of their lines, and the values that could not be converted."""
        taken = {item.theirs for item in self.mapped}
        ours: dict[str, Any] = {
            name: value
            for name, value in payload.items()
            if name in KINDS and name not in taken and value is not None
        }
        faults: list[Fault] = []
        for item in self.mapped:
            value = look_up(payload, item.theirs)
            if value is not None:
                _put(ours, item, value, faults)
        return ours, faults

    def left_over(self, payload: Mapping[str, Any]) -> set[str]:
        """Top-level keys of ``payload`` that this map reads over."""
        used = {item.theirs for item in self.mapped} | KINDS.keys() | {"schema"}
        roots = {item.theirs.split(".")[0] for item in self.mapped}
        return payload.keys() - used - roots


def look_up(payload: Mapping[str, Any], key: str) -> Any:
    """The value under ``key``: the key itself, else a path of dots; None where there is none."""
    if key in payload:
        return payload[key]
    found: Any = payload
    for part in key.split("."):
        if not isinstance(found, Mapping):
            return None
        found = found.get(part)
    return found


def flat_keys(payload: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Dotted names of everything in ``payload`` that is no object, with a value of each."""
    found: dict[str, Any] = {}
    for name, value in payload.items():
        if isinstance(value, Mapping) and value and prefix.count(".") < 4:
            found |= flat_keys(value, f"{prefix}{name}.")
        else:
            found[prefix + name] = value
    return found


def _put(ours: dict[str, Any], item: MappedField, value: Any, faults: list[Fault]) -> None:
    try:
        converted = item.convert(value)
    except (TypeError, ValueError, AttributeError, OverflowError):
        message = f"{item}: {shown(value)} cannot be converted"
        faults.append(Fault(item.ours, "not convertible", message))
        return
    root, _, inner = item.ours.partition(".")
    if not inner:
        ours[root] = converted
        return
    table = ours.get(root)
    ours[root] = (dict(table) if isinstance(table, Mapping) else {}) | {inner: converted}


def _parse(text: str) -> MappedField:
    theirs, equals, rest = text.partition("=")
    ours, *units = rest.split(":")
    if not (theirs and equals and ours):
        raise SettingsError(
            f"--map {text}: must be theirs=ours or theirs=ours:unit, "
            "such as diff_pct=effective_diff_signed_buy:percent"
        )
    root, _, inner = ours.partition(".")
    if root not in KINDS or (inner and root not in _OPEN):
        near = difflib.get_close_matches(ours, KINDS, n=1, cutoff=0.0)[0]
        raise SettingsError(
            f"--map {text}: {ours} is no field of a decision record; did you mean {near}? "
            "`leadfollow journal schema` lists them all"
        )
    unknown = next((unit for unit in units if unit not in UNITS), None)
    if unknown is not None:
        raise SettingsError(
            f"--map {text}: {unknown!r} is no unit; choose from {', '.join(sorted(UNITS))}"
        )
    return MappedField(theirs, ours, tuple(units))
