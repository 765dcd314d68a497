"""The tally that the law itself makes, set by set: what the engine is measured against."""

import os
from dataclasses import replace
from typing import Any

import numpy as np
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from research.features.labels import SEGMENTS
from research.features.panel import Panel
from research.measures.costs import Costs
from research.outcomes import REASONS
from strategies.law.execution import Execution
from sweeps.axes import GridSpec
from sweeps.tally import Tally
from tests.reference.features import binance_ret_window_pct, reference_pct
from tests.reference.frames import frames, pnl_sizes, sizes
from tests.samples.panels import panel_of

LAW = settings(  # LEADFOLLOW_LAW_EXAMPLES=2000 pytest tests/test_engine*.py: the long way
    max_examples=int(os.environ.get("LEADFOLLOW_LAW_EXAMPLES", "60")),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=True,
)


def law_tally(
    panel: Panel, spec: GridSpec, execution: Execution, costs: Costs, rows: slice
) -> Tally:
    """Every trade of every valid set, booked one by one."""
    tally = Tally.empty(spec.size)
    for cell in np.flatnonzero(spec.is_valid):
        trades = spec.strategy.trades(panel, spec.params_at(int(cell)), execution, costs, rows)
        entry = trades["entry"]
        for index, segment in enumerate(SEGMENTS):
            inside = trades[segment.mask(panel.session[entry], panel.regime[entry])]
            book(tally.of_segment(index), int(cell), inside)
    return tally


def book(tally: Tally, cell: int, trades: Any) -> None:
    net = trades["net_pct"]
    tally.counts["events"][cell] = len(trades)
    tally.counts["wins"][cell] = (net > 0).sum()
    tally.counts["hold"][cell] = (trades["exit"] - trades["entry"]).sum()
    for code, reason in enumerate(REASONS):
        tally.counts[reason.lower()][cell] = (trades["reason"] == code).sum()
    tally.sums["net"][cell] = net.sum()
    tally.sums["net_squared"][cell] = (net * net).sum()
    tally.sums["gross"][cell] = trades["gross_pct"].sum()
    if len(trades):
        tally.worst[cell] = net.min()


def assert_same_tally(ours: Tally, law: Tally) -> None:
    """Counts and minima exactly; sums to 1e-12 of the size of what was added."""
    for name, counts in law.counts.items():
        np.testing.assert_array_equal(ours.counts[name], counts, err_msg=name)
    np.testing.assert_array_equal(ours.worst, law.worst, err_msg="worst")
    size = np.sqrt(law.sums["net_squared"] * law.events) + law.events  # costs are below 1 percent
    for name, sums in law.sums.items():
        scale = np.maximum(np.abs(sums), size)
        assert (np.abs(ours.sums[name] - sums) <= 1e-12 * scale).all(), name


@st.composite
def panels(draw: st.DrawFn) -> tuple[dict[str, Any], Panel]:
    """A nasty frame and its panel, with labels that change from minute to minute."""
    frame = draw(frames(min_rows=2))
    panel = panel_of(frame, basis_min=draw(st.sampled_from([3, 12])))
    n = len(panel)
    seed = draw(st.integers(0, 2**16))
    generator = np.random.default_rng(seed)
    session, regime = generator.integers(0, 3, n), generator.integers(-1, 3, n)
    return frame, replace(panel, session=session, regime=regime)


def levels(observed: list[float], most: int = 2) -> st.SearchStrategy[list[float]]:
    """Rising levels, often exactly a value that was observed."""
    known = [0.05, 0.3, *[x for x in observed if 0 < x < 20][:60]]
    return st.lists(st.sampled_from(known), min_size=1, max_size=most, unique=True).map(sorted)


def minutes(low: int, high: int, most: int = 2) -> st.SearchStrategy[list[int]]:
    short = st.integers(low, min(high, 8))
    return st.lists(short | st.integers(low, high), min_size=1, max_size=most, unique=True).map(
        sorted
    )


@st.composite
def lead_axes(draw: st.DrawFn, frame: dict[str, Any], reference: str) -> dict[str, Any]:
    windows = draw(minutes(3, 10))
    spreads = sizes(reference_pct(frame, reference, 12))
    pnls = pnl_sizes(frame)
    moves = sizes(binance_ret_window_pct(frame, windows[0]))
    low = len(spreads) // 3 + 1
    return {
        "window": windows,
        "move_pct": draw(levels(moves[: len(moves) // 3 + 1])),
        "spread_entry": draw(st.just([0.0]) | levels(spreads[:low])),
        "cooldown": draw(minutes(0, 30)),
        "tp": draw(levels(pnls, 3)),
        "sl": draw(levels(pnls, 3)),
        "horizon": draw(minutes(1, 80, 3)),
    }


@st.composite
def reversion_axes(draw: st.DrawFn, frame: dict[str, Any], reference: str) -> dict[str, Any]:
    spreads = sizes(reference_pct(frame, reference, 12))
    return {
        "entry": draw(levels(spreads, 3)),
        "min_gap": draw(minutes(0, 30)),
        "exit": draw(levels(spreads[: len(spreads) // 2 + 1], 3)),
        "max_hold": draw(minutes(1, 80, 3)),
    }


def executions() -> st.SearchStrategy[Execution]:
    return st.builds(
        Execution,
        fill=st.sampled_from(["close", "next_open"]),
        touch=st.sampled_from(["close", "intrabar"]),
        overlap=st.booleans(),
        flat_is_price=st.booleans(),
    )


def all_costs() -> st.SearchStrategy[Costs]:
    return st.builds(
        Costs,
        fees_bps=st.sampled_from([0.0, 8.0, 20.0]),
        slippage_bps=st.sampled_from([0.0, 2.5]),
        funding=st.booleans(),
    )
