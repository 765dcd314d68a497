"""Why spread reversion did not trigger: how far away the data was, which threshold to lower."""

import numpy as np

from research.arrays import Bools, Floats
from research.features.panel import Panel
from strategies.law.ranges import range_words
from strategies.reversion.params import ReversionParams

__all__ = ["silence"]


def silence(panel: Panel, params: ReversionParams, rows: slice, known: Bools) -> list[str]:
    """Sentences about the usable minutes ``known`` of ``rows``."""
    return _lines(params, panel.reference(params.reference)[rows][known])


def _lines(params: ReversionParams, spread: Floats) -> list[str]:
    widest = float(np.max(np.abs(spread)))
    lines = [f"spread {range_words(spread)}; an entry needs |spread| to cross {params.entry:g} %"]
    if widest < params.entry:
        lines.append(f"|spread| reached {widest:.4f} %: lower entry to that or less")
    else:
        lines.append(
            f"|spread| reached {widest:.4f} %, but never crossed {params.entry:g} % between two "
            "comparable minutes: change entry, or the filters"
        )
    return lines
