"""Winners into a bot config: what survived is enabled, the rest says why not."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from research.atomic import write_text
from research.features.panel import Panel
from research.provenance import provenance
from research.settings.market import MarketSettings
from research.strict_json import finite_or_none
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
from sweeps.verdict.judgement import Judged

__all__ = ["bot_config", "write_bot_config"]


def bot_config(
    panel: Panel,
    settings: Settings,
    judged: Sequence[Judged],
    *,
    command: Sequence[str],
) -> BotConfig:
    """The config of all judged claims that have a set; ``settings`` of their search.

    Parameters
    ----------
    panel
        With the regime edges that the sets were found with.
    """
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
            low=finite_or_none(edges.low),
            high=finite_or_none(edges.high),
            fitted_on=edges.fitted_on,
            edges="in-sample" if edges.is_in_sample else "training span",
        ),
        sets=tuple(_bot_set(panel, each) for each in judged if each.params is not None),
        provenance=provenance(
            origin=frame.origin,
            parameters=settings.model_dump(mode="json", include={"study", "verdict", "axes"}),
            command=command,
            seed=settings.study.seed,
        ),
    )


def write_bot_config(config: BotConfig, path: Path) -> None:
    """Writes ``config`` atomically. Raises StoreError."""
    write_text(path, config.to_json())


def _bot_set(panel: Panel, judged: Judged) -> BotSet:
    params, inside = judged.params, judged.inside
    assert params is not None and inside is not None  # noqa: S101, PT018 (asked by the caller)
    units = bounds(params)
    mode: Any = inside.strategy.mode_of(params)
    return BotSet(
        id=judged.name,
        enabled=judged.enabled,
        reason=judged.reason,
        strategy=inside.strategy.name,
        mode=mode,
        segment=judged.claim.where.name,
        reference=params.reference,
        parameters={
            name: ParameterValue.model_validate(
                {"value": getattr(params, name), "unit": units[name].unit}
            )
            for name in inside.strategy.axes
        },
        filters=_filters(params.filters),
        execution=ExecutionAssumed(
            fill=inside.execution.fill,
            touch=inside.execution.touch,
            overlap=inside.execution.overlap,
        ),
        costs=CostsAssumed(
            fees_bps=inside.costs.fees_bps,
            slippage_bps=inside.costs.slippage_bps,
            funding=inside.costs.funding and inside.panel.frame.has_funding,
        ),
        in_sample=_evidence(inside),
        out_of_sample=_pooled(panel, judged),
        sets_tried=judged.sets_tried,
    )


def _filters(filters: EntryFilters) -> Filters:
    values = {name: getattr(filters, name) for name in Filters.model_fields}
    return Filters.model_validate(
        values
        | {
            "max_age_min": finite_or_none(filters.max_age_min),
            "max_funding_pct": finite_or_none(filters.max_funding_pct),
            "score_min": finite_or_none(filters.score_min),
        }
    )


def _evidence(result: BacktestResult) -> Evidence:
    return Evidence(
        first_minute=_minute(result.panel, result.rows.start),
        last_minute=_minute(result.panel, result.rows.stop - 1),
        report=dict(result.report().to_json(result.strategy.report_columns)),
    )


def _pooled(panel: Panel, judged: Judged) -> Evidence:
    """The walk's trades: of the sets that each of its searches chose."""
    columns = judged.strategy.report_columns
    return Evidence(
        first_minute=_minute(panel, judged.pooled_rows.start),
        last_minute=_minute(panel, judged.pooled_rows.stop - 1),
        report=dict(judged.report.to_json(columns)),
    )


def _minute(panel: Panel, row: int) -> str:
    return f"{panel.frame.table.index[row]:%Y-%m-%dT%H:%MZ}"
