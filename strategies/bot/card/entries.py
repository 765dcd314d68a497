"""The sections of a card that are ours: ``lead_follow`` and ``spread_reversion``.

One entry a segment and side, in the order in which they decide: the first that holds a minute's
labels. Percent of price and minutes as the names say; ``expected_win_rate`` is a fraction.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from strategies.bot.card.shape import sealed
from strategies.bot.conflicts import rank
from strategies.bot.contract import BotConfig
from strategies.bot.evidence import Evidence
from strategies.bot.sets import BotSet

__all__ = [
    "SECTION_OF",
    "expected_win_rate",
    "our_sections",
    "parameters_of",
    "whole_number",
    "word_of",
]

SECTION_OF = {"lead": "lead_follow", "reversion": "spread_reversion"}
"""Strategy to its section; another strategy's section has its name."""
_WORDS = {
    "tp": "target_profit_pct",
    "sl": "stop_loss_pct",
    "horizon": "max_hold_minutes",
    "max_hold": "max_hold_minutes",
}
_SUFFIX = {"percent": "_pct", "min": "_min"}


def our_sections(config: BotConfig) -> dict[str, Any]:
    """``lead_follow`` and ``spread_reversion``, and a section for each further strategy."""
    names = dict.fromkeys(each.strategy for each in config.sets)
    sections = SECTION_OF | {name: name for name in names if name not in SECTION_OF}
    return {section: _section(config, name) for name, section in sections.items()}


def expected_win_rate(sets: Iterable[BotSet]) -> float | None:
    """Share of winners out of sample over all trades of ``sets``, a fraction; None without any."""
    known = [_counts(each.out_of_sample) for each in sets]
    trades = sum(events for events, _ in known)
    return round(sum(wins for _, wins in known) / trades, 4) if trades else None


def whole_number(value: float) -> float:
    """``15`` for ``15.0``: minutes are counted."""
    return int(value) if float(value).is_integer() else value


def _section(config: BotConfig, strategy: str) -> dict[str, Any]:
    mine = [each for each in config.enabled if each.strategy == strategy]
    entries = [_entry(each) for each in sorted(mine, key=rank, reverse=True)]
    section = {
        "enabled": bool(entries),
        "market": config.market.dydx,
        "synthetic": config.synthetic,
        "expires_at": config.validity.expires_at if config.validity else None,
        "config_sha256": config.evidence_sha256,
        "sessions_utc": dict(config.sessions),
        "regime": {
            "atr_min": config.regime.atr_min,
            "calm_below_pct": config.regime.low,
            "wild_from_pct": config.regime.high,
        },
        "basis_min": config.basis_min,
        "entries": entries,
    }
    return sealed(section)


def _entry(each: BotSet) -> dict[str, Any]:
    report = each.out_of_sample.report
    return {
        "segment": each.segment,
        "mode": each.mode,
        "set": each.id,
        "forced": each.forced,
        "reference": each.reference,
        **parameters_of(each),
        "filters": _filters(each),
        "fees_bps": whole_number(each.costs.fees_bps),
        "slippage_bps": whole_number(each.costs.slippage_bps),
        "expected_win_rate": expected_win_rate([each]),
        "expected_pnl_pct": _rounded(report.get("avg_pnl")),
        "lower_bound_pct": _rounded(report.get("lcb_pnl")),
    }


def parameters_of(each: BotSet) -> dict[str, float]:
    """A set's parameters by the card's names."""
    return {
        word_of(name, parameter.unit): whole_number(parameter.value)
        for name, parameter in each.parameters.items()
    }


def word_of(name: str, unit: str) -> str:
    """The card's name of a parameter: ``stop_loss_pct`` for ``sl``, ``window_min``."""
    suffix = _SUFFIX[unit]
    return _WORDS.get(name, name if name.endswith(suffix) else name + suffix)


def _filters(each: BotSet) -> Mapping[str, Any]:
    """What asks for something; the age always."""
    usual = {
        "needs_alignment": False,
        "rsi_min": 0.0,
        "rsi_max": 100.0,
        "max_funding_pct": None,
        "score_column": None,
        "score_min": None,
    }
    mine = each.filters.model_dump(mode="json")
    asked = {name: mine[name] for name, value in usual.items() if mine[name] != value}
    if {"rsi_min", "rsi_max"} & asked.keys():
        asked["rsi_timeframe"] = mine["rsi_timeframe"]
    return {
        "sessions": mine["sessions"],
        "regimes": mine["regimes"],
        "max_age_min": None if mine["max_age_min"] is None else whole_number(mine["max_age_min"]),
    } | asked


def _counts(evidence: Evidence) -> tuple[float, float]:
    events, rate = (evidence.report.get(name) for name in ("events", "win_rate"))
    return (events, events * rate / 100) if events and rate is not None else (0.0, 0.0)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 6)
