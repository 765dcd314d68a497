"""One trial: an entry, all its exits scored, and what is written down of it."""

import heapq
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import optuna

from research.errors import ParamError
from research.features.panel import Panel
from research.measures.report import max_drawdown
from strategies.backtest.backtest import backtest
from strategies.registry import Params, strategy_of
from sweeps.axes import GridSpec, grid_spec, value_of
from sweeps.engine import PartSums, score_exits, sums_by_part, sweep_of
from sweeps.engine.plan import has_plan
from sweeps.study.folds import Folds, FoldSums, time_folds
from sweeps.study.objective import UNSCORED, Scores, confined, scores_of
from sweeps.study.spec import StudySpec

__all__ = [
    "BOUND",
    "CELL",
    "DRAWDOWN",
    "EVENTS",
    "FOLDS",
    "MEAN",
    "PARAMS",
    "SCORE",
    "SETS",
    "Record",
    "Scored",
    "Scoring",
    "is_feasible",
]

EVENTS, SETS, CELL, BOUND, PARAMS = "events", "sets", "cell", "lcb_pnl", "params"
SCORE, FOLDS, MEAN, DRAWDOWN, MAX_LOSS = "score", "folds", "avg_pnl", "max_drawdown", "max_loss"
_CANDIDATES = 10  # best trials of which everything is known
_LEVELS = 3  # of an entry axis of the coarse grid: its ends and the middle
_MOST_COARSE = 243  # entries
_EXIT_STEP = 3
FIRST = 5
"""Trials that the coarse grid decides: its best entries, far enough apart to be different."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """What is known of one entry."""

    books: dict[str, Any]  # user attributes of the trial
    values: list[float]  # objectives
    constraints: dict[str, float]  # feasible where all are <= 0


class Scoring:
    """Scores entries of one study; folds, model and parent are worked out once."""

    def __init__(self, panel: Panel, spec: StudySpec) -> None:
        self._panel, self._spec = panel, spec
        self._base = spec.confined_base
        self._above = None if spec.parent is None else confined(spec.base, spec.parent)

    @cached_property
    def _folds(self) -> Folds:
        spec = self._spec
        purge = spec.space.longest_hold
        return time_folds(spec.rows, spec.folds, purge=purge, embargo=spec.embargo)

    def of(self, values: Mapping[str, Any], bar: float = -math.inf) -> Scored:
        """The entry that ``values`` propose, with its best exit.

        Parameters
        ----------
        bar
            Score from which the set is run by the law for its largest loss and worst drawdown,
            which cost as much as all else; two objectives need them always.
        """
        spec, space = self._spec, self._spec.space
        try:
            entry = space.entry_at(self._base, values)
        except ParamError:  # not even the lowest exit fits: nothing to look at
            return self._hopeless()
        above = None
        if self._above is not None:
            above = self._exits(space.entry_at(self._above, values))
        scores = scores_of(self._exits(entry), above, space.cube, min_events=spec.min_events)
        return self._scored(entry, scores, bar)

    @property
    def coarse_sets(self) -> int:
        """Sets of the coarse grid; 0 where the engine has no plan for the strategy: no grid."""
        return 0 if self._coarse is None else self._coarse.size

    def first(self) -> tuple[list[dict[str, float]], int]:
        """The best entries of the coarse grid, and the most trades of a set of it.

        The loosest corner of the axes is in the grid: where its trades are too few, they are so
        everywhere, or nearly.
        """
        spec, space, grid = self._spec, self._spec.space, self._coarse
        if grid is None:
            return [], spec.min_events
        above = None
        if self._above is not None:
            above = self._grid(replace(grid, base=self._above))
        sums = self._grid(grid)
        cube = tuple(len(each) for each in self._coarse_exits.values())
        scores = scores_of(sums, above, cube, min_events=spec.min_events)
        cells = math.prod(cube)
        points = [
            {
                name: float(grid.values_at(name, np.array([number * cells]))[0])
                for name in space.distributions(spec.base)
            }
            for number in range(scores.values.size)
        ]
        return _apart(points, scores.values), int(sums.whole.events.max(initial=0))

    @cached_property
    def _coarse(self) -> GridSpec | None:
        if not has_plan(strategy_of(self._base)):
            return None
        levels = {name: list(levels) for name, levels in self._coarse_axes().items()}
        return grid_spec(self._base, levels)

    @property
    def _coarse_exits(self) -> dict[str, list[float]]:
        """Every third level, both ends of ten among them: enough to tell entries apart."""
        return {name: levels[::_EXIT_STEP] for name, levels in self._spec.space.exits.items()}

    def _coarse_axes(self) -> dict[str, Sequence[float]]:
        """Entry axes from end to end, as many levels as the number of entries allows, and exits."""
        spec = self._spec
        free = spec.space.distributions(spec.base)
        levels: dict[str, Sequence[float]] = {}
        count = 1
        for axis in spec.space.entries:
            ends = axis.levels[0], axis.levels[-1]
            if axis.name not in free:
                levels[axis.name] = ends[:1]
                continue
            many = _LEVELS if count * _LEVELS <= _MOST_COARSE else 1
            count *= many
            middle = axis.levels[len(axis.levels) // 2]
            levels[axis.name] = sorted({*ends, middle}) if many == _LEVELS else (ends[0],)
        return levels | self._coarse_exits

    def _exits(self, entry: Params) -> FoldSums:
        spec = self._spec
        return self._folds.of(
            score_exits(
                self._panel,
                entry,
                spec.space.exits,
                execution=spec.model.execution,
                costs=spec.model.costs(entry),
                rows=spec.rows,
                starts=self._folds.starts,
            )
        )

    def _grid(self, grid: GridSpec) -> FoldSums:
        spec = self._spec
        sweep = sweep_of(
            self._panel,
            grid,
            execution=spec.model.execution,
            costs=spec.model.costs(grid.base),
            rows=spec.rows,
        )
        sums: PartSums = sums_by_part(sweep, 0, grid.size, self._folds.starts)
        return self._folds.of(sums)

    def _scored(self, entry: Params, scores: Scores, bar: float) -> Scored:
        spec, space = self._spec, self._spec.space
        events, cell, value = int(scores.events[0]), int(scores.cells[0]), float(scores.values[0])
        params = entry if events == 0 else space.exit_at(entry, cell)
        drawdown, worst = None, None
        if events and (value >= bar or spec.sampler == "nsga2"):
            drawdown, worst = self._by_law(params)
        means = np.nan_to_num(scores.fold_means[:, 0]).round(6).tolist()
        folds = list(zip(scores.fold_events[:, 0].tolist(), means, strict=True))
        names = [*(axis.name for axis in space.entries), *space.exits]
        mean = float(scores.means[0]) if events else UNSCORED
        books = {
            SCORE: value,
            EVENTS: events,
            SETS: int(np.prod(space.cube)),
            CELL: cell,
            BOUND: float(scores.bounds[0]),
            MEAN: mean,
            DRAWDOWN: drawdown,
            MAX_LOSS: worst,
            FOLDS: folds,
            PARAMS: {name: value_of(params, name) for name in names},
        }
        return Scored(
            books=books,
            values=self._objectives(value, mean, -UNSCORED if drawdown is None else drawdown),
            constraints=self._constraints(events, worst),
        )

    def _objectives(self, value: float, mean: float, drawdown: float) -> list[float]:
        return [mean, drawdown] if self._spec.sampler == "nsga2" else [value]

    def _constraints(self, events: int, worst: float | None) -> dict[str, float]:
        spec = self._spec
        found = {"min_events": float(spec.min_events - events)}
        if worst is not None:
            found["max_loss_pct"] = max(-worst, 0.0) - spec.max_loss_pct
        return found

    def _by_law(self, params: Params) -> tuple[float, float]:
        """Worst drawdown and smallest net pnl of the law's own trades, percent."""
        model = self._spec.model
        net = backtest(
            self._panel,
            params,
            execution=model.execution,
            costs=model.costs(params),
            rows=self._spec.rows,
        ).net_pct
        return max_drawdown(net), float(net.min())

    def _hopeless(self) -> Scored:
        books = {SCORE: UNSCORED, EVENTS: 0, SETS: 0, CELL: 0, BOUND: UNSCORED, PARAMS: {}}
        books |= {MEAN: UNSCORED, DRAWDOWN: None, MAX_LOSS: None, FOLDS: []}
        return Scored(
            books=books,
            values=self._objectives(UNSCORED, UNSCORED, -UNSCORED),
            constraints=self._constraints(0, None),
        )


@dataclass(slots=True)
class Record:
    """The best scores so far, kept from trial to trial: what is a candidate, and since when.

    Attributes
    ----------
    trials
        How many were taken in.
    best_at
        Number of the first trial with the best score, None before the first feasible one.
    """

    trials: int = 0
    best_at: int | None = None
    _best: float = -math.inf
    _scores: list[float] = field(default_factory=list)  # a heap of the ten best, lowest first

    def take(self, trial: optuna.trial.FrozenTrial) -> None:
        """The next trial, in their order."""
        self.trials += 1
        if not is_feasible(trial):
            return
        score = float(trial.user_attrs[SCORE])
        if score > self._best:
            self._best, self.best_at = score, trial.number
        keep = heapq.heappush if len(self._scores) < _CANDIDATES else heapq.heappushpop
        keep(self._scores, score)

    @property
    def bar(self) -> float:
        """The score of the tenth best feasible trial; what is below it is no candidate."""
        return self._scores[0] if len(self._scores) == _CANDIDATES else -math.inf


def is_feasible(trial: optuna.trial.FrozenTrial) -> bool:
    """Whether it may be called the best: enough trades, no loss too large, a score.

    The largest loss is known of trials that were among the ten best when they were made.
    """
    constraints = trial.constraints
    is_scored = float(trial.user_attrs[SCORE]) > UNSCORED
    return is_scored and all(value <= 0 for value in constraints.values())


def _apart(points: Sequence[dict[str, float]], values: Any) -> list[dict[str, float]]:
    """The best points first; of neighbours (all axes but one alike) only the better one."""
    kept: list[dict[str, float]] = []
    for number in np.argsort(-values, kind="stable").tolist():
        point = points[number]
        if values[number] <= UNSCORED or len(kept) == FIRST:
            break
        if all(sum(point[name] != other[name] for name in point) > 1 for other in kept):
            kept.append(point)
    return kept
