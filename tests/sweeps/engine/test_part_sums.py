"""Sums by day and fold, and histograms, are those of the trades that the law makes."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from research.errors import SearchError
from research.features.labels import SEGMENTS, segment_of
from research.features.panel import Panel
from research.measures.costs import Costs
from strategies.law.execution import Execution
from strategies.law.filters import EntryFilters
from strategies.lead_follow import LeadFollowParams
from strategies.reversion import ReversionParams
from sweeps.axes import GridSpec, grid_spec
from sweeps.engine import Bins, Sweep, histogram_of, sums_by_part
from tests.laws.law_tally import LAW, all_costs, executions, lead_axes, panels, reversion_axes
from tests.samples.markets import small_panel


def law_trades(panel: Panel, spec: GridSpec, cell: int, execution: Execution, costs: Costs) -> Any:
    """Trades of one set, none where it is no valid parameters."""
    params = spec.params_at(cell if spec.is_valid[cell] else int(np.flatnonzero(spec.is_valid)[0]))
    trades = spec.strategy.trades(panel, params, execution, costs, slice(0, len(panel)))
    return trades if spec.is_valid[cell] else trades[:0]


@st.composite
def sweeps(draw: st.DrawFn) -> tuple[Panel, GridSpec, Execution, Costs]:
    frame, panel = draw(panels())
    reference: Any = draw(st.sampled_from(["raw", "excess"]))
    filters = EntryFilters(max_age_min=draw(st.sampled_from([0.0, float("inf")])))
    if draw(st.booleans()):
        mode: Any = draw(st.sampled_from(["short", "long"]))
        lead = LeadFollowParams(mode=mode, reference=reference, filters=filters)
        spec = grid_spec(lead, draw(lead_axes(frame, reference)))
    else:
        back = ReversionParams(reference=reference, entry=15.0, exit=0.01, filters=filters)
        spec = grid_spec(back, draw(reversion_axes(frame, reference)))
    return panel, spec, draw(executions()), draw(all_costs())


@LAW
@given(data=st.data())
def test_sums_by_part_are_those_of_the_law(data: st.DataObject) -> None:
    panel, spec, execution, costs = data.draw(sweeps())
    rows = st.integers(0, len(panel) - 1)
    starts = np.array(sorted(data.draw(st.sets(rows, min_size=1, max_size=9))))
    sweep = Sweep(panel, spec, execution=execution, costs=costs)
    found = sums_by_part(sweep, 0, spec.size, starts)
    for cell in range(spec.size):
        trades = law_trades(panel, spec, cell, execution, costs) if spec.is_valid.any() else []
        entry = trades["entry"] if len(trades) else np.empty(0, np.int64)
        part = np.maximum(np.searchsorted(starts, entry, side="right") - 1, 0)
        count = np.bincount(part, minlength=starts.size)
        np.testing.assert_array_equal(found.events[:, cell], count)
        for name, power in (("net", 1), ("net_squared", 2)):
            values = trades["net_pct"] ** power if len(trades) else np.empty(0)
            sums = np.bincount(part, weights=values, minlength=starts.size)
            ours = getattr(found, name)[:, cell]
            np.testing.assert_allclose(ours, sums, rtol=1e-12, atol=1e-11)


@LAW
@given(data=st.data())
def test_histograms_count_the_trades_of_the_law(data: st.DataObject) -> None:
    panel, spec, execution, costs = data.draw(sweeps())
    segment = data.draw(st.sampled_from(SEGMENTS))
    bins = Bins(low=-1.0, high=1.5, count=data.draw(st.sampled_from([1, 7, 50])))
    sweep = Sweep(panel, spec, execution=execution, costs=costs, threads=2)
    found = histogram_of(sweep, 0, spec.size, bins=bins, segment=segment)
    is_inside = segment.mask(panel.session, panel.regime)
    for cell in range(spec.size):
        if not spec.is_valid[cell]:
            assert found.events[cell] == 0
            continue
        trades = law_trades(panel, spec, cell, execution, costs)
        net = trades["net_pct"][is_inside[trades["entry"]]]
        place = np.clip(np.floor((net - bins.low) / bins.width), -1, bins.count).astype(int) + 1
        count = np.bincount(place, minlength=bins.count + 2)
        np.testing.assert_array_equal(found.counts[cell], count)
        known = net[(net >= bins.low) & (net < bins.high)]
        if len(net) and len(known) == len(net):
            for q in (0.0, 0.05, 0.5, 0.77, 1.0):
                assert abs(found.quantile(q)[cell] - np.quantile(net, q)) <= bins.width


def test_quantiles_of_nothing_and_beyond_the_bins() -> None:
    spec = grid_spec(LeadFollowParams(mode="long", move_pct=0.03, spread_entry=0.0), {})
    sweep = Sweep(small_panel(), spec, execution=Execution(), costs=Costs(fees_bps=990))
    far = histogram_of(sweep, 0, 1, bins=Bins(low=-1.0, high=1.0, count=4))
    assert far.events[0] > 5
    assert far.quantile(0.5)[0] == -1.0
    none = grid_spec(LeadFollowParams(mode="long", move_pct=19.0, spread_entry=19.0), {})
    sweep = Sweep(small_panel(), none, execution=Execution(), costs=Costs(fees_bps=0))
    assert np.isnan(histogram_of(sweep, 0, 1, segment=segment_of("asia")).quantile(0.5)).all()


def test_parts_and_bins_refuse_nonsense() -> None:
    sweep = Sweep(
        small_panel(),
        grid_spec(LeadFollowParams(), {}),
        execution=Execution(),
        costs=Costs(fees_bps=0),
    )
    for starts in ([], [5, 5], [9, 3]):
        with pytest.raises(SearchError, match="parts must begin at rising rows"):
            sums_by_part(sweep, 0, 1, np.array(starts, dtype=np.int64))
    with pytest.raises(SearchError, match=r"low < high percent, were 1\.0, 1\.0"):
        Bins(low=1.0, high=1.0)
    with pytest.raises(SearchError, match="bins must be 1 to 100,000, were 0"):
        Bins(count=0)
    with pytest.raises(SearchError, match=r"quantile must be in \[0, 1\], was 2"):
        histogram_of(sweep, 0, 1).quantile(2.0)
