"""The writer: one write per record, a file per day, nothing lost but the line in flight."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from research.errors import ParamError, StoreError
from research.journal import DecisionRecord, JournalWriter, ReadReport, read_journal
from tests.samples.journal_corpus import sample_records

REPO = Path(__file__).resolve().parents[3]
RECORDS = sample_records()[:20]
DAY = "journal-2026-01-05.jsonl"


def read(folder: Path) -> tuple[list[DecisionRecord], ReadReport]:
    report = ReadReport()
    return [record for _, _, record in read_journal([folder], report)], report


def write(folder: Path, records: tuple[DecisionRecord, ...]) -> None:
    with JournalWriter(folder, fsync="never") as writer:
        for record in records:
            writer.append(record)


def test_what_was_written_is_read_back(tmp_path: Path) -> None:
    write(tmp_path / "new" / "logs", RECORDS)
    assert read(tmp_path / "new" / "logs")[0] == list(RECORDS)


def test_each_record_is_one_write_of_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[bytes] = []
    real: Callable[[int, bytes], int] = os.write
    monkeypatch.setattr(os, "write", lambda fd, data: (written.append(data), real(fd, data))[1])
    write(tmp_path, RECORDS)
    assert written == [record.to_line().encode() + b"\n" for record in RECORDS]


def test_each_utc_day_has_its_own_file(tmp_path: Path) -> None:
    days = ("2026-01-05T23:59:59.999Z", "2026-01-06T00:00:00.000Z", "2026-01-07T07:59:00+08:00")
    records = tuple(replace(RECORDS[0], ts=day) for day in days)
    write(tmp_path, records)
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == [DAY, "journal-2026-01-06.jsonl"]
    assert read(tmp_path)[0] == list(records)


@pytest.mark.parametrize("keep", [1, 20, 500, -1])
def test_a_torn_tail_stays_one_bad_line_and_nothing_else_is_lost(tmp_path: Path, keep: int) -> None:
    write(tmp_path, RECORDS[:3])
    path = tmp_path / DAY
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:2]) + lines[2][: keep if keep > 0 else keep - 1])
    write(tmp_path, RECORDS[3:6])
    found, report = read(tmp_path)
    assert found == [*RECORDS[:2], *RECORDS[3:6]]
    assert [(fault.line, fault.fault.rule) for fault in report.kept] == [(3, "not JSON")]


def test_a_last_line_that_only_lacks_its_newline_is_whole(tmp_path: Path) -> None:
    write(tmp_path, RECORDS[:2])
    path = tmp_path / DAY
    path.write_bytes(path.read_bytes()[:-1])
    assert read(tmp_path)[0] == list(RECORDS[:2])
    write(tmp_path, RECORDS[2:4])
    found, report = read(tmp_path)
    assert found == list(RECORDS[:4])
    assert report.is_clean


def test_two_writers_on_one_file_mix_whole_lines(tmp_path: Path) -> None:
    with (
        JournalWriter(tmp_path, fsync="never") as one,
        JournalWriter(tmp_path, fsync="never") as two,
    ):
        for record in RECORDS:
            one.append(record)
            two.append(replace(record, market="ETH-USD"))
    found, report = read(tmp_path)
    pairs = ((record, replace(record, market="ETH-USD")) for record in RECORDS)
    assert found == [record for pair in pairs for record in pair]
    assert report.is_clean


def test_a_full_disk_is_said_and_the_next_record_starts_on_a_new_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with JournalWriter(tmp_path, fsync="never") as writer:
        writer.append(RECORDS[0])
        real: Callable[[int, bytes], int] = os.write
        with monkeypatch.context() as full:
            full.setattr(os, "write", lambda fd, data: real(fd, data[:30]))
            with pytest.raises(StoreError) as refused:
                writer.append(RECORDS[1])
        writer.append(RECORDS[2])
    length = len(RECORDS[1].to_line()) + 1
    assert str(refused.value) == (
        f"{tmp_path / DAY}: cannot be written (only 30 of {length} bytes fitted), the record may "
        "be missing; make room or give a folder that can be written"
    )
    found, report = read(tmp_path)
    assert found == [RECORDS[0], RECORDS[2]]
    assert report.rejected == 1


@pytest.mark.parametrize(
    ("policy", "syncs"), [("never", 0), ("always", 20 + 2), (2.0, 10 + 2), (1e9, 2)]
)
def test_fsync_follows_its_policy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, policy: float, syncs: int
) -> None:
    done: list[int] = []
    monkeypatch.setattr(os, "fsync", done.append)
    seconds = iter(range(100))
    with JournalWriter(tmp_path, fsync=policy, clock=lambda: float(next(seconds))) as writer:
        for record in RECORDS:
            writer.append(record)
    # two of them: the folder of a new file, and the end
    assert len(done) == syncs


@pytest.mark.parametrize("policy", ["sometimes", 0, -1.0, None])
def test_an_unknown_fsync_policy_is_refused(tmp_path: Path, policy: float) -> None:
    with pytest.raises(ParamError) as refused:
        JournalWriter(tmp_path, fsync=policy)
    assert str(refused.value) == (f"fsync must be never, always or seconds above 0, was {policy!r}")


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="file: cannot be written"):
        JournalWriter(tmp_path / "file")


CHILD = """
import os, sys
from pathlib import Path
from dataclasses import replace
from research.journal import DecisionRecord, JournalWriter
record = DecisionRecord(ts="2026-01-05T00:00:00.000Z", halt_reason="x" * 300)
with JournalWriter(Path(sys.argv[1]), fsync="never") as writer:
    for number in range(10**9):
        writer.append(replace(record, window_min=number))
        os.write(1, b"%d\\n" % number)
"""


@pytest.mark.parametrize("delay_s", [0.0, 0.03, 0.1])
def test_kill_9_takes_nothing_that_was_acknowledged(tmp_path: Path, delay_s: float) -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(tmp_path)], stdout=subprocess.PIPE, cwd=REPO
    )
    assert child.stdout is not None
    first = child.stdout.readline()
    time.sleep(delay_s)
    child.send_signal(signal.SIGKILL)
    told = (first + child.stdout.read()).split(b"\n")[:-1]
    child.stdout.close()
    child.wait()
    numbers = [record.window_min for record in read(tmp_path)[0]]
    assert numbers[: len(told)] == [int(number) for number in told]
    assert len(numbers) <= len(told) + 1
