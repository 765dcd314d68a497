"""The kinds of journal fields: what each may hold, checked value by value.

A value of the wrong type refuses the record. A value of the right type that cannot be true, such
as a negative age, is kept and named (:mod:`research.journal.oddities`): it may be the very thing
that explains a HALT.
"""

import math
from collections.abc import Callable, Mapping
from numbers import Real
from typing import Any, Final

from research.journal.instants import canonical

__all__ = ["CLEANERS", "FLOAT_KINDS", "INTENT_FACTS", "FieldError", "printable", "shown"]

WHOLE_LIMIT: Final = 2**53  # above it float64 skips whole numbers
INTENT_FACTS: Final = {"side": "text", "type": "text", "size_base": "number", "price": "number"}


class FieldError(ValueError):
    """A value that its field cannot hold; says the rule, the caller adds field and line."""


def clean_number(value: object) -> float | None:
    """A finite number as it is; None for NaN, which means unknown."""
    if type(value) is int and -WHOLE_LIMIT <= value <= WHOLE_LIMIT:
        return value
    number = value if type(value) is float else _as_float(value)
    if number - number == 0.0:
        return number
    if math.isnan(number):
        return None
    raise FieldError(f"must be finite, was {number}")


def _as_float(value: object) -> float:
    if type(value) is bool or not isinstance(value, Real):  # NumPy's scalars are Real
        raise FieldError(f"must be a number, was {shown(value)}")
    try:
        return float(value)
    except OverflowError:
        raise FieldError("must be finite, was beyond the range of float64") from None


def clean_whole(value: object) -> int | None:
    """A whole number; None for NaN."""
    if type(value) is int and -WHOLE_LIMIT <= value <= WHOLE_LIMIT:
        return value
    if type(value) is bool or not isinstance(value, Real):
        raise FieldError(f"must be a whole number, was {shown(value)}")
    number = clean_number(value)
    if number is None:
        return None
    if number == math.floor(number) and abs(number) <= WHOLE_LIMIT:
        return int(number)
    raise FieldError(f"must be a whole number, was {shown(value)}")


def clean_text(value: object) -> str:
    """Text that UTF-8 can carry."""
    if not isinstance(value, str):
        raise FieldError(f"must be text, was {shown(value)}")
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise FieldError("must be text that UTF-8 can carry, holds half a character") from None
    return value


def clean_time(value: object) -> str:
    """An ISO 8601 moment with a zone, in the journal's form."""
    if not isinstance(value, str):
        raise FieldError(
            f"must be an ISO 8601 moment such as 2026-01-02T11:05:03.120Z, was {shown(value)}"
        )
    try:
        return canonical(value)
    except (ValueError, OverflowError):
        raise FieldError(
            f"must be an ISO 8601 moment such as 2026-01-02T11:05:03.120Z, was {shown(value)}"
        ) from None


def clean_texts(value: object) -> tuple[str, ...]:
    """A list of texts."""
    if not isinstance(value, list | tuple):
        raise FieldError(f"must be a list of texts, was {shown(value)}")
    return tuple([clean_text(item) for item in value])


def clean_numbers(value: object) -> dict[str, float]:
    """Names with numbers; unknown ones (null, NaN) are left out."""
    return {
        name: number
        for name, item in _pairs(value)
        if item is not None and (number := clean_number(item)) is not None
    }


def clean_facts(value: object) -> dict[str, Any]:
    """Names with texts, numbers or booleans; unknown ones (null, NaN) are left out."""
    facts = {name: _clean_fact(item) for name, item in _pairs(value) if item is not None}
    for name, wanted in INTENT_FACTS.items():
        fact = facts.get(name)
        if fact is not None and (
            isinstance(fact, bool) or isinstance(fact, str) != (wanted == "text")
        ):
            raise FieldError(f"{name} must be a {wanted}, was {shown(fact)}")
    return {name: fact for name, fact in facts.items() if fact is not None}


def _clean_fact(value: object) -> object:
    if isinstance(value, bool):
        return value
    return clean_text(value) if isinstance(value, str) else clean_number(value)


def _pairs(value: object) -> list[tuple[str, object]]:
    if not isinstance(value, Mapping):
        raise FieldError(f"must be an object of names and values, was {shown(value)}")
    return [(clean_text(name), item) for name, item in value.items()]


def shown(value: object) -> str:
    """``value`` for a message: short, and named by its JSON type where it is no scalar."""
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    if isinstance(value, Mapping):
        return "an object"
    if isinstance(value, list | tuple):
        return "a list"
    if isinstance(value, int) and abs(value) > 10**18:
        return "a number of more than 18 digits"
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def printable(name: str) -> str:
    """A name out of a log, short and printable: logs may hold anything."""
    return "".join(letter if letter.isprintable() else "?" for letter in name[:40])


FLOAT_KINDS: Final = ("price", "age", "amount", "number", "rsi")
CLEANERS: Final[dict[str, Callable[[object], object]]] = {
    "time": clean_time,
    "price": clean_number,
    "age": clean_number,
    "amount": clean_number,
    "number": clean_number,
    "rsi": clean_number,
    "whole": clean_whole,
    "sign": clean_whole,
    "text": clean_text,
    "price_kind": clean_text,
    "texts": clean_texts,
    "numbers": clean_numbers,
    "facts": clean_facts,
}
