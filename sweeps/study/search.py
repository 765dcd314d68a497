"""Many studies at once: which ones, by how many processes or machines, and what they found.

Whole studies are handed out, not trials: a trial costs a few milliseconds, a message as much. What
a study finds depends on nothing but itself, so on neither workers nor kills.
"""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

from research.errors import SearchError
from research.features.labels import SEGMENTS, Segment
from research.features.panel import Panel
from strategies.backtest.model import Model
from strategies.registry import bases, strategy_of, title_of
from sweeps.cluster.workers import Workers
from sweeps.ledger import Ledger
from sweeps.settings import Settings
from sweeps.study.books import Books, FolderBooks
from sweeps.study.crew import Crew, crew
from sweeps.study.objective import can_enter
from sweeps.study.space import search_space
from sweeps.study.spec import StudySpec, fallback_of
from sweeps.study.study import Best, kept_best, run_study

__all__ = [
    "KINDS",
    "Found",
    "StudyTask",
    "fallbacks_in",
    "found_in",
    "plan_studies",
    "run_studies",
    "study_segments",
    "train_rows",
]

Found = list[tuple[StudySpec, Best | None]]
KINDS = ("all", "session", "regime", "both")
"""Kinds of segments, from the root to the cells."""
_WHOLE = {"full": ",".join(KINDS), "pairs": "all,both"}

_LOOK_S = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyTask:
    """What a worker needs beside the panel."""

    spec: StudySpec
    books: Books
    ledger: Ledger | None


def train_rows(panel: Panel, settings: Settings) -> slice:
    """The rows that searches may see: the first ``train_share`` of the span."""
    return slice(0, settings.study.train_rows(len(panel)))


def study_segments(choice: str) -> tuple[Segment, ...]:
    """Segments by kind (:data:`KINDS`) or name, with commas; ``full`` is all 16.

    ``pairs`` is ``all,both``. Raises SearchError.
    """
    wanted = [each.strip() for each in _WHOLE.get(choice, choice).split(",")]
    known = [segment.name for segment in SEGMENTS]
    for each in wanted:
        if each not in (*KINDS, *known):
            raise SearchError(
                f"segments = {choice!r}: no segment {each!r}; take {', '.join(KINDS)}, or of "
                f"{', '.join(known)}"
            )
    return tuple(s for s in SEGMENTS if s.name in wanted or _kind(s) in wanted)


def _kind(segment: Segment) -> str:
    has_session, has_regime = segment.session is not None, segment.regime is not None
    if has_session and has_regime:
        return "both"
    return "session" if has_session else "regime" if has_regime else "all"


def plan_studies(
    panel: Panel,
    settings: Settings,
    model: Model,
    *,
    names: Sequence[str] | None = None,
    segments: Sequence[Segment] | None = None,
    until: float | None = None,
) -> list[StudySpec]:
    """One study per strategy and mode and segment; ``names``: of the bases meant, all by default.

    Segments in which the model's filters let no entry pass have none.

    Parameters
    ----------
    until
        When all of them stop, seconds since 1970; None: after their trials.
    """
    given = settings.study
    chosen = study_segments(given.segments) if segments is None else segments
    known = bases()
    used = [model.apply(known[name]) for name in (known if names is None else names)]
    return [
        StudySpec(
            base=base,
            space=search_space(base, settings.axes.of(strategy_of(base).name)),
            segment=segment,
            model=model,
            rows=train_rows(panel, settings),
            trials=given.trials,
            seed=given.seed,
            min_events=given.min_events,
            folds=given.folds,
            embargo=given.embargo_min,
            max_loss_pct=given.max_loss_pct,
            sampler=given.sampler,
            patience=given.patience,
            until=until,
        )
        for base in used
        for segment in chosen
        if can_enter(base, segment)
    ]


def run_studies(
    panel: Panel,
    specs: Sequence[StudySpec],
    books: Books | Path,
    *,
    workers: int,
    cluster: Workers[StudyTask, Best | None] | None = None,
    ledger: Ledger | None = None,
    on_trial: Callable[[int], None] = lambda _: None,
    ready: Crew | None = None,
) -> Found:
    """Runs ``specs``, at most ``workers`` at once; the best of each, in the order of ``specs``.

    The result does not depend on ``workers``. Ctrl-C stops after the running trials; every
    finished trial is kept and a second call goes on from there.

    Parameters
    ----------
    books
        Where trials are kept; a folder means journal files in it.
    cluster
        Workers of other processes or machines, in place of ``workers`` of this one.
    on_trial
        Called with the number of trials done since the last call.
    ready
        Processes that were started before; left out, ``workers`` are started here.

    Raises
    ------
    ClusterError
        Workers, scheduler or storage fail.
    LockError
        Another search is at work there.
    SearchError
        A process that searched is gone.
    """
    kept = FolderBooks(books) if isinstance(books, Path) else books
    tasks = [StudyTask(spec=spec, books=kept, ledger=ledger) for spec in specs]
    with kept.lock():
        _check_kept(panel, specs, kept)
        if cluster is not None:
            return _by_cluster(panel, tasks, cluster, on_trial)
        return _run(panel, tasks, workers, on_trial, ready)


def _check_kept(panel: Panel, specs: Sequence[StudySpec], books: Books) -> None:
    """Refuses what cannot be gone on with before anything is begun beside it."""
    there = set(books.names())
    for spec in specs:
        if spec.name in there:
            with books.opened(spec.name, directions=None) as book:
                book.check(spec, spec.about(panel))


def found_in(panel: Panel, specs: Sequence[StudySpec], books: Books | Path) -> Found:
    """What was found so far by the studies that are kept; those not begun find None."""
    kept = FolderBooks(books) if isinstance(books, Path) else books
    return [(spec, kept_best(panel, spec, kept)) for spec in specs]


def fallbacks_in(found: Found) -> dict[str, Segment]:
    """Of each study without a feasible set, the segment whose best set stands in for it."""
    scores: dict[str, dict[Segment, float]] = {}
    for spec, best in found:
        if best is not None:
            scores.setdefault(title_of(spec.base), {})[spec.segment] = best.score
    taken = {
        spec.name: fallback_of(spec.segment, scores.get(title_of(spec.base), {}))
        for spec, best in found
        if best is None
    }
    return {name: segment for name, segment in taken.items() if segment is not None}


def search_task(task: StudyTask, panel: Panel) -> Best | None:
    """One study, on a worker of a cluster."""
    return _searched(task, panel, lambda _: None)


def _by_cluster(
    panel: Panel,
    tasks: Sequence[StudyTask],
    cluster: Workers[StudyTask, Best | None],
    on_trial: Callable[[int], None],
) -> Found:
    best: dict[str, Best | None] = {}
    for name, found in cluster.run(search_task, {task.spec.name: task for task in tasks}, panel):
        best[name] = found
        on_trial(tasks[0].spec.trials)
    return [(task.spec, best[task.spec.name]) for task in tasks]


def _run(
    panel: Panel,
    tasks: Sequence[StudyTask],
    workers: int,
    on_trial: Callable[[int], None],
    ready: Crew | None,
) -> Found:
    if workers == 1 or len(tasks) == 1:
        return [(task.spec, _searched(task, panel, on_trial)) for task in tasks]
    with nullcontext(ready) if ready else crew(min(workers, len(tasks))) as hands:
        try:
            futures = {hands.hand_out(_searched, panel, task): task.spec for task in tasks}
            _watch(futures, hands, on_trial)
        except BrokenProcessPool:
            raise SearchError(
                "a process that searched is gone (killed, or out of memory?); what was tried is "
                "kept: run it again to go on, with fewer --workers where memory is short"
            ) from None
        except BaseException:
            hands.stop()
            raise
        return [(spec, future.result()) for future, spec in futures.items()]


def _watch(
    futures: Mapping[Future[Best | None], StudySpec], hands: Crew, on_trial: Callable[[int], None]
) -> None:
    """Waits for all, telling how many trials are done; raises what the first of them raised."""
    told, left = hands.done, set(futures)
    while left:
        done, left = wait(left, timeout=_LOOK_S)
        for future in done:
            future.result()
        told, before = hands.done, told
        on_trial(told - before)


def _searched(task: StudyTask, panel: Panel, on_trial: Callable[[int], None]) -> Best | None:
    return run_study(panel, task.spec, task.books, ledger=task.ledger, on_trial=on_trial)
