"""How fast trials are: with and without optuna, against one law call a set, and to write down."""

import math
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import optuna

from research.features.panel import Panel
from strategies.backtest.backtest import backtest
from sweeps.study.books import FolderBooks
from sweeps.study.journal import journal_storage
from sweeps.study.listing import read_trials
from sweeps.study.spec import StudySpec
from sweeps.study.study import run_study
from sweeps.study.trials import Scoring
from tests.benchmarks.studies_market import market, study

_NAIVE = 150
_NIGHT_S = 8 * 3600


def rate(count: int | None = None) -> dict[str, Any]:
    """``count`` trials (200) of one study, in one process, on 30 days and on a year."""
    told: dict[str, Any] = {}
    for days in (30.0, 365.0):
        panel = market(days)
        told |= {f"{name}_{days:g}d": value for name, value in _rate(panel, count or 200).items()}
    return told


def _rate(panel: Panel, trials: int) -> dict[str, Any]:
    spec = study(panel, trials=trials, min_events=2)
    with tempfile.TemporaryDirectory() as folder:
        run_study(panel, study(panel, trials=3, min_events=2), FolderBooks(Path(folder, "warm")))
        books = FolderBooks(Path(folder, "s"))
        spent = _seconds(lambda: run_study(panel, spec, books))
        params = [trial.params for trial in read_trials(books, spec.name)]
        scoring = Scoring(panel, spec)
        scoring.of(params[0])
        bare = _seconds(lambda: [scoring.of(each) for each in params])
        naive = _naive(panel, spec, Path(folder, "naive.journal"))
    sets = trials * math.prod(spec.space.cube) / spent
    return {
        "entries_a_second": round(trials / spent, 1),
        "entries_a_second_without_optuna": round(trials / bare, 1),
        "share_of_optuna_and_storage": round(1 - bare / spent, 3),
        "sets_a_second": round(sets),
        "ratio_naive": round(sets / naive),
        "million_sets_a_night_a_core": round(sets * _NIGHT_S / 1e6, 1),
    }


def _naive(panel: Panel, spec: StudySpec, file: Path) -> float:
    """Sets a second of ``study.optimize`` with one law call a set, on the same storage."""
    space, base = spec.space, spec.confined_base

    def objective(trial: optuna.Trial) -> float:
        entry = {
            name: (
                trial.suggest_int(name, each.low, each.high)  # type: ignore[attr-defined]
                if isinstance(each, optuna.distributions.IntDistribution)
                else trial.suggest_float(name, each.low, each.high, log=each.log)  # type: ignore[attr-defined]
            )
            for name, each in space.distributions(spec.base).items()
        }
        cell = trial.suggest_int("cell", 0, math.prod(space.cube) - 1)
        params = space.exit_at(space.entry_at(base, entry), cell)
        report = backtest(
            panel,
            params,
            execution=spec.model.execution,
            costs=spec.model.costs(params),
            rows=spec.rows,
        ).report()
        return report.lcb_pnl if report.events >= 2 else -100.0

    made = optuna.create_study(
        direction="maximize",
        storage=journal_storage(file),
        sampler=optuna.samplers.TPESampler(seed=7, constant_liar=False),
    )
    made.optimize(objective, n_trials=3)
    return _NAIVE / _seconds(lambda: made.optimize(objective, n_trials=_NAIVE))


def storage(count: int | None = None) -> dict[str, Any]:
    """Milliseconds a finished trial of ``count`` (300) takes to be kept."""
    panel = market(30.0)
    with tempfile.TemporaryDirectory() as text:
        folder = Path(text)
        spec = study(panel, trials=count or 300, min_events=2, sampler="random")
        run_study(panel, spec, FolderBooks(folder / "made"))
        trials = read_trials(FolderBooks(folder / "made"), spec.name)
        backend = optuna.storages.journal.JournalFileBackend(str(folder / "optuna.journal"))
        sqlite = f"sqlite:///{folder}"
        return {
            "journal_ms": _each(journal_storage(folder / "ours.journal"), trials, 1),
            "journal_of_optuna_ms": _each(optuna.storages.JournalStorage(backend), trials, 1),
            "sqlite_ms": _each(optuna.storages.RDBStorage(f"{sqlite}/a.db"), trials, 1),
            "sqlite_batches_of_20_ms": _each(
                optuna.storages.RDBStorage(f"{sqlite}/b.db"), trials, 20
            ),
        }


def _each(kept: Any, trials: list[optuna.trial.FrozenTrial], batch: int) -> float:
    made = optuna.create_study(direction="maximize", storage=kept)

    def add() -> None:
        for first in range(0, len(trials), batch):
            made.add_trials(trials[first : first + batch])

    return round(_seconds(add) / len(trials) * 1000, 2)


def _seconds(work: Callable[[], Any]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun
