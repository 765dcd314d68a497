"""First minute as the rest of the house sees it."""

import numpy as np

from research.arrays import Bools
from research.features.panel import Panel
from research.measures.report import columns_without
from strategies.law.ranges import range_words
from strategies.law.strategy import LevelsRule, Strategy
from tests.samples.first_minute.adapter import LEGS, signals, trades
from tests.samples.first_minute.params import FirstMinuteParams

__all__ = ["STRATEGY"]


def _threshold(params: FirstMinuteParams) -> float:
    return -params.side * params.spread_entry


def _silence(panel: Panel, params: FirstMinuteParams, rows: slice, known: Bools) -> list[str]:
    spread = -params.side * panel.reference(params.reference)[rows][known]
    return [
        f"spread {range_words(spread)} on the side of the trade; an entry needs its first minute "
        f"at {params.spread_entry:g} %: lower spread_entry to {np.nanmax(spread):.4f} or less"
    ]


STRATEGY = Strategy(
    name="first",
    params_type=FirstMinuteParams,
    legs=LEGS,
    modes=("short", "long"),
    entry_axes=("spread_entry", "cooldown"),
    exit_axes=("spread_exit", "hold"),
    hold_axis="hold",
    report_columns=columns_without("tp_share", "sl_share", "horizon_share", "mae_mean", "mfe_mean"),
    event_columns=("entry_time", "exit_time", "mode", "gross_pct", "net_pct", "reason"),
    default_axes={"spread_entry": [0.03, 0.06], "spread_exit": [0.0, 0.03], "hold": [5, 15]},
    heatmap_axes=("spread_entry", "spread_exit"),
    trades=trades,
    signals=signals,
    threshold=_threshold,
    silence=_silence,
    rule=LevelsRule(low="spread_exit", high="spread_entry"),
)
