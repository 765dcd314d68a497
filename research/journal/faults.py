"""What is wrong with a line: the fault, where it stands, and the count of all of them."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Fault", "LineFault", "ReadReport"]

KEPT = 1_000


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with one field of one line."""

    field: str  # "(line)" where it is the whole line
    rule: str  # two or three words that count together
    message: str
    rejects: bool = True  # False: the record is used, and the oddity named


@dataclass(frozen=True, slots=True)
class LineFault:
    """A fault with its place."""

    log: str
    line: int  # counted from 1
    fault: Fault

    def __str__(self) -> str:
        fault = self.fault
        mark = "rejected" if fault.rejects else "odd"
        return f"{self.log}:{self.line}: {mark}: {fault.field}: {fault.message}"


@dataclass(slots=True)
class ReadReport:
    """What a reader met: all counted, the first ``kept_limit`` faults kept word for word.

    ``lines`` = ``records`` + ``rejected`` + ``doubled``. Faults are counted by (rule, field).
    """

    kept_limit: int = KEPT
    lines: int = 0
    records: int = 0
    rejected: int = 0  # lines that gave no record
    doubled: int = 0  # lines that stood before, to the byte: counted once
    odd: int = 0  # records with something named
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    kept: list[LineFault] = field(default_factory=list)
    foreign_keys: dict[str, object] = field(default_factory=dict)  # of lines without a schema
    foreign_lines: list[Mapping[str, Any]] = field(default_factory=list)  # the first of them
    unmapped_keys: set[str] = field(default_factory=set)  # of a mapped log: read over

    def add_clean(self, lines: int) -> None:
        """Counts ``lines`` records without any fault."""
        self.lines += lines
        self.records += lines

    def add_doubled(self, lines: int) -> None:
        """Counts ``lines`` that repeat others."""
        self.lines += lines
        self.doubled += lines

    def add(self, log: str, line: int, faults: Iterable[Fault], *, is_record: bool) -> None:
        """Counts one line and what is wrong with it."""
        self.lines += 1
        self.records += is_record
        self.rejected += not is_record
        for number, fault in enumerate(faults):
            self.odd += is_record and number == 0
            self.counts[fault.rule, fault.field] += 1
            if len(self.kept) < self.kept_limit:
                self.kept.append(LineFault(log, line, fault))

    @property
    def is_clean(self) -> bool:
        """Whether nothing at all was wrong."""
        return not self.counts

    def sentence(self) -> str:
        """One line for people: ``120 lines: 118 records (2 odd), 2 rejected``."""
        odd = f" ({self.odd:,} odd)" if self.odd else ""
        text = f"{self.lines:,} lines: {self.records:,} records{odd}, {self.rejected:,} rejected"
        if self.doubled:
            text += f", {self.doubled:,} doubled (the same line again: counted once)"
        return text
