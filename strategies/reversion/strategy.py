"""Spread reversion as the rest of the house sees it."""

from research.measures.report import columns_without
from strategies.law.strategy import LevelsRule, Strategy
from strategies.reversion.adapter import LEGS, signals, trades
from strategies.reversion.params import ReversionParams
from strategies.reversion.silence import silence

__all__ = ["STRATEGY"]


def _threshold(params: ReversionParams) -> float:
    return params.entry


STRATEGY = Strategy(
    name="reversion",
    params_type=ReversionParams,
    legs=LEGS,
    modes=(),
    entry_axes=("entry", "min_gap"),
    exit_axes=("exit", "max_hold"),
    hold_axis="max_hold",
    # nobody follows its two legs on the way
    report_columns=columns_without("tp_share", "sl_share", "horizon_share", "mae_mean", "mfe_mean"),
    event_columns=(
        *("entry_time", "exit_time", "side", "entry_spread_pct", "exit_spread_pct"),
        *("gross_pct", "net_pct", "reason"),
    ),
    default_axes={
        "entry": "0.02:0.12:0.01",
        "exit": [0.0, 0.01, 0.02, 0.03],
        "max_hold": [15, 30, 60, 120],
        "min_gap": [5],
    },
    heatmap_axes=("entry", "exit"),
    trades=trades,
    signals=signals,
    threshold=_threshold,
    silence=silence,
    rule=LevelsRule(low="exit", high="entry"),
)
