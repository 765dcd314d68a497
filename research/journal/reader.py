"""A journal line by line: records as they come, everything else counted with line and field."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from research.errors import FormatError
from research.journal.blocks import MAX_LINE_BYTES, Block, read_blocks
from research.journal.faults import Fault, ReadReport
from research.journal.mapping import FieldMap
from research.journal.parse import LINE, parse_line
from research.journal.record import DecisionRecord
from research.journal.sequence import Doubles, in_time_order, log_files
from research.journal.suggest import foreign_message

__all__ = ["check_readable", "nothing_read", "read_block", "read_journal"]

_KEYS_KEPT: Final = 200
_LINES_KEPT: Final = 50


def read_journal(
    paths: Iterable[Path],
    report: ReadReport,
    *,
    mapping: FieldMap | None = None,
    max_line_bytes: int = MAX_LINE_BYTES,
) -> Iterator[tuple[str, int, DecisionRecord]]:
    """Yields (log, line, record) for every line that holds one; memory stays bounded.

    Parameters
    ----------
    paths
        Files, or folders of ``journal-*.jsonl``; read in the order of their time, and of lines
        that stand twice the first.
    report
        Filled while reading: lines, records, and what was wrong with the others.
    mapping
        For foreign logs: where our fields are found.
    max_line_bytes
        Longer lines are rejected unread.

    Raises
    ------
    StoreError
        A file is missing or cannot be read.
    FormatError
        A foreign log without a map (the message lists its keys and a map to try), or files
        without a single record.
    """
    paths = in_time_order(log_files(paths), mapping)
    doubles = Doubles()
    for path in paths:
        for block in read_blocks(path, max_line_bytes=max_line_bytes):
            doubled = doubles.of(block)
            for line, record in read_block(path.name, block, report, mapping, doubled):
                yield path.name, line, record
            check_readable(path, report, mapping)
    if not report.records:
        raise FormatError(nothing_read(paths, report))


def read_block(
    log: str,
    block: Block,
    report: ReadReport,
    mapping: FieldMap | None = None,
    doubled: frozenset[int] = frozenset(),
) -> Iterator[tuple[int, DecisionRecord]]:
    """Yields (line, record) of one block and counts the rest; ``doubled`` are places in it."""
    if block.too_long_bytes:
        message = f"{block.too_long_bytes:,} bytes: longer than any record, not loaded"
        report.add(log, block.first_line, (Fault(LINE, "too long", message),), is_record=False)
        return
    lines = block.lines
    report.add_doubled(len(doubled))
    for number, raw in enumerate(lines, start=block.first_line):
        if number - block.first_line in doubled:
            continue
        parsed = parse_line(raw, mapping)
        faults = parsed.faults
        if parsed.record is None:
            is_torn = block.is_last and number == block.first_line + len(lines) - 1
            faults = (_torn(faults[0]),) if is_torn else faults
            _keep_keys(parsed.keys, report, mapping)
        elif mapping is not None and len(report.unmapped_keys) < _KEYS_KEPT:
            report.unmapped_keys |= mapping.left_over(parsed.keys)
        report.add(log, number, faults, is_record=parsed.record is not None)
        if parsed.record is not None:
            yield number, parsed.record


def check_readable(path: Path, report: ReadReport, mapping: FieldMap | None = None) -> None:
    """Raises FormatError as soon as a log shows itself as foreign: lines, but not ours."""
    if report.records or not report.foreign_keys:
        return
    if mapping is None:
        raise FormatError(foreign_message(path.name, report.foreign_keys, report.foreign_lines))
    if report.counts["missing", "ts"]:
        told = foreign_message(path.name, report.foreign_keys, report.foreign_lines)
        raise FormatError(f"--map finds no ts. {told}")


def _keep_keys(keys: object, report: ReadReport, mapping: FieldMap | None) -> None:
    if isinstance(keys, dict) and (mapping is not None or keys.get("schema") is None):
        if len(report.foreign_lines) < _LINES_KEPT:
            report.foreign_lines.append(keys)
        new = keys.keys() - report.foreign_keys.keys()
        if new and len(report.foreign_keys) < _KEYS_KEPT:
            report.foreign_keys |= {name: keys[name] for name in keys if name in new}


def _torn(fault: Fault) -> Fault:
    if fault.rule not in ("not JSON", "not UTF-8"):
        return fault
    return Fault(LINE, "torn", f"the last line is cut off (writer killed?): {fault.message}")


def nothing_read(paths: list[Path], report: ReadReport) -> str:
    """What to say of files without a single record."""
    names = ", ".join(path.name for path in paths[:3]) + (" ..." if len(paths) > 3 else "")
    if not report.lines:
        return f"{names}: empty: no line to read; has the bot written here yet?"
    first = f"; first: {report.kept[0]}" if report.kept else ""
    return f"{names}: none of {report.lines:,} lines is a decision record{first}"
