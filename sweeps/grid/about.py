"""What a grid is about: which sets, on which minutes, by which model. Its numbers come apart."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from research.errors import SearchError
from research.features.labels import RegimeEdges
from research.features.panel import Panel
from research.measures.costs import Costs, taker_costs
from research.provenance import Origin
from research.settings.costs import CostSettings
from strategies.backtest.model import Model
from strategies.law.execution import EXECUTABLE, Execution
from sweeps.axes import GridSpec
from sweeps.tally import ADDITIVE_COLUMNS

__all__ = ["GridAbout", "check_valid", "describe_grid", "grid_columns"]

_AT_ONCE = 1 << 20  # sets that are asked at once whether they are valid
_MOST_ASKED = 1 << 30  # some seconds; of more sets only the ends are asked


@dataclass(frozen=True, kw_only=True, eq=False)
class GridAbout:
    """A grid as it is asked for, and as its files and pictures tell of it.

    Attributes
    ----------
    label
        Market and span of the minutes that are traded; says so where they are synthetic.
    edges
        Regime edges that the segments rest on.
    feature_settings
        Lookbacks, session cuts and regime quantiles in force.
    has_funding
        Whether the frame knew funding rates: without them ``costs.funding`` charges nothing.
    rows
        Rows of the frame on which entries are allowed.
    """

    spec: GridSpec
    market: str
    label: str
    origin: Origin
    edges: RegimeEdges
    feature_settings: dict[str, Any]
    execution: Execution
    costs: Costs
    has_funding: bool
    rows: slice

    @property
    def name(self) -> str:
        """``lead-short``, ``lead-long`` or ``reversion``."""
        return self.spec.name

    @property
    def columns(self) -> tuple[str, ...]:
        """The report columns of the grid's strategy that add up over trades."""
        return grid_columns(self.spec)

    @property
    def model(self) -> str:
        """Execution, spread reference, age filter and costs in one line."""
        base, costs = self.spec.base, self.costs
        described = Model(
            name="grid",
            execution=self.execution,
            reference=base.reference,
            filters=base.filters,
            fees_bps=costs.fees_bps,
        ).describe()
        funding = "funding on" if costs.funding else "no funding"
        if costs.funding and not self.has_funding:
            funding = "no funding (the frame has none)"
        return f"{described} + {costs.slippage_bps:g} bps slippage a fill, {funding}"


def grid_columns(spec: GridSpec) -> tuple[str, ...]:
    """The report columns of the grid's strategy that add up over trades."""
    own = spec.strategy.report_columns
    return tuple(name for name in ADDITIVE_COLUMNS if name in own)


def describe_grid(
    panel: Panel,
    spec: GridSpec,
    *,
    execution: Execution = EXECUTABLE,
    costs: Costs | None = None,
    rows: slice | None = None,
) -> GridAbout:
    """The grid of ``spec`` on ``panel``; nothing here grows with the number of its sets.

    Parameters
    ----------
    costs
        Left out, the default taker fees and slippage, and funding.
    rows
        Rows on which entries are allowed; the frame ends with the last of them.
    """
    start, stop, _ = (rows or slice(None)).indices(len(panel))
    return GridAbout(
        spec=spec,
        market=panel.frame.market,
        label=_label(panel, start, stop) if start < stop else panel.frame.label,
        origin=panel.frame.origin,
        edges=panel.edges,
        feature_settings=panel.settings.model_dump(mode="json"),
        execution=execution,
        costs=costs or taker_costs(CostSettings(), spec.strategy.legs),
        has_funding=panel.has_funding,
        rows=slice(start, stop),
    )


def check_valid(spec: GridSpec) -> None:
    """Refuses a grid without a valid set, as far as asking takes seconds. Raises SearchError.

    The ends of the axes are asked first: they know of nearly every grid, however large.
    """
    ends = [np.unique([0, len(axis) - 1]) for axis in spec.axes]
    corners = np.ravel_multi_index(np.meshgrid(*ends), spec.shape).ravel()
    if spec.is_valid_at(corners).any() or spec.size > _MOST_ASKED:
        return
    for first in range(0, spec.size, _AT_ONCE):
        if spec.is_valid_at(np.arange(first, min(first + _AT_ONCE, spec.size))).any():
            return
    rule = spec.strategy.rule
    why = "(the filters contradict each other); change their levels"
    if rule is not None:
        why = f"({rule.words}); lower the {rule.low} levels or raise those of {rule.high}"
    raise SearchError(f"grid of {spec.size:,} {spec.strategy.name} sets: none is valid {why}")


def _label(panel: Panel, start: int, stop: int) -> str:
    frame = panel.frame
    if stop - start == len(panel):
        return frame.label
    kind = " [SYNTHETIC]" if frame.is_synthetic else ""
    first, last = frame.table.index[start], frame.table.index[stop - 1]
    return f"{frame.market}{kind} {first:%Y-%m-%dT%H:%MZ} .. {last:%Y-%m-%dT%H:%MZ}"
