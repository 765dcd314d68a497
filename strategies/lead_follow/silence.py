"""Why lead/follow did not trigger: how far away the data was, and which threshold to lower."""

import numpy as np

from research.arrays import Bools, Floats
from research.features.panel import Panel
from strategies.law.ranges import range_words
from strategies.lead_follow.params import LeadFollowParams

__all__ = ["silence"]


def silence(panel: Panel, params: LeadFollowParams, rows: slice, known: Bools) -> list[str]:
    """Sentences about the usable minutes ``known`` of ``rows``."""
    spread = panel.reference(params.reference)[rows][known]
    lead = panel.lead_return_pct(params.window)[rows][known]
    return _lines(params, spread, lead)


def _lines(params: LeadFollowParams, spread: Floats, lead: Floats) -> list[str]:
    # towards the trade: a short wants the spread high and the lead low
    towards, move = -params.side * spread, params.side * lead
    wide, moved = towards >= params.spread_entry, move >= params.move_pct
    lines = [
        f"spread {range_words(spread)}; {params.mode} needs {'>= +' if params.side < 0 else '<= -'}"
        f"{params.spread_entry:g} %: met on {int(wide.sum()):,} minutes",
        f"lead over {params.window} min {range_words(lead)}; {params.mode} needs "
        f"{'<= -' if params.side < 0 else '>= +'}{params.move_pct:g} %: met on "
        f"{int(moved.sum()):,} minutes",
    ]
    if moved.any():
        nearest = float(np.max(towards[moved]))
        lines.append(
            f"when Binance had moved enough, the spread came to {nearest:+.4f} % on the right "
            f"side: lower spread_entry to {max(nearest, 0.0):.4f} or less"
        )
    if wide.any() and not np.isnan(move[wide]).all():
        nearest = float(np.nanmax(move[wide]))
        lines.append(
            f"when the spread was wide enough, Binance had moved {nearest:+.4f} % at most: lower "
            f"move_pct to {max(nearest, 0.0001):.4f} or less"
        )
    if not moved.any() and not wide.any():
        lines.append("neither threshold was met once: lower both")
    return lines
