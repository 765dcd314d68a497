"""How near a study comes to the best of everything, beside random search with as many sets."""

from typing import Any

import numpy as np
import optuna

from research.arrays import Floats
from sweeps.axes import grid_spec
from sweeps.engine import sums_by_part, sweep_of
from sweeps.study.folds import time_folds
from sweeps.study.objective import scores_of
from sweeps.study.spec import StudySpec
from sweeps.study.study import propose
from sweeps.study.trials import SCORE, Scoring
from tests.benchmarks.studies_market import market, study

_AFTER = (50, 100, 200)
_NEAR = 0.05
_FINE = {"window": 8, "move_pct": 17, "spread_entry": 21}


def run(count: int | None = None) -> dict[str, Any]:
    """``count`` seeds (20) on a synthetic year whose optimum over a fine grid is known."""
    panel = market(365.0)
    spec = study(panel, trials=max(_AFTER))
    scoring = Scoring(panel, spec)
    points, _ = scoring.first()
    cells = int(np.prod(spec.space.cube))
    coarse = scoring.coarse_sets // cells
    best, entries = _exhaustive(spec)
    bar = best - _NEAR * abs(best)
    near: dict[str, list[bool]] = {}
    for seed in range(count or 20):
        for sampler, first, extra in (("tpe", points, 0), ("random", [], coarse)):
            found = _scores(
                scoring, study(panel, seed=seed, sampler=sampler), first, max(_AFTER) + extra
            )
            for after in _AFTER:
                near.setdefault(f"{sampler}_{after}", []).append(
                    bool(found[: after + extra].max() >= bar)
                )
    shares = {name: round(float(np.mean(hits)), 3) for name, hits in near.items()}
    return {
        "optimum": round(best, 4),
        "entries_of_the_fine_grid": entries,
        "coarse_entries": coarse,
        "share_100": shares["tpe_100"],
        "share_random_100": shares["random_100"],
        "shares": shares,
    }


def _exhaustive(spec: StudySpec) -> tuple[float, int]:
    panel, space = market(365.0), spec.space
    levels = {
        axis.name: np.unique(
            np.linspace(axis.levels[0], axis.levels[-1], _FINE.get(axis.name, 1)).round(
                0 if axis.name == "window" else 4
            )
        ).tolist()
        for axis in space.entries
    }
    grid = grid_spec(spec.confined_base, levels | space.exits)
    folds = time_folds(spec.rows, spec.folds, purge=space.longest_hold, embargo=spec.embargo)
    sweep = sweep_of(
        panel,
        grid,
        execution=spec.model.execution,
        costs=spec.model.costs(grid.base),
        rows=spec.rows,
        threads=2,
    )
    sums = folds.of(sums_by_part(sweep, 0, grid.size, folds.starts))
    values = scores_of(sums, None, space.cube, min_events=spec.min_events).values
    return float(values.max()), values.size


def _scores(
    scoring: Scoring, spec: StudySpec, first: list[dict[str, float]], trials: int
) -> Floats:
    made, found = optuna.create_study(direction="maximize"), []
    for number in range(trials):
        propose(made, spec, first, number)
        trial = made.ask(spec.space.distributions(spec.base))
        scored = scoring.of(trial.params)
        for name, value in scored.constraints.items():
            trial.set_constraint(name, value)
        made.tell(trial, scored.values)
        found.append(float(scored.books[SCORE]))
    return np.array(found)
