"""What a decision record may hold, and its line."""

import json
import math
import subprocess
import sys
from typing import Any

import jsonschema
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from research.errors import FormatError, ParamError
from research.journal import SCHEMA, DecisionRecord, iso_of, json_schema, ms_of
from research.journal.parse import parse_line, record_of
from research.journal.record import KINDS
from tests.samples.journal_corpus import sample_records

TS = "2026-01-05T00:34:26.942Z"
MOMENTS = st.integers(-62_135_596_800_000, 253_402_300_799_999).map(iso_of)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**53), 2**53)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
BY_KIND: dict[str, st.SearchStrategy[Any]] = {
    "time": MOMENTS,
    "whole": st.integers(-(2**53), 2**53),
    "sign": st.integers(-2, 2),
    "text": TEXTS,
    "price_kind": st.sampled_from(["mid", "oracle", "mark", "last"]),
    "texts": st.lists(TEXTS, max_size=3).map(tuple),
    "numbers": st.dictionaries(TEXTS, NUMBERS, max_size=3),
    "facts": st.fixed_dictionaries(
        {},
        optional={
            "side": st.sampled_from(["buy", "sell"]),
            "price": NUMBERS,
            "post_only": st.booleans(),
        },
    ),
}
FIELDS = {name: BY_KIND.get(kind, NUMBERS) for name, kind in KINDS.items()}


@st.composite
def records(draw: st.DrawFn) -> DecisionRecord:
    names = draw(st.sets(st.sampled_from(sorted(KINDS)), max_size=12)) | {"ts"}
    return DecisionRecord(**{name: draw(FIELDS[name]) for name in names})


@given(records())
def test_a_record_comes_back_from_its_line_as_it_was(record: DecisionRecord) -> None:
    line = record.to_line()
    assert "\n" not in line
    assert json.loads(line)["schema"] == SCHEMA
    assert record_of(line) == record


@given(records())
def test_a_line_is_what_the_general_encoder_would_write(record: DecisionRecord) -> None:
    assert json.loads(record.to_line()) == json.loads(json.dumps(record.to_dict()))


@given(st.integers(-62_135_596_800_000, 253_402_300_799_999))
def test_a_moment_comes_back_from_its_text(ms: int) -> None:
    assert ms_of(iso_of(ms)) == ms


def test_moments_are_made_canonical() -> None:
    given_texts = ("2026-01-05T08:34:26.9421+08:00", "2026-01-05T00:34:26.942000+00:00")
    for text in given_texts:
        assert DecisionRecord(ts=text).ts == TS


def test_unknown_means_null_never_nan() -> None:
    record = DecisionRecord(ts=TS, rsi_1m=math.nan, thresholds={"halt_diff": math.nan, "x": 1.0})
    assert record.rsi_1m is None
    assert record.to_line() == f'{{"schema":1,"ts":"{TS}","thresholds":{{"x":1.0}}}}'


def test_numbers_of_numpy_are_numbers() -> None:
    record = DecisionRecord(ts=TS, rsi_1m=np.float32(50.5), window_min=np.int64(5))  # type: ignore[arg-type]
    assert (record.rsi_1m, record.window_min) == (50.5, 5)
    assert type(record.rsi_1m) is float
    assert type(record.window_min) is int


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"binance_mid": "91000"}, "binance_mid must be a number, was '91000'"),
        ({"binance_mid": True}, "binance_mid must be a number, was true"),
        ({"binance_mid": math.inf}, "binance_mid must be finite, was inf"),
        ({"binance_mid": 10**400}, "binance_mid must be finite, was beyond the range of float64"),
        ({"window_min": 2.5}, "window_min must be a whole number, was 2.5"),
        ({"risk_state": 3}, "risk_state must be text, was 3"),
        ({"market": "\ud800"}, "market must be text that UTF-8 can carry, holds half a character"),
        ({"reasons": "cooldown"}, "reasons must be a list of texts, was 'cooldown'"),
        ({"thresholds": [0.03]}, "thresholds must be an object of names and values, was a list"),
        ({"order_intent": {"side": True}}, "order_intent side must be a text, was true"),
        ({"order_intent": {"price": "1"}}, "order_intent price must be a number, was '1'"),
        (
            {"dydx_ts": "2026-01-05 00:34"},
            "dydx_ts must be an ISO 8601 moment such as 2026-01-02T11:05:03.120Z, "
            "was '2026-01-05 00:34'",
        ),
        ({"ts": None}, "ts must be an ISO 8601 moment, was null"),
    ],
)
def test_a_record_refuses_what_a_field_cannot_hold(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(ParamError) as refused:
        DecisionRecord(**({"ts": TS} | fields))
    assert str(refused.value) == message


def test_a_line_that_is_no_record_names_every_field_at_fault() -> None:
    with pytest.raises(FormatError) as refused:
        record_of('{"schema":1,"binance_mid":"x","rsi_1m":[]}')
    assert str(refused.value) == (
        "ts: must be an ISO 8601 moment, is not there; binance_mid: must be a number, was 'x'; "
        "rsi_1m: must be a number, was a list"
    )


# every field with values that are right, odd, or of another type
ODD = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 130), st.floats(-2, 200), st.just("buy"), TEXTS,
    st.sampled_from([[], ["a"], [1], {}, {"halt_diff": 0.03}, {"side": "buy"}, {"side": "up"}, TS]),
)  # fmt: skip


@settings(max_examples=300)
@given(st.dictionaries(st.sampled_from([*KINDS, "shema", "x"]), ODD, max_size=4))
def test_the_json_schema_accepts_what_is_read_without_a_remark(fields: dict[str, Any]) -> None:
    payload = {"schema": 1, "ts": TS} | fields
    parsed = parse_line(json.dumps(payload).encode())
    # what needs two fields at once, or a calendar, is beyond a schema; so are unknown nulls
    beyond = {"crossed", "diff disagrees"}
    rules = {fault.rule for fault in parsed.faults} - beyond
    late = any(fault.message.endswith("clocks that differ") for fault in parsed.faults)
    is_valid = jsonschema.Draft202012Validator(json_schema()).is_valid(payload)
    if None not in fields.values() and not late:
        assert is_valid == (not rules)


def test_the_schema_describes_every_field_and_its_samples() -> None:
    schema = json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    assert set(schema["properties"]) == {"schema", *KINDS}
    for record in sample_records()[:10]:
        jsonschema.validate(json.loads(record.to_line()), schema)


def test_importing_the_journal_pulls_nothing_but_the_standard_library() -> None:
    code = (
        "import sys; before = set(sys.modules); import research.journal; "
        "new = {name.split('.')[0] for name in set(sys.modules) - before}; "
        "print(sorted(new - set(sys.stdlib_module_names) - {'research'}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
