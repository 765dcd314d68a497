"""What a report says of prints that quality does not believe."""

from collections.abc import Sequence

from research.features.panel import Panel
from strategies.backtest.model import Model

__all__ = ["bad_print_words"]


def bad_print_words(panel: Panel, models: Sequence[Model]) -> str:
    """How many minutes hold a bad print, and whether TP and SL fire in them."""
    trusting = [model.name for model in models if model.execution.trusts_prints]
    fires = (
        f"TP and SL fire on them in: {', '.join(trusting)}"
        if trusting
        else ("no intrabar TP or SL fires in them (--trust-prints lets them)")
    )
    minutes = (
        "1 dYdX minute holds"
        if panel.bad_prints == 1
        else (f"{panel.bad_prints:,} dYdX minutes hold")
    )
    return f"{minutes} a print that quality does not believe: {fires}"
