"""Winners into a bot config: what survived is enabled, the rest says why not."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from research.atomic import write_text
from research.features.panel import Panel
from research.provenance import provenance
from research.settings.market import MarketSettings
from strategies.backtest.backtest import BacktestResult
from strategies.bot.config import (
    BotConfig,
    BotSet,
    CostsAssumed,
    Evidence,
    ExecutionAssumed,
    Filters,
    MarketNames,
    ParameterValue,
    RegimeRule,
)
from strategies.law.bounds import bounds
from strategies.law.filters import EntryFilters
from sweeps.settings import Settings
from sweeps.verdict.trial import Candidate, Verdict

__all__ = ["bot_config", "write_bot_config"]


def bot_config(
    panel: Panel,
    settings: Settings,
    judged: Sequence[tuple[Candidate, Verdict]],
    *,
    command: Sequence[str],
) -> BotConfig:
    """The config of all judged candidates on one panel; ``settings`` of their search."""
    made_by, frame = panel.settings, panel.frame
    names = settings.markets.get(
        frame.market, MarketSettings(binance=frame.market, dydx=frame.market)
    )
    edges = panel.edges
    return BotConfig(
        synthetic=frame.is_synthetic,
        market=MarketNames(name=frame.market, binance=names.binance, dydx=names.dydx),
        sessions={
            "asia": made_by.sessions.asia,
            "europe": made_by.sessions.europe,
            "us": made_by.sessions.us,
        },
        basis_min=made_by.features.basis_min,
        regime=RegimeRule(
            atr_min=made_by.features.atr_min,
            low=_finite(edges.low),
            high=_finite(edges.high),
            fitted_on=edges.fitted_on,
            edges="in-sample" if edges.is_in_sample else "training span",
        ),
        sets=tuple(_bot_set(candidate, verdict) for candidate, verdict in judged),
        provenance=provenance(
            origin=frame.origin,
            parameters=settings.model_dump(mode="json", include={"study", "export", "axes"}),
            command=command,
            seed=settings.study.seed,
        ),
    )


def write_bot_config(config: BotConfig, path: Path) -> None:
    """Writes ``config`` atomically. Raises StoreError."""
    write_text(path, config.to_json())


def _bot_set(candidate: Candidate, verdict: Verdict) -> BotSet:
    spec, params, outside = candidate.spec, candidate.best.params, candidate.outside
    units = bounds(params)
    mode: Any = getattr(params, "mode", "both")
    strategy: Any = outside.strategy.name
    return BotSet(
        id=spec.name,
        enabled=verdict.enabled,
        reason=verdict.reason,
        strategy=strategy,
        mode=mode,
        segment=spec.segment.name,
        reference=params.reference,
        parameters={
            name: ParameterValue.model_validate(
                {"value": getattr(params, name), "unit": units[name].unit}
            )
            for name in outside.strategy.axes
        },
        filters=_filters(params.filters),
        execution=ExecutionAssumed(
            fill=outside.execution.fill,
            touch=outside.execution.touch,
            overlap=outside.execution.overlap,
        ),
        costs=CostsAssumed(
            fees_bps=outside.costs.fees_bps,
            slippage_bps=outside.costs.slippage_bps,
            funding=outside.costs.funding and outside.panel.frame.has_funding,
        ),
        in_sample=_evidence(candidate.inside),
        out_of_sample=_evidence(outside),
        sets_tried=candidate.best.sets_tried,
    )


def _filters(filters: EntryFilters) -> Filters:
    values = {name: getattr(filters, name) for name in Filters.model_fields}
    return Filters.model_validate(
        values
        | {
            "max_age_min": _finite(filters.max_age_min),
            "max_funding_pct": _finite(filters.max_funding_pct),
            "score_min": _finite(filters.score_min),
        }
    )


def _evidence(result: BacktestResult) -> Evidence:
    index = result.panel.frame.table.index
    return Evidence(
        first_minute=f"{index[result.rows.start]:%Y-%m-%dT%H:%MZ}",
        last_minute=f"{index[result.rows.stop - 1]:%Y-%m-%dT%H:%MZ}",
        report=dict(result.report().to_json(result.strategy.report_columns)),
    )


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
