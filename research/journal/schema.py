"""The journal's JSON Schema (draft 2020-12), for bots that do not import this package."""

from typing import Any, Final

from research.journal.oddities import RANGES, SIDES
from research.journal.record import KINDS, MEANINGS, PRICE_KINDS, SCHEMA, THRESHOLDS

__all__ = ["json_schema"]

_MOMENT: Final = {
    "type": ["string", "null"],
    "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$",
}
_NUMBER: Final = {"type": ["number", "null"]}
_TEXT: Final = {"type": ["string", "null"]}


def json_schema() -> dict[str, Any]:
    """What a line must be to be read without any remark (crossed fills apart)."""
    properties = {
        name: {"description": MEANINGS[name]} | _shape(kind) for name, kind in KINDS.items()
    }
    properties["ts"]["type"] = "string"
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "leadfollow decision record",
        "type": "object",
        "required": ["schema", "ts"],
        "additionalProperties": False,
        "properties": {"schema": {"const": SCHEMA}} | properties,
    }


def _shape(kind: str) -> dict[str, Any]:
    match kind:
        case "time":
            return dict(_MOMENT)
        case "text":
            return dict(_TEXT)
        case "price_kind":
            return {"enum": [*PRICE_KINDS, None]}
        case "texts":
            return {"type": ["array", "null"], "items": {"type": "string"}}
        case "numbers":
            known = {name: dict(_NUMBER) for name in THRESHOLDS}
            return _table(known, dict(_NUMBER))
        case "facts":
            facts: dict[str, Any] = {"side": {"enum": [*SIDES, None]}, "type": dict(_TEXT)}
            facts |= {"size_base": dict(_NUMBER), "price": dict(_NUMBER)}
            return _table(facts, {"type": ["string", "number", "boolean", "null"]})
    return _number(kind)


def _table(known: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    return {"type": ["object", "null"], "properties": known, "additionalProperties": other}


def _number(kind: str) -> dict[str, Any]:
    shape: dict[str, Any] = {"type": ["integer" if kind in ("whole", "sign") else "number", "null"]}
    if kind in RANGES:
        span = RANGES[kind]
        shape["exclusiveMinimum" if span.is_low_open else "minimum"] = span.low
        if span.high != float("inf"):
            shape["maximum"] = span.high
    return shape
