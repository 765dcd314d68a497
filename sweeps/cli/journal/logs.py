"""What the journal and halts commands share: logs in, with progress and the origin of results."""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    import pyarrow as pa

    from research.journal.faults import ReadReport
    from research.journal.scan.batches import BatchReader

__all__ = [
    "LogsArgument",
    "MapOption",
    "about",
    "digests_of",
    "open_reader",
    "reading",
    "show_reading",
]

_BAR_FROM_BYTES = 16 << 20
_FAULTS_SHOWN = 5

LogsArgument = Annotated[
    list[Path],
    typer.Argument(metavar="LOG...", help="Journals, or folders of journal-*.jsonl"),
]
MapOption = Annotated[
    list[str] | None,
    typer.Option(
        "--map",
        metavar="THEIRS=OURS[:UNIT]",
        help="Where a foreign log keeps a field, such as diff_pct=effective_diff_signed_buy:percent"
        "; dots reach into objects; repeatable",
    ),
]


def open_reader(maps: Sequence[str] | None, *, kept_faults: int = 1_000) -> "BatchReader":
    """A reader of our journals, or of foreign logs with a map. Raises SettingsError."""
    from research.journal.faults import ReadReport
    from research.journal.mapping import FieldMap
    from research.journal.scan.batches import BatchReader

    mapping = FieldMap.parse(maps) if maps else None
    return BatchReader(report=ReadReport(kept_limit=kept_faults), mapping=mapping)


@contextmanager
def reading(reader: "BatchReader", logs: Sequence[Path]) -> Iterator[Iterator["pa.RecordBatch"]]:
    """Yields the batches of ``logs``; big logs get a progress bar on stderr.

    Raises
    ------
    StoreError, FormatError
        A log is missing, unreadable, foreign or empty.
    """
    from rich.console import Console
    from rich.progress import Progress

    from research.journal.scan.batches import is_scanned
    from research.journal.sequence import log_files

    files = log_files(logs)
    total = sum(file.stat().st_size for file in files)
    if total < _BAR_FROM_BYTES:
        yield reader.read(files)
        return
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(_bar_text(is_scanned(files, reader.mapping)), total=total)
        reader.progress = lambda size: progress.advance(task, size)
        yield reader.read(files)


def digests_of(logs: Sequence[Path]) -> list[dict[str, Any]]:
    """Name, size and SHA-256 of every log file. Big logs: run it beside the reading."""
    from research.journal.sequence import log_files

    return [
        {"name": file.name, "bytes": file.stat().st_size, "sha256": _digest(file)}
        for file in log_files(logs)
    ]


def about(
    digests: list[dict[str, Any]],
    reader: "BatchReader",
    *,
    parameters: dict[str, Any],
    command: list[str],
) -> dict[str, Any]:
    """Where a result comes from: digests of the logs, parameters, versions, command."""
    from research.provenance import versions

    return {
        "logs": digests,
        "reading": summary_of(reader.report),
        "parameters": parameters,
        "versions": versions(),
        "command": " ".join(["leadfollow", *command]),
    }


def summary_of(report: "ReadReport") -> dict[str, Any]:
    """Counts of a reading, ready for JSON."""
    faults = [
        {"rule": rule, "field": name, "count": count}
        for (rule, name), count in report.counts.most_common()
    ]
    counts = {"lines": report.lines, "records": report.records}
    counts |= {"rejected": report.rejected, "doubled": report.doubled, "odd": report.odd}
    return counts | {"faults": faults}


def show_reading(reader: "BatchReader") -> None:
    """What was read, and everything that was not: counted, the first ones word for word."""
    from sweeps.cli.terminal import say

    report = reader.report
    say(report.sentence())
    for (rule, name), count in report.counts.most_common():
        say(f"  {rule}: {name}: {count:,}")
    for fault in report.kept[:_FAULTS_SHOWN]:
        say(f"  {fault}")
    if report.counts.total() > _FAULTS_SHOWN:
        say("  `leadfollow journal validate` lists them all")
    if reader.free:
        say(f"  not among the columns: {', '.join(sorted(reader.free))}")
    if report.unmapped_keys:
        say(f"  read over, not mapped: {', '.join(sorted(report.unmapped_keys))}")


def _bar_text(scans: bool) -> str:
    if not scans:
        return "reading line by line"
    from research.jit import cache_folder

    is_cold = not any(cache_folder().rglob("*scan_lines*.nbi"))
    return "compiling kernels (first run only), reading" if is_cold else "reading"


def _digest(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
