"""Why nothing triggered: how far away the data was, and which threshold to lower."""

from dataclasses import dataclass

import numpy as np

from research.arrays import Floats
from research.features.panel import Panel
from strategies.law.filters import is_comparable
from strategies.lead_follow import LeadFollowParams
from strategies.registry import Params
from strategies.reversion import ReversionParams

__all__ = ["Silence", "explain_silence"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """The data against the thresholds, in sentences."""

    lines: tuple[str, ...]

    def __str__(self) -> str:
        return "\n".join(self.lines)


def explain_silence(panel: Panel, params: Params, rows: slice) -> Silence:
    """What kept ``params`` from a single trade in ``rows``."""
    usable = is_comparable(panel, params.filters.max_age_min)[rows]
    spread = panel.reference(params.reference)[rows]
    known = usable & ~np.isnan(spread)
    lines = [
        f"{len(usable):,} minutes, {int(usable.sum()):,} comparable, "
        f"{int(known.sum()):,} with a known {params.reference} spread",
    ]
    if not known.any():
        need = panel.settings.features.basis_min // 6
        lines.append(
            f"no minute to judge: the excess spread needs {need} minutes of history; "
            "take --reference raw or a longer span"
        )
    elif isinstance(params, LeadFollowParams):
        lead = panel.lead_return_pct(params.window)[rows]
        lines += _lead_lines(params, spread[known], lead[known])
    else:
        lines += _reversion_lines(params, spread[known])
    return Silence(lines=tuple(lines))


def _lead_lines(params: LeadFollowParams, spread: Floats, lead: Floats) -> list[str]:
    # towards the trade: a short wants the spread high and the lead low
    towards, move = -params.side * spread, params.side * lead
    wide, moved = towards >= params.spread_entry, move >= params.move_pct
    lines = [
        f"spread {_range(spread)}; {params.mode} needs {'>= +' if params.side < 0 else '<= -'}"
        f"{params.spread_entry:g} %: met on {int(wide.sum()):,} minutes",
        f"lead over {params.window} min {_range(lead)}; {params.mode} needs "
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


def _reversion_lines(params: ReversionParams, spread: Floats) -> list[str]:
    widest = float(np.max(np.abs(spread)))
    lines = [f"spread {_range(spread)}; an entry needs |spread| to cross {params.entry:g} %"]
    if widest < params.entry:
        lines.append(f"|spread| reached {widest:.4f} %: lower entry to that or less")
    else:
        lines.append(
            f"|spread| reached {widest:.4f} %, but never crossed {params.entry:g} % between two "
            "comparable minutes: change entry, or the filters"
        )
    return lines


def _range(values: Floats) -> str:
    if np.isnan(values).all():
        return "unknown throughout"
    return f"{np.nanmin(values):+.4f} .. {np.nanmax(values):+.4f} %"
