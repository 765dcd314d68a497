"""The causality audit: nothing that was known may change when the future does.

Every feature, label, filter, signal, decision and fitted edge is computed on all minutes, and
again, at every cut, on three other histories: cut off there, continued with garbage, and continued
with a true open and garbage (:mod:`sweeps.verdict.audit.futures`). What was known at the cut must
be equal to the last bit, or the name and the minute of the leak are told.

Two readings catch what one would miss: cut off, a value that looks ahead finds nothing there;
continued, it finds something else. A value of the whole span (a mean, a quantile, a fitted edge)
changes in both.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from research.arrays import Ints
from research.features import panel as panels
from research.features.panel import Panel
from research.frame.extra import extra_columns
from research.frame.frame import Frame
from research.settings.features import PanelSettings
from strategies.backtest.model import Model
from strategies.registry import Strategy
from strategies.registry import strategies as listed
from sweeps.verdict.audit.choices import judged_choices
from sweeps.verdict.audit.compare import first_difference
from sweeps.verdict.audit.cuts import Cut, choose_cuts
from sweeps.verdict.audit.decisions import Decision, decisions_of
from sweeps.verdict.audit.findings import Audit, Finding, Leak
from sweeps.verdict.audit.futures import How, opened, poisoned
from sweeps.verdict.audit.history import CandleHistory, History
from sweeps.verdict.audit.subjects import Subject, subjects_of, train_spans
from sweeps.verdict.audit.trades import (
    Knowledge,
    first_other_decision,
    next_price,
    traded_rows,
)
from sweeps.verdict.audit.warmup import warmups_of
from sweeps.verdict.walk import Search

__all__ = ["audit"]

Step = Callable[[int], object]


class _Reading(NamedTuple):
    """One history as it is read at one cut."""

    how: How
    panel: Panel
    known: Knowledge


@dataclass(slots=True)
class _Watch:
    """What is being found of one name."""

    cuts: int = 0
    leaking: set[int] = field(default_factory=set)
    first: tuple[int, int, How] | None = None  # row, cut, how

    def note(self, row: int, cut: int, how: How) -> None:
        self.leaking.add(cut)
        if self.first is None or row < self.first[0]:
            self.first = (row, cut, how)

    def leak(self, minute: Ints) -> Leak | None:
        if self.first is None:
            return None
        row, cut, how = self.first
        return Leak(minute=int(minute[row]), cut=int(minute[cut]), how=how, cuts=len(self.leaking))


def audit(
    history: History,
    settings: PanelSettings,
    models: Sequence[Model],
    *,
    strategies: Sequence[Strategy] | None = None,
    search: Search | None = None,
    cuts: int = 100,
    seed: int = 0,
    on_cut: Step = lambda _: None,
) -> Audit:
    """Everything recomputed at ``cuts`` cuts of ``history``.

    Parameters
    ----------
    strategies
        All that are listed, if left out.
    models
        How trades are filled and charged; the first one also with filters.
    search
        What takes sets on training rows: whether it looks beyond them. None is not judged.
    on_cut
        Called with 1 after each cut.

    Raises
    ------
    EvidenceError
        Fewer minutes than cuts.
    """
    train_rows = train_spans(len(history.whole))[0].stop or 1
    panel = panels.features(history.whole, settings, train_rows=train_rows)
    decisions = decisions_of(panel, listed() if strategies is None else strategies, models)
    truth = _Truth(panel, history.judges_frame, train_rows, decisions)
    chosen = choose_cuts(panel, cuts, seed, truth.moments())
    for cut in chosen:
        for reading in _readings(history, settings, train_rows, cut, seed):
            truth.compare(reading, cut.row)
        if decisions:  # of the next open only a fill may know
            truth.compare(_opened(history, settings, train_rows, cut, seed), cut.row)
        on_cut(1)
    choices = () if search is None else judged_choices(history, panel, search, seed)
    return Audit(
        label=history.whole.label,
        minutes=len(panel),
        cuts=chosen,
        seed=seed,
        findings=(*truth.findings(), *choices),
        warmups=warmups_of(panel, seed),
        notes=_notes(history),
    )


def _readings(
    history: History, settings: PanelSettings, train_rows: int, cut: Cut, seed: int
) -> Iterator[_Reading]:
    short = history.until(cut.row)
    row = min(history.settled(cut.row), len(short) - 1)
    past = panels.features(short, settings, train_rows=train_rows)
    yield _Reading("truncated", past, Knowledge(row=row, instant=row))
    other = poisoned(history.whole, cut.row, seed)
    panel = panels.features(other, settings, train_rows=train_rows)
    yield _Reading("poisoned", panel, Knowledge(row=cut.row, instant=cut.row))


def _opened(
    history: History, settings: PanelSettings, train_rows: int, cut: Cut, seed: int
) -> _Reading:
    other = opened(history.whole, cut.row, seed)
    panel = panels.features(other, settings, train_rows=train_rows)
    return _Reading("opened", panel, Knowledge(row=cut.row, instant=cut.row + 1))


class _Truth:
    """What all minutes say, and what was found to differ from it."""

    def __init__(
        self,
        panel: Panel,
        judges_frame: bool,
        train_rows: int,
        decisions: tuple[Decision, ...],
    ) -> None:
        self.panel, self.train_rows, self.decisions = panel, train_rows, decisions
        self.subjects = (
            *subjects_of(panel, judges_frame=judges_frame, train_rows=train_rows),
            *(_signal_of(decision) for decision in decisions if not decision.asks_regime),
        )
        self.values = [subject.read(panel) for subject in self.subjects]
        self.trades = [decision.trades(panel) for decision in decisions]
        self.prices = [_prices(decision, panel) for decision in decisions]
        self.of_subject = [_Watch() for _ in self.subjects]
        self.of_decision = [_Watch() for _ in decisions]

    def moments(self) -> dict[str, Ints]:
        """Rows of signals, entries and exits, for cuts."""
        signals = [
            np.flatnonzero(values)
            for subject, values in zip(self.subjects, self.values, strict=True)
            if subject.kind == "signal"
        ]
        lived = [traded_rows(trades, len(self.panel)) for trades in self.trades]
        found = {"signal": signals}
        found |= {name: [rows[name] for rows in lived] for name in ("entry", "held", "exit")}
        joined = {name: np.unique(np.concatenate(rows)) for name, rows in found.items() if rows}
        joined["edge"] = np.array([self.train_rows])
        return {name: rows.astype(np.int64) for name, rows in joined.items() if rows.size}

    def compare(self, reading: _Reading, cut: int) -> None:
        """Notes whatever was known in ``reading`` and is not the same."""
        for subject, values, watch in zip(self.subjects, self.values, self.of_subject, strict=True):
            if reading.known.row < subject.since:
                continue
            watch.cuts += reading.how == "truncated"
            row = _first_change(subject, values, reading)
            if row is not None:
                watch.note(row, cut, reading.how)
        for place, decision in enumerate(self.decisions):
            if decision.asks_regime and reading.known.row < self.train_rows - 1:
                continue
            watch = self.of_decision[place]
            watch.cuts += reading.how == "truncated"
            row = first_other_decision(
                self.trades[place],
                decision.trades(reading.panel),
                reading.known,
                decision.model.execution,
                (self.prices[place], _prices(decision, reading.panel)),
            )
            if row is not None:
                watch.note(row, cut, reading.how)

    def findings(self) -> Iterator[Finding]:
        """One for each name, in the order in which they are made of each other."""
        minute = self.panel.minute
        for subject, values, watch in zip(self.subjects, self.values, self.of_subject, strict=True):
            yield Finding(
                name=subject.name,
                kind=subject.kind,
                cuts=watch.cuts,
                leak=watch.leak(minute),
                is_empty=_is_empty(values),
            )
        for decision, trades, watch in zip(
            self.decisions, self.trades, self.of_decision, strict=True
        ):
            yield Finding(
                name=decision.name,
                kind="decision",
                cuts=watch.cuts,
                leak=watch.leak(minute),
                is_empty=not len(trades),
                note=f"{len(trades):,} trades",
            )


def _first_change(subject: Subject, whole: npt.NDArray[Any], reading: _Reading) -> int | None:
    seen = subject.read(reading.panel)
    if subject.is_by_minute:
        return first_difference(whole, seen, reading.known.row, subject.lag)
    is_other = first_difference(whole, seen, len(whole)) is not None
    return subject.since if is_other else None


def _signal_of(decision: Decision) -> Subject:
    return Subject(name=f"signal of {decision.name}", kind="signal", read=decision.signals)


def _prices(decision: Decision, panel: Panel) -> Ints:
    return next_price(panel, decision.model.execution, decision.strategy.legs)


def _is_empty(values: npt.NDArray[Any]) -> bool:
    if values.dtype.kind == "b":
        return not values.any()
    return bool(np.isnan(values.astype(np.float64)).all())


def _notes(history: History) -> tuple[str, ...]:
    if not isinstance(history, CandleHistory):
        return (
            "a frame file: how it was made of candles (alignment, halts) is not judged; "
            "--market judges that too",
            *_joined(history.whole),
        )
    notes = [
        f"by definition: that a silence is a halt is known after {history.rule.halt_min} minutes "
        "of it; its minutes but the first are taken back then, and are not judged before"
    ]
    if history.taken_back:
        notes.append(
            f"{history.taken_back:,} minutes with a dYdX price were taken back so, as Binance was "
            "silent: no entry is possible in them, but a position that was open is left after "
            "them, where a bot would have left it at their prices"
        )
    return (*notes, *_joined(history.whole))


def _joined(frame: Frame) -> tuple[str, ...]:
    names = extra_columns(frame)
    if not names:
        return ()
    return (f"joined columns ({', '.join(names)}): what they knew when cannot be judged here",)
