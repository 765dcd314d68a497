"""Why nothing triggered: how far away the data was, and which threshold to lower."""

from dataclasses import dataclass

import numpy as np

from research.features.panel import Panel
from strategies.law.filters import is_comparable
from strategies.registry import Params, strategy_of

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
    else:
        lines += strategy_of(params).silence(panel, params, rows, known)
    return Silence(lines=tuple(lines))
