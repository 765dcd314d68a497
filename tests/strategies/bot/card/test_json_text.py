"""Splicing a JSON text: the value asked for changes, and not one byte besides."""

import json
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from research.errors import ExportError
from strategies.bot.card.json_text import changed_text, same_value
from tests.samples.bot.cards import odd_json

KEYS = st.text(max_size=6)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)  # fmt: skip
OBJECTS = st.dictionaries(KEYS, VALUES, max_size=4)


def set_in(found: dict[str, Any], path: tuple[str, ...], value: Any) -> dict[str, Any]:
    inner = found
    for key in path[:-1]:
        inner = inner.setdefault(key, {})
    inner[path[-1]] = value
    return found


@given(OBJECTS, KEYS, VALUES, st.integers(0, 10_000))
def test_the_value_is_set_and_the_others_keep_their_spelling(
    found: dict[str, Any], key: str, value: Any, seed: int
) -> None:
    text = odd_json(found, random.Random(seed))
    after = changed_text(text, (key,), value)
    assert json.loads(after) == set_in(json.loads(text), (key,), value)
    for name, other in json.loads(text).items():
        if name != key:
            spelled = changed_text(text, (name,), other)
            assert spelled == text  # what is that already is not touched
    assert changed_text(after, (key,), value) == after


@given(OBJECTS, st.lists(KEYS, min_size=2, max_size=4).map(tuple), VALUES, st.integers(0, 99))
def test_a_path_is_followed_and_made(
    found: dict[str, Any], path: tuple[str, ...], value: Any, seed: int
) -> None:
    text = odd_json(found, random.Random(seed))
    try:
        expected = set_in(json.loads(text), path, value)
    except (AttributeError, TypeError):  # a list or a number is in the way
        with pytest.raises(ExportError, match="must be an object to hold"):
            changed_text(text, path, value)
        return
    assert json.loads(changed_text(text, path, value)) == expected


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ('{"a": 1.50, "b": 1e3}', '{"a": 1.50, "b": 2}'),
        ('{"a":1.50,"b":1e3}', '{"a":1.50,"b":2}'),
        ('{\n\t"a": 1.50\n}\n', '{\n\t"a": 1.50,\n\t"b": 2\n}\n'),
        ('{\r\n  "a": 1.50\r\n}', '{\r\n  "a": 1.50,\r\n  "b": 2\r\n}'),
        ("{}", '{"b":2}'),
        ('{\n  "x": {"a": 1}\n}', '{\n  "x": {"a": 1},\n  "b": 2\n}'),
        ('{ "b" : 2.0 }', '{ "b" : 2.0 }'),
        ('{"b": true}', '{"b": 2}'),
        ('{"\\u0062": 1, "c": "}\\""}', '{"\\u0062": 2, "c": "}\\""}'),
    ],
)
def test_the_text_keeps_its_manners(text: str, after: str) -> None:
    assert changed_text(text, ("b",), 2) == after


def test_an_object_on_one_line_stays_on_it() -> None:
    assert changed_text('{\n  "x": {"a": 1}\n}', ("x", "b"), 2) == '{\n  "x": {"a": 1, "b": 2}\n}'


def test_an_object_is_indented_as_the_file_is() -> None:
    text = '{\r\n    "a": {\r\n        "x": 1\r\n    }\r\n}'
    after = changed_text(text, ("a", "y"), {"z": [1]})
    assert after == (
        '{\r\n    "a": {\r\n        "x": 1,\r\n        "y": {\r\n            "z": [\r\n'
        "                1\r\n            ]\r\n        }\r\n    }\r\n}"
    )


def test_depth_is_no_matter() -> None:
    text = '{"deep": ' + "[" * 900 + "]" * 900 + ', "b": 1}'
    assert changed_text(text, ("b",), 2) == text.replace('"b": 1', '"b": 2')


def test_truth_is_no_number() -> None:
    assert same_value(1, 1.0)
    assert not same_value(1, True)
    assert not same_value([0], [False])
