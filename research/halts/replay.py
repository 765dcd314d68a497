"""Every HALT of a journal, explained."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, get_args

import numpy as np
import pyarrow as pa

from research.halts.causes import Cause, Diagnosis, judge
from research.halts.history import PriceAt, PriceHistory, ask
from research.halts.parts import Parts
from research.halts.prevention import Prevention, prevention_of
from research.halts.question import Gates, Question, question_of
from research.halts.timeline import Timeline
from research.journal.instants import ms_of
from research.journal.oddities import find_oddities
from research.journal.record import DecisionRecord
from research.journal.scan.rows import record_of_row

__all__ = ["CAUSES", "Halt", "HaltRules", "explain", "replay"]

CAUSES: Final[tuple[Cause, ...]] = get_args(Cause)
_SESSIONS: Final = ("asia", "europe", "us")  # as in features.labels, whose import is not light
_HOUR_MS: Final = 3_600_000


@dataclass(frozen=True, slots=True, kw_only=True)
class HaltRules:
    """How HALTs are explained.

    ``tolerance_ms``: how much older than ``dydx_ts`` a quote may be to stand for it (never more
    than the smaller age gate in force). ``gates``: limits for records that do not name theirs.
    ``session_hours``: first UTC hours of asia, europe and us, for records without a session.
    """

    tolerance_ms: float = 1_000.0
    gates: Gates = field(default_factory=Gates)
    session_hours: tuple[int, int, int] = (0, 8, 16)


@dataclass(frozen=True, slots=True, kw_only=True)
class Halt:
    """One HALT and its explanation."""

    number: int  # from 1, in the order of time
    log: str
    line: int
    record: DecisionRecord
    question: Question
    diagnosis: Diagnosis
    prevention: Prevention
    answer: PriceAt | None  # Binance at dydx_ts
    session: str
    notes: tuple[str, ...]  # oddities of the record, and what does not fit

    @property
    def told(self) -> str:
        """What the bot said about it; empty where it said nothing."""
        return self.record.halt_reason or "; ".join(self.record.reasons or ())

    @property
    def parts(self) -> Parts:
        """Parts of the diff, fractions."""
        return self.diagnosis.parts


def explain(
    record: DecisionRecord,
    histories: Sequence[PriceHistory],
    rules: HaltRules = HaltRules(),
    *,
    number: int = 1,
    log: str = "",
    line: int = 0,
) -> Halt:
    """Takes one HALT apart; the first history that settles ``dydx_ts`` is used."""
    question = question_of(record, rules.gates)
    tolerance_ms = min(rules.tolerance_ms, question.gates.least_age_ms())
    answer, nearest = _answer(record, question, histories, tolerance_ms)
    diagnosis = judge(question, answer, nearest, tolerance_ms)
    return Halt(
        number=number,
        log=log,
        line=line,
        record=record,
        question=question,
        diagnosis=diagnosis,
        prevention=prevention_of(record, question, diagnosis),
        answer=answer,
        session=record.session or _session(record.ts_ms, rules.session_hours),
        notes=_notes(record, question),
    )


def replay(
    timeline: Timeline,
    rows: pa.Table,
    histories: Sequence[PriceHistory] = (),
    rules: HaltRules = HaltRules(),
    *,
    every: bool = False,
) -> list[Halt]:
    """All HALTs of one market in the order of time.

    Parameters
    ----------
    rows
        The HALT rows kept by :func:`research.halts.timeline.timelines`.
    histories
        Recordings and minutes; single quotes before bars. The journal itself always comes first.
    every
        Explain every record in HALT, not only those at which one begins.
    """
    chosen = np.flatnonzero(timeline.is_halt) if every else timeline.halt_starts()
    known: list[PriceHistory] = [timeline.binance_history(), *histories]
    found = rows.take(pa.array(timeline.place[chosen])).to_pylist()
    return [
        explain(record_of_row(row), known, rules, number=number, log=row["log"], line=row["line"])
        for number, row in enumerate(found, start=1)
    ]


def _answer(
    record: DecisionRecord,
    question: Question,
    histories: Sequence[PriceHistory],
    tolerance_ms: float,
) -> tuple[PriceAt | None, PriceAt | None]:
    if question.dydx_ts_ms is None:
        return None, None
    mid = question.binance_mid
    if record.binance_ts is not None and ms_of(record.binance_ts) == question.dydx_ts_ms:
        return PriceAt(mid, 0, 0, mid, mid, "record"), None
    return ask(histories, question.dydx_ts_ms, tolerance_ms)


def _notes(record: DecisionRecord, question: Question) -> tuple[str, ...]:
    notes = [f"{fault.field}: {fault.message}" for fault in find_oddities(record)]
    limit = question.gates.halt_diff
    if abs(question.diff) < limit:
        notes.append(
            f"the diff {question.diff:.2%} is below the HALT threshold {limit:.2%}: "
            f"look at the reason {record.halt_reason or '(none given)'}"
        )
    return tuple(notes)


def _session(ts_ms: int, first_hours: tuple[int, int, int]) -> str:
    hour = ts_ms // _HOUR_MS % 24
    begun = [name for name, first in zip(_SESSIONS, first_hours, strict=True) if hour >= first]
    return begun[-1] if begun else _SESSIONS[-1]
