"""Lead/follow as the rest of the house sees it."""

from collections.abc import Mapping

from research.arrays import Floats, Ints
from research.features.panel import Panel
from research.measures.report import columns_without
from strategies.law.strategy import Strategy
from strategies.lead_follow.adapter import LEGS, signals, trades
from strategies.lead_follow.params import LeadFollowParams
from strategies.lead_follow.silence import silence

__all__ = ["STRATEGY"]


def _threshold(params: LeadFollowParams) -> float:
    return -params.side * params.spread_entry


def _trade_columns(panel: Panel, params: LeadFollowParams, entry: Ints) -> Mapping[str, Floats]:
    return {"lead_pct": panel.lead_return_pct(params.window)[entry]}


STRATEGY = Strategy(
    name="lead",
    params_type=LeadFollowParams,
    legs=LEGS,
    modes=("short", "long"),
    entry_axes=("window", "move_pct", "spread_entry", "cooldown"),
    exit_axes=("tp", "sl", "horizon"),
    hold_axis="horizon",
    report_columns=columns_without("revert_share", "timeout_share"),
    event_columns=(
        *("entry_time", "exit_time", "mode", "entry_price", "exit_price", "gross_pct", "net_pct"),
        *("reason", "mae_pct", "mfe_pct", "spread_pct", "lead_pct"),
    ),
    default_axes={
        "window": [3, 5, 10],
        "move_pct": "0.04:0.20:0.04",
        "spread_entry": "0.00:0.10:0.02",
        "tp": [0.20, 0.40, 0.80],
        "sl": [0.20, 0.40],
        "horizon": [5, 15, 30],
        "cooldown": [10],
    },
    heatmap_axes=("spread_entry", "move_pct"),
    trades=trades,
    signals=signals,
    threshold=_threshold,
    silence=silence,
    uses_lead=True,
    tracks_excursions=True,
    trade_columns=_trade_columns,
    flags={"window": "--binance-drop-window", "move_pct": "--binance-drop-pct"},
)
