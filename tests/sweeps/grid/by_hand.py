"""A grid whose trades are known."""

from dataclasses import replace
from typing import Any

import numpy as np

from research.features.labels import SEGMENTS, RegimeEdges
from research.measures.costs import Costs
from research.provenance import Origin
from strategies.law.execution import EXECUTABLE
from strategies.reversion import ReversionParams
from sweeps.axes import grid_spec
from sweeps.grid.result import GridResult
from sweeps.tally import Tally

__all__ = ["SPEC", "by_hand"]

SPEC = grid_spec(
    ReversionParams(), {"entry": [0.02, 0.04], "exit": [0.01, 0.03], "max_hold": [15, 30, 60]}
)
# sets in C order: entry, exit, max_hold; the third row (entry 0.02, exit 0.03) is not valid
EVENTS = [[40, 50, 20], [0, 0, 0], [10, 5, 0], [30, 30, 31]]
MEANS = [[-0.2, 0.1, 0.9], [0, 0, 0], [0.3, -0.4, 0], [0.4, 0.2, 0.3]]


def by_hand(**changes: Any) -> GridResult:
    """A grid with known trades in ``all`` and ``us/wild``, none in the other segments."""
    tally = Tally.empty(SPEC.size)
    events, means = np.array(EVENTS).ravel(), np.array(MEANS).ravel()
    for index, segment in enumerate(SEGMENTS):
        if segment.name in ("all", "us/wild"):
            tally.counts["events"][index] = events
            tally.counts["hold"][index] = events * 7
            tally.sums["net"][index] = events * means
            tally.sums["gross"][index] = events * (means + 0.22)
            tally.sums["net_squared"][index] = events * means**2
            tally.worst[index] = np.where(events > 0, means, np.nan)
    result = GridResult(
        spec=SPEC,
        market="BTC",
        label="BTC [SYNTHETIC] a .. b",
        origin=Origin(content_sha256="x", first_minute="a", last_minute="b", is_synthetic=True),
        edges=RegimeEdges(low=0.1, high=0.2, fitted_on="train", is_in_sample=False),
        feature_settings={},
        execution=EXECUTABLE,
        costs=Costs(fees_bps=20, slippage_bps=0.5, funding=True),
        has_funding=True,
        rows=slice(0, 100),
        tally=tally,
    )
    return replace(result, **changes)
