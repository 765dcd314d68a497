"""Many studies at once: which ones, in how many processes, and what they found.

Whole studies are handed out, not trials: a trial costs a few milliseconds, a message as much.
"""

import multiprocessing
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from multiprocessing.synchronize import Event
from pathlib import Path

from research.features.labels import SEGMENTS, Segment
from research.features.panel import Panel
from strategies.backtest.model import Model
from strategies.registry import bases, strategy_of
from sweeps.settings import Settings
from sweeps.study.guard import search_lock
from sweeps.study.objective import can_enter
from sweeps.study.space import search_space
from sweeps.study.study import Best, StudySpec, kept_best, run_study

__all__ = [
    "Found",
    "found_in",
    "plan_studies",
    "run_studies",
    "study_segments",
    "train_rows",
]

Found = list[tuple[StudySpec, Best | None]]

_worker_panel: Panel | None = None  # set once in each worker: a panel is large to send twice
_worker_stop: Event | None = None


class _Stopped(Exception):  # noqa: N818 (a signal to leave the loop, not an error)
    """The user asked to stop; what was tried is kept."""


def train_rows(panel: Panel, settings: Settings) -> slice:
    """The rows that searches may see: the first ``train_share`` of the span."""
    return slice(0, settings.study.train_rows(len(panel)))


def study_segments(choice: str) -> tuple[Segment, ...]:
    """``all``: every minute; ``pairs``: that and each session in each regime; ``full``: all 16."""
    if choice == "pairs":
        return tuple(s for s in SEGMENTS if (s.session is None) == (s.regime is None))
    return SEGMENTS[:1] if choice == "all" else SEGMENTS


def plan_studies(
    panel: Panel,
    settings: Settings,
    model: Model,
    *,
    names: Sequence[str] | None = None,
    segments: Sequence[Segment] | None = None,
) -> list[StudySpec]:
    """One study per strategy and mode and segment; ``names``: of the bases meant, all by default.

    Segments in which the model's filters let no entry pass have none.
    """
    chosen = study_segments(settings.study.segments) if segments is None else segments
    known = bases()
    used = [model.apply(known[name]) for name in (known if names is None else names)]
    return [
        StudySpec(
            base=base,
            space=search_space(base, settings.axes.of(strategy_of(base).name)),
            segment=segment,
            model=model,
            rows=train_rows(panel, settings),
            trials=settings.study.trials,
            seed=settings.study.seed,
            min_events=settings.study.min_events,
            folds=settings.study.folds,
        )
        for base in used
        for segment in chosen
        if can_enter(base, segment)
    ]


def run_studies(
    panel: Panel,
    specs: Sequence[StudySpec],
    folder: Path,
    *,
    workers: int,
    on_study: Callable[[str], None] = lambda _: None,
) -> Found:
    """Runs ``specs``, at most ``workers`` at once; the best of each, in the order of ``specs``.

    The result does not depend on ``workers``. Ctrl-C stops after the running trials; every
    finished trial is kept and a second call goes on from there.

    Raises
    ------
    LockError
        Another search is at work in ``folder``.
    """
    with search_lock(folder):
        return _run(panel, specs, folder, workers, on_study)


def _run(
    panel: Panel,
    specs: Sequence[StudySpec],
    folder: Path,
    workers: int,
    on_study: Callable[[str], None],
) -> Found:
    if workers == 1 or len(specs) == 1:
        found = []
        for spec in specs:
            found.append((spec, run_study(panel, spec, folder)))
            on_study(spec.name)
        return found
    with _pool(panel, min(workers, len(specs))) as (pool, stop):
        futures: dict[Future[Best | None], StudySpec] = {}
        try:
            with _interrupts_held():
                futures |= {pool.submit(_search, spec, folder): spec for spec in specs}
            for future in as_completed(futures):
                future.result()
                on_study(futures[future].name)
        except BaseException:
            stop.set()
            pool.shutdown(wait=True, cancel_futures=True)
            raise
        return [(spec, future.result()) for future, spec in futures.items()]


def found_in(panel: Panel, specs: Sequence[StudySpec], folder: Path) -> Found:
    """What was found so far by the studies kept in ``folder``; those not begun find None."""
    return [(spec, kept_best(panel, spec, folder)) for spec in specs]


@contextmanager
def _pool(panel: Panel, workers: int) -> Iterator[tuple[ProcessPoolExecutor, Event]]:
    # spawn: forking a process with numba's and Arrow's threads in it can hang
    context = multiprocessing.get_context("spawn")
    stop = context.Event()
    with ProcessPoolExecutor(workers, context, _start_worker, (panel, stop)) as pool:
        yield pool, stop


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Ctrl-C waits while workers are started: half a start ends in a worker's traceback.

    Workers inherit the mask, so that only the parent is ever interrupted.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


def _start_worker(panel: Panel, stop: Event) -> None:
    global _worker_panel, _worker_stop
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent stops the workers
    _worker_panel, _worker_stop = panel, stop


def _search(spec: StudySpec, folder: Path) -> Best | None:
    if _worker_panel is None or _worker_stop is None:
        raise RuntimeError("the worker was not started by run_studies")
    stop = _worker_stop

    def look() -> None:
        if stop.is_set():
            raise _Stopped

    return run_study(_worker_panel, spec, folder, on_trial=look)
