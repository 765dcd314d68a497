"""What kept studies say of themselves, without the minutes that they searched."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import optuna

from research.errors import SearchError
from research.features.labels import Segment, segment_of
from sweeps.study.books import ABOUT, SEGMENT, WANTED, Book, Books
from sweeps.study.spec import fallback_of
from sweeps.study.study import WHY, sets_looked_at
from sweeps.study.trials import BOUND, EVENTS, PARAMS, SCORE, is_feasible

__all__ = ["StudyRow", "list_studies", "neighbours_of", "read_trials", "top_trials"]

Trial = optuna.trial.FrozenTrial


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyRow:
    """One study of a list; what is not known is None."""

    study: str
    segment: str
    sampler: str
    trials: int
    wanted: int  # trials asked for
    sets: int
    feasible: int
    score: float | None  # percent, of the best
    lcb_pnl: float | None
    events: int | None
    params: dict[str, float]
    fallback: str | None  # the segment whose best set stands in for one that is not there
    stopped: str | None  # why before its trials
    seconds_a_trial: float | None

    @property
    def seconds_left(self) -> float | None:
        """What the missing trials would take one after the other; None where none will be made."""
        if self.seconds_a_trial is None or self.stopped is not None:
            return None
        return max(self.wanted - self.trials, 0) * self.seconds_a_trial


def list_studies(books: Books) -> list[StudyRow]:
    """Every study that is kept, by name.

    Raises
    ------
    ClusterError, SearchError
        The storage cannot be used, or a study is damaged.
    """
    rows = []
    for name in books.names():
        with books.opened(name, directions=None) as book:
            if ABOUT in book.attrs() or book.trials():  # else killed before it began
                rows.append(_row(name, book))
    best = {
        (_family(row.study), segment_of(row.segment)): row.score
        for row in rows
        if row.score is not None
    }
    return [_with_fallback(row, best) for row in rows]


def read_trials(books: Books, name: str) -> list[Trial]:
    """All trials of one study. Raises SearchError, ClusterError."""
    with books.opened(name, directions=None) as book:
        return book.trials()


def top_trials(trials: Sequence[Trial], count: int) -> list[Trial]:
    """The best feasible trials, the best first; the same set of parameters once."""
    ranked = sorted(
        (trial for trial in trials if is_feasible(trial)),
        key=lambda trial: (-trial.user_attrs[SCORE], trial.number),
    )
    once: dict[tuple[tuple[str, float], ...], Trial] = {}
    for trial in ranked:
        once.setdefault(tuple(sorted(trial.user_attrs[PARAMS].items())), trial)
    return list(once.values())[:count]


def neighbours_of(trial: Trial, trials: Sequence[Trial], count: int = 5) -> list[Trial]:
    """The trials nearest to one, by the distance of their entries in spans of the axes."""

    def distance(other: Trial) -> float:
        total = 0.0
        for name, value in trial.params.items():
            span = trial.distributions[name]
            low, high = float(span.low), float(span.high)  # type: ignore[attr-defined]
            total += ((other.params[name] - value) / max(high - low, 1e-12)) ** 2
        return math.sqrt(total)

    others = [each for each in trials if each.number != trial.number]
    return sorted(others, key=lambda each: (distance(each), each.number))[:count]


def _row(name: str, book: Book) -> StudyRow:
    attrs, trials = book.attrs(), book.trials()
    if ABOUT not in attrs:
        raise SearchError(
            f"{book.where}: a study of an earlier version, or of another program; give another "
            "folder with --out, or remove it and search again"
        )
    best = next(iter(top_trials(trials, 1)), None)
    known = None if best is None else best.user_attrs
    spans = [each.duration.total_seconds() for each in trials if each.duration is not None]
    return StudyRow(
        study=name,
        segment=attrs[SEGMENT],
        sampler=attrs[ABOUT]["sampler"],
        trials=len(trials),
        wanted=attrs.get(WANTED, len(trials)),
        sets=sets_looked_at(trials),
        feasible=sum(map(is_feasible, trials)),
        score=None if known is None else known[SCORE],
        lcb_pnl=None if known is None else known[BOUND],
        events=None if known is None else known[EVENTS],
        params={} if known is None else known[PARAMS],
        fallback=None,
        stopped=attrs.get(WHY),
        seconds_a_trial=sum(spans) / len(spans) if spans else None,
    )


def _family(study: str) -> str:
    return study.rsplit(".", 1)[0]


def _with_fallback(row: StudyRow, best: dict[tuple[str, Segment], float]) -> StudyRow:
    if row.score is not None:
        return row
    family = _family(row.study)
    own = {segment: score for (name, segment), score in best.items() if name == family}
    found = fallback_of(segment_of(row.segment), own)
    return row if found is None else replace(row, fallback=found.name)
