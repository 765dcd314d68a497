"""One line of a journal -> a record, or everything that is wrong with it."""

import codecs
import difflib
import json
import math
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final, NamedTuple

from research.errors import FormatError, ParamError
from research.journal.faults import Fault
from research.journal.fields import CLEANERS, FieldError, printable, shown
from research.journal.mapping import FieldMap
from research.journal.oddities import find_oddities
from research.journal.record import KINDS, SCHEMA, DecisionRecord

__all__ = ["LINE", "Parsed", "parse_line", "record_of"]

_DOCKER: Final = "log"
_WRAPPERS: Final = (
    _DOCKER,
    "data",
    "message",
    "msg",
    "record",
    "payload",
    "fields",
    "event",
    "body",
)
_PREFIX_BRACES: Final = 4
LINE: Final = "(line)"  # the field of a fault that is about the whole line


class Parsed(NamedTuple):
    """A record and its oddities, or no record and the faults that refuse it."""

    record: DecisionRecord | None
    faults: tuple[Fault, ...]
    keys: Mapping[str, Any]  # the line's own object; empty where it is none


class _DoubledError(ValueError):
    pass


def parse_line(raw: bytes, mapping: FieldMap | None = None) -> Parsed:
    """Reads one line (without its newline); never raises.

    Parameters
    ----------
    raw
        The bytes of the line.
    mapping
        For foreign logs: where the fields are found in their lines. Such lines need no schema.
    """
    payload = _load(raw)
    if isinstance(payload, Fault):
        return Parsed(None, (payload,), {})
    literals: list[Fault] = []
    if _LITERAL(raw):
        over = set() if mapping is None else mapping.left_over(payload)
        payload, found = _without_literals(payload)
        # of keys that are read over, nothing is said
        literals = [fault for fault in found if fault.field.partition(".")[0] not in over]
    ours, faults = _own_fields(payload) if mapping is None else mapping.translate(payload)
    faults = literals + faults
    if any(fault.rejects for fault in faults):
        return Parsed(None, tuple(faults), payload)
    return _build(ours, faults, payload)


def record_of(line: str | bytes) -> DecisionRecord:
    """The record in one line of a journal.

    Raises
    ------
    FormatError
        Not a record of this schema; the message names every field at fault.
    """
    raw = line.encode(errors="surrogatepass") if isinstance(line, str) else line
    parsed = parse_line(raw.rstrip(b"\r\n"))
    if parsed.record is None:
        raise FormatError("; ".join(f"{fault.field}: {fault.message}" for fault in parsed.faults))
    return parsed.record


def _build(ours: Mapping[str, Any], faults: list[Fault], payload: Mapping[str, Any]) -> Parsed:
    try:
        record = DecisionRecord(**ours)
    except (ParamError, TypeError):
        return Parsed(None, (*faults, *_every_fault(ours)), payload)
    return Parsed(record, (*faults, *find_oddities(record)), payload)


def _load(raw: bytes) -> dict[str, Any] | Fault:
    """The object of a line, out of what loggers and containers put around it."""
    text = raw.removeprefix(codecs.BOM_UTF8)
    hole = len(text) - len(text.lstrip(b"\0"))
    payload = _decoded(text[hole:] if 0 < hole < len(text) else text)
    if isinstance(payload, Fault) and payload.rule == "not JSON":
        payload = _behind_prefix(text) or payload
    return payload if isinstance(payload, Fault) else _unwrapped(payload)


def _behind_prefix(raw: bytes) -> dict[str, Any] | None:
    """The object that ends a line of a logger: ``2026-01-05 00:01:00 INFO bot - {...}``."""
    if raw.lstrip(b" \t\0").startswith(b"{"):
        return None  # a record that is torn, whose inner objects are none
    at = raw.find(b"{", 1)
    for _ in range(_PREFIX_BRACES):
        if at < 1 or not raw.rstrip().endswith(b"}"):
            return None
        payload = _decoded(raw[at:])
        if isinstance(payload, dict):
            return payload
        at = raw.find(b"{", at + 1)
    return None


def _unwrapped(payload: dict[str, Any]) -> dict[str, Any]:
    """The record inside of what a container runtime or a logging library wraps around it."""
    if "schema" in payload:
        return payload
    for name in _WRAPPERS:
        inner = payload.get(name)
        if isinstance(inner, str) and inner.rstrip().endswith("}"):
            found = _decoded(inner.encode(errors="replace"))
            if not isinstance(found, dict):
                found = _behind_prefix(inner.encode(errors="replace")) or {}
            inner = found
            if name == _DOCKER and inner:
                return _unwrapped(inner)
        if isinstance(inner, dict) and "schema" in inner:
            return inner
    return payload


def _decoded(raw: bytes) -> dict[str, Any] | Fault:
    if not raw.strip(b" \t\r"):
        return Fault(LINE, "empty line", "holds nothing")
    try:
        payload = _DECODE(raw.decode())
    except UnicodeDecodeError as error:
        return Fault(LINE, "not UTF-8", f"byte {error.start + 1} is not UTF-8")
    except json.JSONDecodeError as error:
        return Fault(LINE, "not JSON", f"not JSON at column {error.pos + 1}: {error.msg}")
    except _DoubledError as error:
        return Fault(str(error), "doubled field", "given twice in one line")
    except (ValueError, RecursionError):  # thousands of digits or brackets
        return Fault(LINE, "not JSON", "not JSON that can be read: too many digits or brackets")
    if not isinstance(payload, dict):
        return Fault(LINE, "not an object", f"must be a JSON object, was {shown(payload)}")
    return payload


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table = dict(pairs)
    if len(table) != len(pairs):
        names = [name for name, _ in pairs]
        raise _DoubledError(printable(next(name for name in names if names.count(name) > 1)))
    return table


_DECODE: Final = json.JSONDecoder(object_pairs_hook=_unique).decode
_LITERAL: Final = re.compile(rb"NaN|Infinity").search  # Python's json writes them, JSON has none


def _without_literals(
    payload: Mapping[str, Any], prefix: str = ""
) -> tuple[dict[str, Any], list[Fault]]:
    kept: dict[str, Any] = {}
    faults: list[Fault] = []
    for name, value in payload.items():
        if isinstance(value, dict):
            kept[name], inner = _without_literals(value, f"{prefix}{name}.")
            faults += inner
        elif isinstance(value, float) and not math.isfinite(value):
            message = f"{value} is no JSON: read as unknown, write null"
            faults.append(Fault(printable(prefix + name), "not finite", message, rejects=False))
        else:
            kept[name] = value
    return kept, faults


def _own_fields(payload: Mapping[str, Any]) -> tuple[dict[str, Any], list[Fault]]:
    schema = payload.get("schema")
    if schema is None:
        return {}, [Fault("schema", "schema missing", f"must be {SCHEMA}, is not there")]
    if schema != SCHEMA or isinstance(schema, bool):
        message = f"is {shown(schema)}, this reader knows schema {SCHEMA}"
        return {}, [Fault("schema", "other schema", message)]
    ours = {name: value for name, value in payload.items() if value is not None}
    del ours["schema"]
    strange = ours.keys() - KINDS.keys()
    for name in strange:
        del ours[name]
    return ours, [_unknown_field(name) for name in sorted(strange)]


@lru_cache(maxsize=256)  # the same few names come on every line
def _unknown_field(name: str) -> Fault:
    near = difflib.get_close_matches(name, KINDS, n=1)
    hint = f"; did you mean {near[0]}?" if near else ""
    message = f"not a field of schema {SCHEMA}{hint}"
    return Fault(printable(name), "unknown field", message, rejects=False)


def _every_fault(ours: Mapping[str, Any]) -> list[Fault]:
    found = []
    if ours.get("ts") is None:
        found.append(Fault("ts", "missing", "must be an ISO 8601 moment, is not there"))
    for name, value in ours.items():
        try:
            CLEANERS[KINDS[name]](value)
        except FieldError as fault:
            found.append(Fault(name, "wrong type", str(fault)))
    return found
