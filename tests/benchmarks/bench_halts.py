"""Figures of the journal and of HALT replay.

    python tests/benchmarks/bench_halts.py --json

1,000 generated HALTs with known causes; writing without fsync; 1 M records into Parquet, in a
process of its own that is timed from its first import; 200 SIGKILLs of a writer. The machine is
shared, so the quickest of a few rounds counts where time is measured.
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

from research.halts import replay, timelines  # noqa: E402 (the path above first)
from research.halts.planted.journal import SyntheticJournal, synthesise  # noqa: E402
from research.journal import DecisionRecord, JournalWriter, ReadReport, read_journal  # noqa: E402
from research.journal.scan.rows import batch_of_records  # noqa: E402

WRITE_ROUND = 5_000
READ_ROUNDS = 2
FROM_CHILD = 1_000_000  # numbers of one killed writer

READER = """
import time
started = time.perf_counter()
import json, sys
from pathlib import Path
from research.journal.scan.batches import BatchReader
from research.journal.events.files import event_sink
from research.journal.events.events import EventCounts
reader, counts = BatchReader(scans=True), EventCounts()
with event_sink(Path(sys.argv[2])) as sink:
    for batch in reader.read([Path(sys.argv[1])]):
        counts.add(batch)
        sink.add(batch)
# not ru_maxrss: a child starts with the peak of the process that forked it
status = Path("/proc/self/status").read_text().split()
print(json.dumps({
    "rows": counts.events, "rejected": reader.report.rejected,
    "seconds": time.perf_counter() - started,
    "mib": int(status[status.index("VmHWM:") + 1]) / 1024,
}))
"""

WRITER = """
import os, sys
from dataclasses import replace
from pathlib import Path
from research.journal import JournalWriter, record_of
record, first = record_of(sys.argv[2]), int(sys.argv[3])
with JournalWriter(Path(sys.argv[1]), fsync="never") as writer:
    for number in range(first, first + 10**6):
        writer.append(replace(record, depth_used_levels_buy=number))
        os.write(1, b"%d\\n" % number)
"""


def judge_causes(made: SyntheticJournal) -> dict[str, Any]:
    """Causes found against causes planted, by the journal alone."""
    batch = batch_of_records("made", list(enumerate(made.records, start=1)))
    (line,), rows = timelines([batch])
    assert rows is not None
    found = replay(line, rows)
    assert [halt.record.ts for halt in found] == [planted.ts for planted in made.truth]
    pairs = list(zip(found, made.truth, strict=True))
    known = [halt.diagnosis.cause == told.cause for halt, told in pairs if told.cause != "unknown"]
    other = [halt.diagnosis.cause == "unknown" for halt, told in pairs if told.cause == "unknown"]
    errors = [
        abs(halt.parts.total - halt.question.diff)
        for halt in found
        if halt.parts.total == halt.parts.total
    ]
    return {
        "halts": len(found),
        "cause_right_share": sum(known) / len(known),
        "unknown_right_share": sum(other) / len(other),
        "max_sum_error": max(errors),
    }


def time_writing(records: list[DecisionRecord], folder: Path) -> dict[str, Any]:
    """Records per second of the quickest round, without fsync."""
    best = float("inf")
    with JournalWriter(folder, fsync="never") as writer:
        for first in range(0, len(records), WRITE_ROUND):
            part = records[first : first + WRITE_ROUND]
            started = time.perf_counter()
            for record in part:
                writer.append(record)
            best = min(best, (time.perf_counter() - started) / len(part))
    return {"records_per_second_write": round(1 / best)}


def time_reading(records: list[DecisionRecord], rows: int, folder: Path) -> dict[str, Any]:
    """Seconds and memory of reading and tabling ``rows`` records in a fresh process."""
    lines = [record.to_line() + "\n" for record in records]
    journal = folder / "big.jsonl"
    with journal.open("w", encoding="utf-8") as file:
        for first in range(0, rows, len(lines)):
            file.writelines(lines[: rows - first])
    (folder / "small.jsonl").write_text("".join(lines[:500]))
    _child(READER, folder / "small.jsonl", folder / "small.parquet")  # compiles the kernels
    runs = []
    for _ in range(READ_ROUNDS):
        runs.append(json.loads(_child(READER, journal, folder / "big.parquet")))
        assert runs[-1]["rejected"] == 0
    return {
        "rows_read": runs[0]["rows"],
        "read_seconds": round(min(run["seconds"] for run in runs), 2),
        "peak_mib": round(max(run["mib"] for run in runs)),
    }


def kill_writers(record: DecisionRecord, kills: int, folder: Path) -> dict[str, Any]:
    """Acknowledged lines that a SIGKILL took; all writers append to one journal."""
    rng = random.Random(7)
    told: list[int] = []
    for turn in range(kills):
        arguments = [str(folder), record.to_line(), str(turn * FROM_CHILD)]
        child = subprocess.Popen(
            [sys.executable, "-c", WRITER, *arguments], stdout=subprocess.PIPE, cwd=ROOT
        )
        assert child.stdout is not None
        first = child.stdout.readline()
        time.sleep(rng.uniform(0, 0.02))
        os.kill(child.pid, signal.SIGKILL)
        told += [int(line) for line in (first + child.stdout.read()).split(b"\n")[:-1]]
        child.stdout.close()
        child.wait()
    report = ReadReport()
    kept = [found.depth_used_levels_buy for _, _, found in read_journal([folder], report)]
    assert len(kept) <= len(told) + kills  # the line in flight may have arrived
    assert report.rejected <= kills
    return {"kills": kills, "lines_lost": len(set(told) - set(kept)), "lines_told": len(told)}


def _child(code: str, *arguments: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON line last")
    parser.add_argument("--halts", type=int, default=1_000)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--kills", type=int, default=200)
    given = parser.parse_args()
    made = synthesise(halts=given.halts, seed=7)
    print(f"{len(made.records):,} records, {given.halts:,} HALTs planted")  # noqa: T201
    figures = judge_causes(made)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        figures |= time_writing(made.records, folder / "written")
        figures |= time_reading(made.records, given.rows, folder)
        figures |= kill_writers(made.records[0], given.kills, folder / "killed")
    told = figures.pop("lines_told")
    print(f"{told:,} lines were acknowledged before {given.kills} kills")  # noqa: T201
    for figure, value in figures.items():
        print(f"{figure:>26}  {value:,.6g}")  # noqa: T201
    if given.json:
        print(json.dumps(figures))  # noqa: T201


if __name__ == "__main__":
    main()
