"""What a search would have taken, from the rows it may see: the best set of every segment.

The engine tallies the whole grid once for each side; everything else is arithmetic on sums.

*Borrowing.* The mean of a set in a segment is drawn to its mean everywhere, and that to its mean
over both sides (:mod:`research.statistics.shrinkage`): a segment with few trades takes the sets
that are good everywhere. Its variance is drawn to that of all sets together with
:data:`PRIOR_TRADES` trades' weight (Smyth 2004, "moderated t"): a set that has not lost yet has
little variance of its own, and would win every search.

*Choosing.* The set on the best plateau of t = mean / standard error is taken, not the highest
peak: t grows with the number of trades, so a set that earns a little often beats one that earned
much by luck. A search whose best plateau is not above zero stays out.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from research.arrays import Bools, Floats, Ints
from research.features.labels import SEGMENTS
from research.features.panel import Panel
from research.statistics.plateau import plateau
from research.statistics.shrinkage import shrink
from strategies.backtest.model import Model
from strategies.registry import Params, bases, strategy_of
from sweeps.axes import GridSpec, grid_spec
from sweeps.engine import engine_tally
from sweeps.settings import Settings
from sweeps.study.objective import can_enter, confined
from sweeps.tally import Tally
from sweeps.verdict.claims import Claim

__all__ = ["PRIOR_TRADES", "Choice", "GridSearch", "grid_search"]

PRIOR_TRADES = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The set that a search takes for one claim."""

    params: Params  # confined to the segment
    cell: int  # of the grid
    mean: float  # percent a trade, after borrowing, on the rows of the search
    t: float  # of the plateau
    events: int  # on the rows of the search

    @property
    def earns(self) -> bool:
        """Whether the search would trade it: a plateau at or below zero is left alone."""
        return self.t > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class GridSearch:
    """An exhaustive search over one grid for each base.

    Attributes
    ----------
    specs
        By base name; the sides of one strategy with the same axes.
    min_events
        Sets with fewer trades in a segment are not taken.
    """

    specs: Mapping[str, GridSpec]
    model: Model
    min_events: int
    threads: int = 1
    memory_mib: int = 1024

    @property
    def bases(self) -> dict[str, Params]:
        """The parameters that no axis varies, by base name."""
        return {name: spec.base for name, spec in self.specs.items()}

    @property
    def sets(self) -> int:
        """How many sets one search looks at."""
        return sum(spec.size for spec in self.specs.values())

    @property
    def longest_hold(self) -> int:
        """Minutes that a trade of any of its sets may last."""
        return max(
            int(axis.levels[-1])
            for spec in self.specs.values()
            for axis in spec.axes
            if axis.name == spec.strategy.hold_axis
        )

    def choose(self, panel: Panel, rows: slice) -> dict[Claim, Choice]:
        """The best set of every claim on ``rows``, also where it does not earn.

        Claims of which no set has enough trades are left out.

        Raises
        ------
        FrameError
            ``rows`` hold no minute.
        SearchError
            The grid needs more memory than it may fill.
        """
        found: dict[Claim, Choice] = {}
        families: dict[str, list[str]] = {}
        for name, spec in self.specs.items():
            families.setdefault(spec.strategy.name, []).append(name)
        for names in families.values():
            tallies = [self._tally(panel, self.specs[name], rows) for name in names]
            for name, (mean, error) in zip(names, borrowed(tallies), strict=True):
                tally = tallies[names.index(name)]
                found |= self._best(name, tally, mean, error)
        return found

    def aside(self, claim: Claim, choice: Choice) -> dict[str, Params]:
        """Sets one level away along each axis, by ``name-`` and ``name+``."""
        spec, found = self.specs[claim.base], {}
        at = np.unravel_index(choice.cell, spec.shape)
        for place, axis in enumerate(spec.axes):
            for sign, step in (("-", -1), ("+", 1)):
                index = [int(i) for i in at]
                index[place] += step
                if 0 <= index[place] < len(axis):
                    cell = int(np.ravel_multi_index(index, spec.shape))
                    if spec.is_valid_at(np.array([cell]))[0]:
                        params = spec.params_at(cell)
                        found[axis.name + sign] = confined(params, claim.where)
        return found

    def _tally(self, panel: Panel, spec: GridSpec, rows: slice) -> Tally:
        return engine_tally(
            panel,
            spec,
            execution=self.model.execution,
            costs=self.model.costs(spec.base),
            rows=rows,
            threads=self.threads,
            memory_mib=self.memory_mib,
        )

    def _best(self, name: str, tally: Tally, mean: Floats, error: Floats) -> dict[Claim, Choice]:
        spec, found = self.specs[name], {}
        strategy = strategy_of(spec.base).name
        for segment, where in enumerate(SEGMENTS):
            if not can_enter(spec.base, where):
                continue
            events = tally.events[segment]
            cell, t = best_plateau(
                mean[segment], error[segment], events >= self.min_events, spec.shape
            )
            if np.isfinite(t):
                found[Claim(name, strategy, segment)] = Choice(
                    params=confined(spec.params_at(cell), where),
                    cell=cell,
                    mean=float(mean[segment, cell]),
                    t=t,
                    events=int(events[cell]),
                )
        return found


def grid_search(
    settings: Settings, model: Model, *, threads: int = 2, memory_mib: int = 1024
) -> GridSearch:
    """The search over the grids of ``settings``: every strategy and side, read as ``model``."""
    return GridSearch(
        specs={
            name: grid_spec(model.apply(base), settings.axes.of(strategy_of(base).name))
            for name, base in bases().items()
        },
        model=model,
        min_events=settings.verdict.min_trades_train,
        threads=threads,
        memory_mib=memory_mib,
    )


def best_plateau(
    mean: Floats, error: Floats, is_enough: Bools, shape: tuple[int, ...]
) -> tuple[int, float]:
    """The cell with the highest plateau of t, and that t; -inf where no set has enough trades."""
    known = is_enough & np.isfinite(mean) & (error > 0)
    if not known.any():
        return 0, -np.inf
    t = np.where(known, mean / np.where(error > 0, error, 1.0), np.nan)
    smooth = plateau(t.reshape(shape), known.reshape(shape)).ravel()
    cell = int(np.nanargmax(smooth))
    return cell, float(smooth[cell])


def borrowed(tallies: "list[Tally]") -> list[tuple[Floats, Floats]]:
    """Means and standard errors of each side after borrowing, shapes (segments, sets), percent.

    NaN where a set has no trade anywhere in its family.
    """
    n = np.array([tally.counts["events"] for tally in tallies])  # (sides, segments, sets)
    net = np.array([tally.sums["net"] for tally in tallies])
    squares = np.array([tally.sums["net_squared"] for tally in tallies])
    whole_n, whole_net = n[:, 0].sum(axis=0), net[:, 0].sum(axis=0)
    is_known = whole_n >= 2
    parent = np.where(is_known, whole_net / np.maximum(whole_n, 1), 0.0)
    prior = _common_variance(n[:, 0], net[:, 0], squares[:, 0])
    weight = np.maximum(n - 1, 0)
    variance = PRIOR_TRADES * prior + weight * _variance(n, net, squares)
    variance = variance / (PRIOR_TRADES + weight)
    error = np.sqrt(variance / np.maximum(n, 1))
    own = np.where(n > 0, net / np.maximum(n, 1), np.nan)
    seen = np.where(n > 0, error, np.nan)
    sides = shrink(own[:, 0], seen[:, 0], parent) if len(tallies) > 1 else own[:, 0]
    found = []
    for side in range(len(tallies)):
        everywhere = np.where(np.isfinite(sides[side]), sides[side], parent)
        segments = shrink(own[side, 1:], seen[side, 1:], everywhere)
        means = np.vstack([everywhere[np.newaxis], segments])
        found.append((np.where(is_known, means, np.nan), error[side]))
    return found


def _common_variance(n: Ints, net: Floats, squares: Floats) -> float:
    """Of all sets together, each by its degrees of freedom; 0 where none has two trades."""
    weight = np.maximum(n - 1, 0)
    total = int(weight.sum())
    return float((weight * _variance(n, net, squares)).sum() / total) if total else 0.0


def _variance(n: Ints, net: Floats, squares: Floats) -> Floats:
    """With ddof 1; 0 below two trades."""
    centred = np.maximum(squares - net**2 / np.maximum(n, 1), 0.0)
    found: Floats = np.where(n >= 2, centred / np.maximum(n - 1, 1), 0.0)
    return found
