"""Changing single values of a JSON text: every other byte of it stays as it is.

A parser and a writer would lose what JSON has no word for: ``1.50`` against ``1.5``, the order of
keys, how somebody indents. So the text is read only as far as a path leads, and spliced there.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from research.errors import ExportError

__all__ = ["changed_text", "same_value"]

_BLANK = re.compile(r"[ \t\r\n]*")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_BRACKET = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}]')
_PLAIN = re.compile(r"[^\s,\]}]+")


@dataclass(frozen=True, slots=True)
class _Member:
    """One key of an object: places in the text."""

    key: str
    before: int  # behind the brace or comma in front of it
    begin: int  # of the key's quotes
    value: int
    end: int


def changed_text(text: str, path: Sequence[str], value: Any) -> str:
    """``text`` with the value at ``path`` set; untouched where it is that value already.

    Parameters
    ----------
    text
        One valid JSON object: a caller that is not sure parses it first.
    path
        Keys from the outermost object in; those that are not there are added last in theirs.

    Raises
    ------
    ExportError
        Something on the way is no object.
    """
    at = _after_blank(text, 0)
    for depth, key in enumerate(path):
        if text[at] != "{":
            raise ExportError(f"{'.'.join(path[:depth])}: must be an object to hold {key}")
        members = list(_members(text, at))
        found = next((each for each in members if each.key == key), None)
        if found is None:
            for outer in reversed(path[depth + 1 :]):
                value = {outer: value}
            return _added(text, at, members, key, value)
        at, end = found.value, found.end
    if same_value(json.loads(text[at:end]), value):
        return text
    return text[:at] + _written(value, text, at) + text[end:]


def same_value(one: Any, two: Any) -> bool:
    """Whether two JSON values are the same: 1 is 1.0, and true is no number."""
    if isinstance(one, bool) or isinstance(two, bool):
        return one is two
    if isinstance(one, dict) and isinstance(two, dict):
        return one.keys() == two.keys() and all(same_value(one[key], two[key]) for key in one)
    if isinstance(one, list) and isinstance(two, list):
        return len(one) == len(two) and all(map(same_value, one, two))
    return bool(one == two)


def _members(text: str, at: int) -> Iterator[_Member]:
    at += 1
    while True:
        begin = _after_blank(text, at)
        if text[begin] == "}":
            return
        key_end = _match(_STRING, text, begin).end()
        value = _after_blank(text, _after_blank(text, key_end) + 1)
        end = _end_of(text, value)
        yield _Member(json.loads(text[begin:key_end]), at, begin, value, end)
        at = _after_blank(text, end)
        if text[at] != ",":
            return
        at += 1


def _end_of(text: str, at: int) -> int:
    """Behind the value that begins at ``at``, however deep it is."""
    if text[at] == '"':
        return _match(_STRING, text, at).end()
    if text[at] not in "{[":
        return _match(_PLAIN, text, at).end()
    depth = 0
    for token in _BRACKET.finditer(text, at):
        depth += (token[0] in "{[") - (token[0] in "]}")
        if depth == 0:
            return token.end()
    raise AssertionError("the text was parsed before")


def _added(text: str, at: int, members: Sequence[_Member], key: str, value: Any) -> str:
    """One more member behind the last, set off as that one is."""
    name = json.dumps(key, ensure_ascii=False)
    if not members:
        close = _after_blank(text, at + 1)
        inner = _written({key: value}, text, at)
        return text[:at] + inner + text[close + 1 :]
    last = members[-1]
    lead = text[last.before : last.begin]
    colon = text[_match(_STRING, text, last.begin).end() : last.value]
    if not lead and len(members) == 1 and colon.endswith(" "):
        lead = " "  # before the first key there is no comma to set off from
    begun = text[: last.end] + "," + lead + name + colon
    return begun + _written(value, begun, len(begun), style=text) + text[last.end :]


def _written(value: Any, text: str, at: int, *, style: str | None = None) -> str:
    """``value`` as the text would have it at this place: its line ends, its indentation."""
    whole = text if style is None else style
    unit = _indent_unit(whole)
    if unit is None:
        comma, colon = (", " if re.search(r",\s", whole) else ","), (": " if ": " in whole else ":")
        return json.dumps(value, separators=(comma, colon), ensure_ascii=False)
    line = text[text.rfind("\n", 0, at) + 1 : at]
    margin = line[: len(line) - len(line.lstrip(" \t"))]
    newline = "\r\n" if "\r\n" in whole else "\n"
    return json.dumps(value, indent=unit, ensure_ascii=False).replace("\n", newline + margin)


def _indent_unit(text: str) -> str | None:
    """What the outermost object's members are indented by; None where it stands on one line."""
    found = re.match(r"\s*\{[ \t]*\r?\n([ \t]*)", text)
    return None if found is None else found[1]


def _after_blank(text: str, at: int) -> int:
    return _match(_BLANK, text, at).end()


def _match(pattern: "re.Pattern[str]", text: str, at: int) -> "re.Match[str]":
    found = pattern.match(text, at)
    assert found is not None  # noqa: S101 (the text was parsed before)
    return found
