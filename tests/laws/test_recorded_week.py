"""The law on the recorded week against the independent reference, both executable strategies.

``LEADFOLLOW_ORACLE_SETS=30 pytest tests/laws/test_recorded_week.py`` is the long way.
"""

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.laws.test_law_parity import assert_same, ours_lead, ours_reversion
from tests.reference import lead as lead_module
from tests.reference import reversion as reversion_module
from tests.reference.features import reference_pct
from tests.reference.lead import lead_trades
from tests.reference.reversion import reversion_trades
from tests.samples.markets import week_panel

SETS = int(os.environ.get("LEADFOLLOW_ORACLE_SETS", "4"))


def drawn(number: int) -> tuple[bool, dict[str, Any]]:
    """Whether the set is lead/follow's, and its parameters: thresholds at which the week trades."""
    rng = np.random.default_rng(100 + number)
    common: dict[str, Any] = {
        "reference": str(rng.choice(["raw", "excess"])),
        "fill": str(rng.choice(["close", "next_open"])),
        "overlap": bool(rng.random() < 0.3),
        "max_age_min": float(rng.choice([0.0, 1.0, np.inf])),
        "fees_bps": 10.0,
        "slippage_bps": 1.0,
        "funding_on": False,
        "flat_is_price": False,
        "allowed": None,
        "basis_min": 720,
    }
    if number % 3 < 2:
        return True, common | {
            "mode": str(rng.choice(["short", "long"])),
            "touch": str(rng.choice(["close", "intrabar"])),
            "window": int(rng.integers(1, 11)),
            "move_pct": round(float(rng.uniform(0.01, 0.12)), 3),
            "spread_entry": round(float(rng.uniform(0.0, 0.03)), 3),
            "tp": round(float(rng.uniform(0.03, 0.3)), 3),
            "sl": round(float(rng.uniform(0.03, 0.3)), 3),
            "horizon": int(rng.integers(1, 40)),
            "cooldown": int(rng.integers(1, 30)),
        }
    entry = round(float(rng.uniform(0.01, 0.06)), 3)
    return False, common | {
        "entry": entry,
        "exit": round(entry * float(rng.uniform(0.0, 0.9)), 4),
        "max_hold": int(rng.integers(1, 90)),
        "min_gap": int(rng.integers(1, 20)),
    }


@pytest.mark.parametrize("number", range(SETS))
def test_every_trade_of_the_week_is_the_references(
    number: int, shared_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel = week_panel(shared_data)
    frame = {name: panel.frame.column(name).tolist() for name in panel.frame.table}
    known: dict[tuple[str, int], list[float]] = {}

    def once(columns: Any, reference: str, basis_min: int) -> list[float]:
        key = (reference, basis_min)
        if key not in known:
            known[key] = reference_pct(columns, reference, basis_min)
        return known[key]

    is_lead, p = drawn(number)
    for module in (lead_module, reversion_module):
        monkeypatch.setattr(module, "reference_pct", once)
    ours = ours_lead(frame, p) if is_lead else ours_reversion(frame, p)
    theirs = lead_trades(frame, **p) if is_lead else reversion_trades(frame, **p)
    assert len(theirs) > 0, "the set must trade, or it proves nothing"
    assert_same(ours, theirs)
