"""Two JSON values, place by place: what differs, and how to say it."""

import json
from collections.abc import Iterator
from typing import Any

__all__ = ["changed", "differences", "said"]

_GONE = object()
_LONGEST = 120


def differences(path: str, one: Any, two: Any) -> Iterator[tuple[str, Any, Any]]:
    """Every value that differs: place, before, after."""
    if isinstance(one, dict) and isinstance(two, dict):
        for key in dict.fromkeys([*one, *two]):
            inner = f"{path}.{key}" if path else str(key)
            yield from differences(inner, one.get(key, _GONE), two.get(key, _GONE))
    elif isinstance(one, list) and isinstance(two, list) and len(one) == len(two):
        for number, (before, after) in enumerate(zip(one, two, strict=True)):
            yield from differences(f"{path}.{number}", before, after)
    elif one != two or isinstance(one, bool) != isinstance(two, bool):
        yield path, one, two


def changed(path: str, before: Any, after: Any) -> str:
    """``fees.taker_fee_pct: 0.05 -> 0.04``."""
    if before is _GONE:
        return f"{path}: new, {said(after)}"
    if after is _GONE:
        return f"{path}: gone, was {said(before)}"
    return f"{path}: {said(before)} -> {said(after)}"


def said(value: Any) -> str:
    """A value on a line."""
    if isinstance(value, float):
        return f"{value:.6g}"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."
