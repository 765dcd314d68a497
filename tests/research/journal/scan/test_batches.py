"""Columns of big journals: the scanner gives what the definition gives, bit for bit."""

import json
import math
import struct
import sys
import threading
from datetime import datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from research.journal import DecisionRecord, FieldMap, ReadReport, iso_of, ms_of, read_journal
from research.journal.blocks import Block
from research.journal.scan.batches import BatchReader, is_scanned
from research.journal.scan.columns import scan_block
from research.journal.scan.numerals import read_moment, read_number
from research.journal.scan.rows import COLUMNS, batch_of_records, record_of_row
from tests.samples.journal_corpus import sample_records

RECORDS = sample_records()


def number_of(text: str) -> float | None:
    """The kernel's reading of a number that fills ``text``; None where it refuses."""
    raw = np.frombuffer(text.encode() + b",", np.uint8)
    end, value = read_number(raw, 0, len(text))
    return value if end == len(text) else None


def bits(value: float) -> bytes:
    return struct.pack("<d", value)


FLOATS = st.floats(allow_nan=False, allow_infinity=False)
DECIMALS = st.decimals(-(10**9), 10**9, allow_nan=False, allow_infinity=False, places=9).map(str)
DIGITS = st.from_regex(r"\A-?(0|[1-9]\d{0,20})(\.\d{1,24})?([eE][+-]?\d{1,3})?\Z")


@settings(max_examples=500)
@given(FLOATS.map(repr) | FLOATS.map(lambda x: f"{x:.17e}") | DECIMALS | DIGITS)
def test_a_number_is_read_as_python_reads_it_or_not_at_all(text: str) -> None:
    ours = number_of(text)
    if ours is not None:
        assert bits(ours) == bits(float(json.loads(text)))


def test_the_numbers_of_a_market_are_read_by_the_kernel() -> None:
    """Otherwise the law above would hold for a kernel that refuses everything."""
    rng = np.random.default_rng(5)
    prices = rng.uniform(0.01, 2e5, 20_000)
    samples = [*prices, *(prices / 7e4 - 1), *rng.integers(0, 10**6, 1000).tolist(), -0.0]
    read = [number_of(repr(value)) for value in map(float, samples)]
    known = [(ours, value) for ours, value in zip(read, samples, strict=True) if ours is not None]
    assert len(known) > 0.999 * len(samples)
    assert all(bits(ours) == bits(float(value)) for ours, value in known)


@pytest.mark.parametrize(
    "text", ["-", "+1", "01", "1.", ".5", "1e", "1e+", "--1", "1_0", "0x1", "NaN", "1.5.2"]
)
def test_what_is_no_json_number_is_refused(text: str) -> None:
    assert number_of(text) is None


@given(st.integers(-62_135_596_800_000, 253_402_300_799_999))
def test_a_moment_is_read_as_python_reads_it(ms: int) -> None:
    raw = np.frombuffer(f'"{iso_of(ms)}"'.encode(), np.uint8)
    assert read_moment(raw, 0, len(raw)) == (26, ms)


@given(st.from_regex(r"\A[0-2]\d{3}-[01]\d-[0-3]\d[T ][0-2]\d:[0-6]\d:[0-6]\d[.,]\d{3}[Zz]\Z"))
def test_a_moment_that_is_none_is_refused(text: str) -> None:
    raw = np.frombuffer(f'"{text}"'.encode(), np.uint8)
    end, ms = read_moment(raw, 0, len(raw))
    try:
        wanted = ms_of(text)
    except ValueError:
        assert end == 0
    else:
        assert (end, ms) == (26, wanted)


def write(path: Path, records: tuple[DecisionRecord, ...]) -> Path:
    path.write_text("".join(record.to_line() + "\n" for record in records), encoding="utf-8")
    return path


def read(path: Path, *, scans: bool) -> tuple[pa.Table, BatchReader]:
    reader = BatchReader(scans=scans)
    return pa.Table.from_batches(reader.read([path]), COLUMNS), reader


def test_the_writers_own_lines_all_go_through_the_scanner(tmp_path: Path) -> None:
    data = write(tmp_path / "a.jsonl", RECORDS).read_bytes()
    scanned = scan_block("a.jsonl", Block.of(1, data), ())
    assert scanned is not None
    assert scanned[1].mean() > 0.99  # a few numbers below 1e-6 are left to Python
    assert read(tmp_path / "a.jsonl", scans=True)[0] == read(tmp_path / "a.jsonl", scans=False)[0]


def test_rows_carry_every_field_of_their_records(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", RECORDS)
    for scans in (True, False):
        table, reader = read(path, scans=scans)
        assert [record_of_row(row) for row in table.to_pylist()] == list(RECORDS)
        assert table["line"].to_pylist() == list(range(1, len(RECORDS) + 1))
        assert reader.report == ReadReport(lines=len(RECORDS), records=len(RECORDS))


def test_names_without_a_column_are_told_on_both_roads(tmp_path: Path) -> None:
    limits = {"halt_diff": 0.03, "max_spread": 1.5}
    records = tuple(
        DecisionRecord(ts=record.ts, thresholds=limits, order_intent={"side": "buy", "tif": "IOC"})
        for record in RECORDS
    )
    path = write(tmp_path / "a.jsonl", records)
    tables = []
    for scans in (True, False):
        table, reader = read(path, scans=scans)
        assert reader.free == {"thresholds.max_spread", "order_intent.tif"}
        tables.append(table)
    assert tables[0] == tables[1]


def test_learned_names_are_read_over_by_the_scanner() -> None:
    line = b'{"schema":1,"ts":"2026-01-05T00:00:00.000Z","thresholds":{"a":-1.5e3,"halt_diff":0.03,'
    line += (
        b'"b":null},"order_intent":{"post_only":true,"tag":"x","side":"buy","n":1},"market":"M"}\n'
    )
    names = ["thresholds.a", "thresholds.b", "order_intent.post_only", "order_intent.tag"]
    for learned, is_read in ((names, False), ([*names, "order_intent.n"], True)):
        scanned = scan_block("a", Block.of(1, line), learned)
        assert scanned is not None
        assert scanned[1].tolist() == [is_read]
    row = scanned[0].to_pylist()[0]
    assert (row["thresholds.halt_diff"], row["order_intent.side"], row["market"]) == (
        0.03,
        "buy",
        "M",
    )


def test_records_of_several_blocks_and_files_stay_in_order(tmp_path: Path) -> None:
    lines = [record.to_line() for record in RECORDS]
    for day in ("journal-2026-01-05.jsonl", "journal-2026-01-06.jsonl"):
        bad_every = [line if place % 9 else "x" for place, line in enumerate(lines * 12)]
        (tmp_path / day).write_text("\n".join(bad_every) + "\n")
    reader = BatchReader(scans=True)
    table = pa.Table.from_batches(reader.read([tmp_path]))
    report = ReadReport()
    exact = [(log, line) for log, line, _ in read_journal([tmp_path], report)]
    assert list(zip(table["log"].to_pylist(), table["line"].to_pylist(), strict=True)) == exact
    assert reader.report == report
    assert threading.active_count() == 1


def test_small_logs_and_foreign_logs_are_read_line_by_line(tmp_path: Path) -> None:
    small, big = write(tmp_path / "small", RECORDS[:3]), tmp_path / "big"
    with big.open("wb") as file:
        file.truncate(9 << 20)
    assert not is_scanned([small], None)
    assert is_scanned([big], None)
    assert not is_scanned([big], FieldMap.parse(["a=ts"]))


def test_a_record_without_oddities_equals_its_row() -> None:
    batch = batch_of_records("a", [(1, RECORDS[0])])
    row = batch.to_pylist()[0]
    assert isinstance(row["ts"], datetime)
    assert row["binance_mid"] == RECORDS[0].binance_mid
    assert math.isclose(row["thresholds.halt_diff"], 0.03)
    assert "numba" in sys.modules  # the scanner's tests above: the exact road itself needs none
