"""Parameter searches: one optuna study per strategy, mode and segment.

A trial proposes an entry, the engine scores all its exits (:mod:`sweeps.study.objective`).

A study is searched in memory and every finished trial is kept in a journal file at once, so a
search that was stopped goes on where it was. The sampler of trial n is seeded by (seed, n): a
study in two sittings proposes the same sets as in one.
"""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import optuna
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend, JournalFileOpenLock

from research.errors import ParamError, SearchError
from research.features.labels import Segment, segment_of
from research.features.panel import Panel
from strategies.backtest.model import Model
from strategies.registry import Params, title_of
from sweeps.axes import value_of
from sweeps.study.guard import check_journal, reading_journal
from sweeps.study.objective import UNSCORED, Score, confined, score
from sweeps.study.space import SearchSpace

__all__ = ["Best", "StudySpec", "best_of", "heal_journal", "kept_best", "list_studies", "run_study"]

EVENTS, SETS, CELL, BOUND, PARAMS = "events", "sets", "cell", "lcb_pnl", "params"
optuna.logging.set_verbosity(optuna.logging.WARNING)


@dataclass(frozen=True, slots=True, kw_only=True)
class StudySpec:
    """One search."""

    base: Params  # read the way of the model, not yet confined
    space: SearchSpace
    segment: Segment
    model: Model
    rows: slice  # training rows: nothing after them is looked at
    trials: int
    seed: int
    min_events: int
    folds: int = 1  # of the training rows, each of which a set must do without

    @property
    def name(self) -> str:
        """``lead-long.asia-wild``."""
        return f"{title_of(self.base)}.{self.segment.name.replace('/', '-')}"

    @property
    def confined_base(self) -> Params:
        """The base parameters with entries in the segment only."""
        return confined(self.base, self.segment)

    def fingerprint(self, panel: Panel) -> str:
        """What must not change between two sittings: data, rows, space, model, seed."""
        about = {
            "data": panel.frame.origin.content_sha256,
            "edges": [panel.edges.low, panel.edges.high],
            "rows": [self.rows.start, self.rows.stop],
            "entries": [[axis.name, *axis.levels] for axis in self.space.entries],
            "exits": self.space.exits,
            "model": self.model.describe(),
            "costs": repr(self.model.costs(self.base)),
            "base": repr(self.confined_base),
            "seed": self.seed,
            "min_events": self.min_events,
            "folds": self.folds,
        }
        return hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True, kw_only=True)
class Best:
    """The best feasible set of a study."""

    params: Params
    lcb_pnl: float  # percent, training rows
    events: int
    trial: int
    sets_tried: int  # over all trials: what a statistician must know


def run_study(
    panel: Panel,
    spec: StudySpec,
    folder: Path,
    *,
    on_trial: Callable[[], None] | None = None,
) -> Best | None:
    """Searches until ``spec.trials`` trials are kept in ``folder``; the best feasible set.

    Returns None where no trial had ``min_events`` trades on the training rows.

    Raises
    ------
    SearchError
        The folder holds a study of that name over other data, rows, axes, model or seed.
    """
    kept = _open(spec, folder, spec.fingerprint(panel))
    study = optuna.create_study(direction="maximize")
    study.add_trials(kept.get_trials(deepcopy=False))
    for number in range(len(kept.get_trials(deepcopy=False)), spec.trials):
        study.sampler = optuna.samplers.TPESampler(
            seed=_trial_seed(spec.seed, number), constant_liar=False
        )
        kept.add_trial(_one_trial(study, panel, spec))
        if on_trial is not None:
            on_trial()
    return best_of(study.get_trials(deepcopy=False), spec)


def kept_best(panel: Panel, spec: StudySpec, folder: Path) -> Best | None:
    """The best of what is kept in ``folder``, without a further trial; None if not begun.

    Raises
    ------
    SearchError
        As :func:`run_study`.
    """
    if not (folder / f"{spec.name}.journal").exists():
        return None
    kept = _open(spec, folder, spec.fingerprint(panel))
    return best_of(kept.get_trials(deepcopy=False), spec)


def best_of(trials: Sequence[optuna.trial.FrozenTrial], spec: StudySpec) -> Best | None:
    """The feasible trial with the highest value; the earliest of equals."""
    feasible = [
        trial
        for trial in trials
        if trial.value is not None and trial.user_attrs[EVENTS] >= spec.min_events
    ]
    if not feasible:
        return None
    first = max(feasible, key=lambda trial: (trial.value or 0.0, -trial.number))
    entry = spec.space.entry_at(spec.confined_base, first.params)
    return Best(
        params=spec.space.exit_at(entry, first.user_attrs[CELL]),
        lcb_pnl=first.user_attrs[BOUND],
        events=first.user_attrs[EVENTS],
        trial=first.number,
        sets_tried=sum(trial.user_attrs[SETS] for trial in trials),
    )


def list_studies(folder: Path) -> list[dict[str, Any]]:
    """Name, trials, feasible trials and best value of every study kept in ``folder``."""
    found = []
    for file in sorted(folder.glob("*.journal")):
        heal_journal(file)
        with reading_journal(file):
            found += _studies_in(file)
    return found


def _studies_in(file: Path) -> list[dict[str, Any]]:
    found = []
    storage = _storage(file)
    for summary in optuna.get_all_study_summaries(storage):
        study = optuna.load_study(study_name=summary.study_name, storage=storage)
        attrs = study.user_attrs
        trials = study.get_trials(deepcopy=False)
        good = [t for t in trials if t.user_attrs[EVENTS] >= attrs["min_events"]]
        best = max(good, key=lambda t: (t.value or 0.0, -t.number), default=None)
        found.append(
            {
                "study": summary.study_name,
                "segment": segment_of(attrs["segment"]).name,
                "trials": len(trials),
                "sets": sum(trial.user_attrs[SETS] for trial in trials),
                "feasible": len(good),
                "lcb_pnl": None if best is None else best.user_attrs[BOUND],
                "events": None if best is None else best.user_attrs[EVENTS],
                "params": {} if best is None else best.user_attrs[PARAMS],
            }
        )
    return found


def heal_journal(file: Path) -> None:
    """Cuts off a last line that a kill left unfinished: it would break the next write.

    Raises
    ------
    SearchError
        A damaged line before it, with its number and the cure.
    """
    if not file.exists():
        return
    data = file.read_bytes()
    if data and not data.endswith(b"\n"):
        with file.open("r+b") as stream:
            stream.truncate(data.rfind(b"\n") + 1)
    check_journal(file)


def _one_trial(study: optuna.Study, panel: Panel, spec: StudySpec) -> optuna.trial.FrozenTrial:
    trial = study.ask(spec.space.distributions(spec.base))
    found, params = _score(panel, spec, trial.params)
    for name, value in (
        (EVENTS, found.events),
        (SETS, found.sets),
        (CELL, found.cell),
        (BOUND, found.lcb_pnl),
        (PARAMS, params),
    ):
        trial.set_user_attr(name, value)
    trial.set_constraint("min_events", float(spec.min_events - found.events))
    return study.tell(trial, found.value)


def _score(panel: Panel, spec: StudySpec, values: dict[str, Any]) -> tuple[Score, dict[str, float]]:
    space = spec.space
    try:
        entry = space.entry_at(spec.confined_base, values)
    except ParamError:  # not even the lowest exit fits: nothing to look at
        return Score(value=UNSCORED, lcb_pnl=UNSCORED, events=0, cell=0, sets=0), {}
    found = score(
        panel, entry, space, spec.model, spec.rows, min_events=spec.min_events, folds=spec.folds
    )
    names = [*(axis.name for axis in space.entries), *space.exits]
    params = entry if found.events == 0 else space.exit_at(entry, found.cell)
    return found, {name: value_of(params, name) for name in names}


def _trial_seed(seed: int, number: int) -> int:
    return int.from_bytes(hashlib.sha256(f"{seed}:{number}".encode()).digest()[:4], "big")


class _KillSafeJournal(JournalFileBackend):
    """Without optuna's fsync a write: a killed process loses nothing by it, and a power cut
    only trials that a second call makes again, the same ones. It costs more than the trial.
    """

    def append_logs(self, logs: list[dict[str, Any]]) -> None:
        """Appends ``logs`` in one write under the lock."""
        lines = "".join(json.dumps(log, separators=(",", ":")) + "\n" for log in logs)
        self._lock.acquire()
        try:
            with Path(self._file_path).open("ab") as file:
                file.write(lines.encode())
        finally:
            self._lock.release()


def _storage(file: Path) -> JournalStorage:
    return JournalStorage(_KillSafeJournal(str(file), JournalFileOpenLock(str(file))))


def _open(spec: StudySpec, folder: Path, fingerprint: str) -> optuna.Study:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{spec.name}.journal"
    heal_journal(file)
    with reading_journal(file):
        study = optuna.create_study(
            study_name=spec.name, storage=_storage(file), direction="maximize", load_if_exists=True
        )
    known = study.user_attrs.get("fingerprint")
    if known is None:
        study.set_user_attr("fingerprint", fingerprint)
        study.set_user_attr("segment", spec.segment.name)
        study.set_user_attr("min_events", spec.min_events)
    elif known != fingerprint:
        raise SearchError(
            f"{file}: holds study {spec.name} over other data, rows, axes, model, folds or seed; "
            "give another --out folder, or remove the file"
        )
    return study
