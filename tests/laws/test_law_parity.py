"""The compiled laws against the slow reference that knows nothing of this project."""

import math
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from research.arrays import Records
from research.measures.costs import Costs
from research.outcomes import REASONS
from strategies.law.execution import Execution
from strategies.law.filters import EntryFilters
from strategies.law.whole_frame import trades_of
from strategies.lead_follow import LeadFollowParams
from strategies.lead_follow import adapter as lead_follow
from strategies.lead_follow.kernel import run as run_lead
from strategies.reversion import ReversionParams
from strategies.reversion import adapter as reversion
from strategies.reversion.kernel import run as run_reversion
from tests.reference.frames import frames, lead_params, reversion_params
from tests.reference.lead import lead_trades
from tests.reference.reversion import reversion_trades
from tests.reference.trade import Trade
from tests.samples.panels import panel_of

LAW = settings(max_examples=250)


def ours_lead(frame: dict[str, list[float]], p: dict[str, Any]) -> Records:
    panel = panel_of(frame, basis_min=p["basis_min"])
    params = LeadFollowParams(
        **{name: p[name] for name in ("mode", "reference", "window", "move_pct", "spread_entry")},
        **{name: p[name] for name in ("tp", "sl", "horizon", "cooldown")},
        filters=EntryFilters(max_age_min=p["max_age_min"]),
    )
    execution = execution_of(p, p["touch"])
    panel = execution.minutes_of(panel)
    terms = lead_follow.terms(params, execution, costs_of(p), has_funding=True)
    minutes = lead_follow.minutes(panel, params, 0, len(panel))
    minutes = minutes._replace(is_allowed=allowed(minutes.is_allowed, p))
    return trades_of(run_lead, minutes, terms, terms.rules)


def ours_reversion(frame: dict[str, list[float]], p: dict[str, Any]) -> Records:
    panel = panel_of(frame, basis_min=p["basis_min"])
    params = ReversionParams(
        **{name: p[name] for name in ("reference", "entry", "exit", "max_hold", "min_gap")},
        filters=EntryFilters(max_age_min=p["max_age_min"]),
    )
    execution = execution_of(p, "close")
    panel = execution.minutes_of(panel)
    terms = reversion.terms(params, execution, costs_of(p), has_funding=True)
    minutes = reversion.minutes(panel, params, 0, len(panel))
    minutes = minutes._replace(is_allowed=allowed(minutes.is_allowed, p))
    return trades_of(run_reversion, minutes, terms, terms.rules)


def execution_of(p: dict[str, Any], touch: Any) -> Execution:
    return Execution(
        fill=p["fill"], touch=touch, overlap=p["overlap"], flat_is_price=p["flat_is_price"]
    )


def costs_of(p: dict[str, Any]) -> Costs:
    return Costs(
        fees_bps=p["fees_bps"], slippage_bps=p["slippage_bps"], funding=bool(p["funding_on"])
    )


def allowed(ours: Any, p: dict[str, Any]) -> Any:
    return ours if p["allowed"] is None else ours & np.array(p["allowed"], dtype=np.bool_)


def assert_same(ours: Records, theirs: list[Trade]) -> None:
    assert [(int(o["entry"]), int(o["exit"]), REASONS[o["reason"]]) for o in ours] == [
        (t.entry, t.exit, t.reason) for t in theirs
    ]
    exact = ("side", "entry_price", "exit_price", "gross_pct")
    exact += ("binance_entry_price", "binance_exit_price")
    for o, t in zip(ours, theirs, strict=True):
        for name in exact:
            np.testing.assert_equal(o[name], getattr(t, name), err_msg=name)
        for name in ("net_pct", "funding_pct"):
            np.testing.assert_allclose(o[name], getattr(t, name), rtol=1e-12, atol=1e-14)
        for name in ("mae_pct", "mfe_pct"):
            if not math.isnan(getattr(t, name)):
                np.testing.assert_equal(o[name], getattr(t, name), err_msg=name)


@LAW
@given(data=st.data())
def test_lead_follow_makes_the_trades_of_the_reference(data: st.DataObject) -> None:
    frame = data.draw(frames(min_rows=1))
    p = data.draw(lead_params(frame))
    assert_same(ours_lead(frame, p), lead_trades(frame, **p))


@LAW
@given(data=st.data())
def test_reversion_makes_the_trades_of_the_reference(data: st.DataObject) -> None:
    frame = data.draw(frames(min_rows=1))
    p = data.draw(reversion_params(frame))
    assert_same(ours_reversion(frame, p), reversion_trades(frame, **p))


def test_a_horizon_that_ends_in_a_gap_holds_its_place_until_it_is_over() -> None:
    """On the last price before the gap nobody knows that no later one will come."""
    closes = [100.0, 99.0, 99.0, 98.0, math.nan, math.nan, 97.0, 96.0, 95.0]
    n = len(closes)
    dydx = {f"dydx_{name}": closes for name in ("open", "high", "low", "close")}
    leader = [100.0 - t * 1.5 for t in range(n)]
    binance = {f"binance_{name}": leader for name in ("open", "high", "low", "close")}
    counts = {f"{venue}_{name}": [1.0] * n for venue in ("dydx", "binance") for name in ("volume",)}
    frame = dydx | binance | counts
    frame |= {"dydx_trades": [1.0] * n, "binance_trades": [1.0] * n}
    frame |= {"binance_age_min": [0.0] * n, "dydx_age_min": [0.0] * n, "funding_rate": [0.0] * n}
    p: dict[str, Any] = {
        "mode": "short",
        "reference": "raw",
        "basis_min": 3,
        "window": 1,
        "move_pct": 0.1,
        "spread_entry": 0.0,
        "tp": 40.0,
        "sl": 40.0,
        "horizon": 3,
        "cooldown": 1,
        "fill": "close",
        "touch": "close",
        "overlap": False,
        "max_age_min": math.inf,
        "fees_bps": 0.0,
        "slippage_bps": 0.0,
        "funding_on": False,
        "flat_is_price": False,
        "allowed": None,
    }
    entries = [(int(trade["entry"]), int(trade["exit"])) for trade in ours_lead(frame, p)]
    # entered at 1, the horizon ends at 4 in the gap: out at 3, but no new entry at 3
    assert entries[0] == (1, 3)
    assert entries[1][0] == 6
    assert_same(ours_lead(frame, p), lead_trades(frame, **p))
