"""300 broken journals: no traceback, every good line read, both roads agree."""

import json
from pathlib import Path

import pyarrow as pa

from research.errors import FormatError
from research.journal import ReadReport, read_journal
from research.journal.record import DecisionRecord
from research.journal.scan.batches import BatchReader
from research.journal.scan.rows import COLUMNS
from tests.samples.journal_corpus import broken_journal

SEEDS = range(300)


def read(path: Path) -> tuple[dict[int, DecisionRecord], ReadReport]:
    report = ReadReport()
    found = {line: record for _, line, record in read_journal([path], report)}
    return found, report


def test_every_good_line_of_300_broken_journals_is_read(tmp_path: Path) -> None:
    path, rejected = tmp_path / "broken.jsonl", 0
    for seed in SEEDS:
        broken = broken_journal(seed)
        path.write_bytes(broken.data)
        found, report = read(path)
        again = _repeated(broken.data)
        good = {line: record for line, record in broken.good.items() if line not in again}
        assert {line: found.get(line) for line in good} == good, seed
        assert report.lines == report.records + report.rejected + report.doubled
        assert report.records == len(found)
        assert report.lines == len(broken.data.removesuffix(b"\n").split(b"\n"))
        assert all(fault.fault.field and fault.fault.message for fault in report.kept)
        json.dumps([str(fault) for fault in report.kept]).encode()  # printable everywhere
        rejected += report.rejected
    assert rejected > len(SEEDS)  # the corpus is broken indeed


def _repeated(data: bytes) -> set[int]:
    """Lines (from 1) that stood before, to the byte."""
    seen: set[bytes] = set()
    again = set()
    for number, line in enumerate(data.split(b"\n"), start=1):
        if line in seen:
            again.add(number)
        seen.add(line)
    return again


def batches(path: Path, *, scans: bool) -> tuple[pa.Table | str, ReadReport]:
    reader = BatchReader(scans=scans)
    try:
        return pa.Table.from_batches(reader.read([path]), COLUMNS), reader.report
    except FormatError as error:
        return str(error), reader.report


def test_the_scanner_reads_broken_journals_as_the_definition_does(tmp_path: Path) -> None:
    path = tmp_path / "broken.jsonl"
    for seed in SEEDS[::2]:
        path.write_bytes(broken_journal(seed).data)
        (fast, fast_report), (exact, exact_report) = (
            batches(path, scans=scans) for scans in (True, False)
        )
        assert fast == exact, seed
        assert fast_report == exact_report, seed
