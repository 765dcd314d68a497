"""One parameter search: an optuna study of one strategy, mode and segment.

A study is searched in memory and every finished trial is kept at once (:mod:`sweeps.study.books`),
so a search that was stopped goes on where it was. What trial n proposes depends on the seed, n and
the trials before it alone: a study in two sittings, or after a kill, proposes as in one.
"""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import optuna

from research.errors import SearchError
from research.features.panel import Panel
from strategies.registry import Params
from sweeps.ledger import Ledger, Look
from sweeps.study.books import Book, Books
from sweeps.study.samplers import directions_of, sampler_of, sobol_point
from sweeps.study.spec import StudySpec, digest_of
from sweeps.study.trials import (
    BOUND,
    CELL,
    DRAWDOWN,
    EVENTS,
    MEAN,
    SCORE,
    SETS,
    Record,
    Scoring,
    is_feasible,
)

__all__ = [
    "Best",
    "best_of",
    "front_of",
    "kept_best",
    "propose",
    "run_study",
    "sets_looked_at",
]

COARSE, FIRST_POINTS, HASH, SEED, WHY = "coarse_sets", "first", "hash", "seed", "stopped"
_LOOKS_AHEAD = 64  # trials that one line of the ledger speaks for, before they are looked at


@dataclass(frozen=True, slots=True, kw_only=True)
class Best:
    """The best feasible set of a study."""

    params: Params
    score: float  # percent: the median over folds of the shrunken bound, on its plateau
    lcb_pnl: float  # percent, training rows: the plain bound
    events: int
    trial: int
    sets_tried: int  # over all trials: what a statistician must know


def run_study(
    panel: Panel,
    spec: StudySpec,
    books: Books,
    *,
    ledger: Ledger | None = None,
    on_trial: Callable[[int], None] = lambda _: None,
) -> Best | None:
    """Searches until one of the stops of ``spec``; the best feasible set of all trials kept.

    Returns None where no trial had ``min_events`` trades on the training rows.

    Parameters
    ----------
    ledger
        Where the sets are counted that are looked at, before they are.
    on_trial
        Called with the number of trials done since the last call, those kept before and those
        that a stop leaves out among them.

    Raises
    ------
    ClusterError, LockError
        The storage cannot be used, or another process searches this study.
    SearchError
        The books hold a study of that name about something else.
    """
    about = spec.about(panel)
    with books.of(spec, about) as book:
        kept = book.trials()
        scoring = Scoring(panel, spec)
        count = _Count(panel, spec, digest_of(about), ledger)
        points = _first(book, scoring, count)
        on_trial(min(len(kept), spec.trials))
        if points is None:
            on_trial(spec.trials - min(len(kept), spec.trials))
            return best_of(kept, spec)
        book.say(WHY, None)
        study = optuna.create_study(directions=directions_of(spec.sampler))
        _remember(study, spec, points, kept)
        record = Record()
        for trial in kept:
            record.take(trial)
        for number in range(len(kept), spec.trials):
            if why := _stop(record, spec):
                book.say(WHY, why)
                on_trial(spec.trials - number)
                break
            count.before(number)
            propose(study, spec, points, number)
            made = _one_trial(study, scoring, spec, count, record.bar)
            book.add(made)
            record.take(made)
            on_trial(1)
        return best_of(study.get_trials(deepcopy=False), spec)


def kept_best(panel: Panel, spec: StudySpec, books: Books) -> Best | None:
    """The best of what is kept, without a further trial; None if not begun.

    Raises
    ------
    SearchError
        As :func:`run_study`.
    """
    if spec.name not in books.names():
        return None
    with books.opened(spec.name, directions=None) as book:
        book.check(spec, spec.about(panel))
        return best_of(book.trials(), spec)


def best_of(trials: Sequence[optuna.trial.FrozenTrial], spec: StudySpec) -> Best | None:
    """The feasible trial with the highest score; the earliest of equals."""
    feasible = [trial for trial in trials if is_feasible(trial)]
    if not feasible:
        return None
    first = max(feasible, key=lambda trial: (trial.user_attrs[SCORE], -trial.number))
    entry = spec.space.entry_at(spec.confined_base, first.params)
    return Best(
        params=spec.space.exit_at(entry, first.user_attrs[CELL]),
        score=first.user_attrs[SCORE],
        lcb_pnl=first.user_attrs[BOUND],
        events=first.user_attrs[EVENTS],
        trial=first.number,
        sets_tried=sets_looked_at(trials),
    )


def front_of(trials: Sequence[optuna.trial.FrozenTrial]) -> list[optuna.trial.FrozenTrial]:
    """The Pareto front of feasible trials: no other has a higher mean and a smaller drawdown."""
    by_mean = sorted(
        (t for t in trials if is_feasible(t) and t.user_attrs[DRAWDOWN] is not None),
        key=lambda trial: (-trial.user_attrs[MEAN], trial.user_attrs[DRAWDOWN], trial.number),
    )
    front: list[optuna.trial.FrozenTrial] = []
    for trial in by_mean:
        if not front or trial.user_attrs[DRAWDOWN] < front[-1].user_attrs[DRAWDOWN]:
            front.append(trial)
    return front


def sets_looked_at(trials: Sequence[optuna.trial.FrozenTrial]) -> int:
    """Sets of all trials; the first carries those of the coarse grid."""
    return sum(trial.user_attrs[SETS] for trial in trials)


@dataclass(slots=True)
class _Count:
    """Says to the ledger which sets will be looked at next."""

    panel: Panel
    spec: StudySpec
    identity: str
    ledger: Ledger | None
    coarse: int = 0
    spoken_for: int = 0  # trials, in this sitting: an earlier one may have said fewer

    def before(self, trial: int) -> None:
        """Speaks for the trials from ``trial`` to the end of its block."""
        if trial < self.spoken_for:
            return
        until = trial - trial % _LOOKS_AHEAD + _LOOKS_AHEAD
        self.spoken_for = min(until, self.spec.trials)
        self.say(self.coarse + self.spoken_for * math.prod(self.spec.space.cube))

    def say(self, sets: int) -> None:
        """One line: so many sets by now."""
        if self.ledger is None:
            return
        frame, rows = self.panel.frame, self.spec.rows
        look = Look.at_rows(frame, rows, kind="search", identity=self.identity, sets=sets)
        self.ledger.add(look)


def _first(book: Book, scoring: Scoring, count: _Count) -> list[dict[str, float]] | None:
    """The entries of the first trials; None where even the loosest has too few trades."""
    attrs = book.attrs()
    if FIRST_POINTS not in attrs:
        sets = scoring.coarse_sets
        count.say(sets)
        points, most = scoring.first()
        enough = most >= count.spec.min_events
        if not enough:
            book.say(WHY, f"at most {most} trades, {count.spec.min_events} are needed")
        book.say(COARSE, sets)
        book.say(FIRST_POINTS, points if enough else None)
        attrs = book.attrs()
    count.coarse = attrs[COARSE]
    found: list[dict[str, float]] | None = attrs[FIRST_POINTS]
    return found


def _stop(record: Record, spec: StudySpec) -> str | None:
    """Why no further trial is made; None where one is."""
    if spec.until is not None and time.time() >= spec.until:
        return "time is up"
    is_stale = record.best_at is not None and record.best_at < record.trials - spec.patience
    if spec.patience and record.trials > spec.patience and is_stale:
        return f"no better trial among the last {spec.patience}"
    return None


def propose(
    study: optuna.Study, spec: StudySpec, points: Sequence[dict[str, float]], number: int
) -> None:
    """Prepares ``study`` to propose trial ``number``; the first are ``points``."""
    study.sampler = sampler_of(spec.sampler, spec.seed, number)
    if number < len(points):
        study.enqueue_trial(points[number])
    elif spec.sampler == "qmc":
        space = spec.space.distributions(spec.base)
        study.enqueue_trial(sobol_point(space, spec.seed, number - len(points)))


def _remember(
    study: optuna.Study,
    spec: StudySpec,
    points: Sequence[dict[str, float]],
    kept: Sequence[optuna.trial.FrozenTrial],
) -> None:
    """Takes the trials of earlier sittings into the search.

    A sampler that holds more than trials (the populations of nsga2) proposes them once more.
    """
    if spec.sampler != "nsga2":
        study.add_trials(kept)
        return
    for known in kept:
        propose(study, spec, points, known.number)
        trial = study.ask(spec.space.distributions(spec.base))
        if trial.params != known.params:
            raise SearchError(
                f"{spec.name}: trial {known.number} would be another one today (another version of "
                "optuna?); give another --out, or remove the study and search again"
            )
        for name, value in known.user_attrs.items():
            trial.set_user_attr(name, value)
        for name, value in known.constraints.items():
            trial.set_constraint(name, value)
        study.tell(trial, known.values)


def _one_trial(
    study: optuna.Study, scoring: Scoring, spec: StudySpec, count: _Count, bar: float
) -> optuna.trial.FrozenTrial:
    trial = study.ask(spec.space.distributions(spec.base))
    found = scoring.of(trial.params, bar)
    books = found.books | {SEED: spec.seed, HASH: count.identity}
    if trial.number == 0:
        books[SETS] += count.coarse
    for name, value in books.items():
        trial.set_user_attr(name, value)
    for name, value in found.constraints.items():
        trial.set_constraint(name, value)
    return study.tell(trial, found.values)
