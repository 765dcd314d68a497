"""The weekly look: spread distribution, every strategy and side, in both models."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from research.arrays import Floats
from research.features.panel import Panel
from research.measures.tables import report_json
from research.provenance import provenance
from research.strict_json import finite_or_none
from strategies.backtest.backtest import BacktestResult, backtest
from strategies.backtest.model import Model
from strategies.backtest.silence import explain_silence
from strategies.registry import Params, title_of

__all__ = ["QUANTILES", "Analysis", "analyse", "spread_distribution", "week_json"]

QUANTILES = (0.01, 0.05, 0.25, 0.50, 0.75, 0.95, 0.99)


@dataclass(frozen=True, slots=True)
class Analysis:
    """One parameter set in every model shown."""

    name: str
    results: Mapping[str, BacktestResult]  # by model name
    models: tuple[Model, ...]

    def silence(self) -> dict[str, str]:
        """Why a model made no trade, by model name; empty where all did."""
        return {
            name: str(explain_silence(result.panel, result.params, result.rows))
            for name, result in self.results.items()
            if len(result) == 0
        }


def analyse(panel: Panel, params: Params, models: Sequence[Model], rows: slice) -> Analysis:
    """``params`` on ``rows`` of ``panel`` in every model."""
    results = {}
    for model in models:
        used = model.apply(params)
        results[model.name] = backtest(
            panel, used, execution=model.execution, costs=model.costs(used), rows=rows
        )
    return Analysis(title_of(params), results, tuple(models))


def spread_distribution(panel: Panel, rows: slice) -> dict[str, dict[str, float | None]]:
    """Count, mean, std, extremes and quantiles of the raw and the excess spread, percent."""
    return {
        "spread_pct": _distribution(panel.spread_pct[rows]),
        "spread_excess_pct": _distribution(panel.spread_excess_pct[rows]),
    }


def week_json(
    panel: Panel,
    rows: slice,
    analyses: Sequence[Analysis],
    command: Sequence[str],
    doubts: Sequence[str] = (),
) -> dict[str, Any]:
    """Everything that the weekly look found, for JSON: NaN is null.

    ``doubts``: what quality says against these minutes.
    """
    parameters = {
        f"{analysis.name}/{model.name}": _describe(analysis.results[model.name], model)
        for analysis in analyses
        for model in analysis.models
    }
    return {
        "schema": "leadfollow.week/1",
        "market": panel.frame.market,
        "synthetic": panel.frame.is_synthetic,
        "findings": list(doubts),
        "bad_print_minutes": panel.bad_prints,
        "provenance": provenance(origin=panel.frame.origin, parameters=parameters, command=command),
        "edges": {
            "low": finite_or_none(panel.edges.low),
            "high": finite_or_none(panel.edges.high),
            "fitted_on": panel.edges.fitted_on,
            "edges": "in-sample" if panel.edges.is_in_sample else "out-of-sample",
        },
        "spread": spread_distribution(panel, rows),
        "analyses": {
            analysis.name: {
                name: {
                    "signals_dropped_by_age": result.dropped_by_age,
                    "fills_without_a_trade": result.silent_fills,
                    "reports": report_json(result.segments(), result.strategy.report_columns),
                }
                for name, result in analysis.results.items()
            }
            for analysis in analyses
        },
    }


def _describe(result: BacktestResult, model: Model) -> dict[str, Any]:
    filters = result.params.filters
    return {
        "params": {name: getattr(result.params, name) for name in result.strategy.axes},
        "reference": result.params.reference,
        "max_age_min": finite_or_none(filters.max_age_min),
        "entries": filters.describe() or "all",
        "model": model.describe(),
        "fees_bps": result.costs.fees_bps,
        "slippage_bps": result.costs.slippage_bps,
        "funding": bool(result.funding_venues),
        "funding_venues": list(result.funding_venues),
    }


def _distribution(values: Floats) -> dict[str, float | None]:
    known = values[~np.isnan(values)]
    if not known.size:
        return {"count": 0.0}
    quantiles = np.quantile(known, QUANTILES)
    return {
        "count": float(known.size),
        "mean": float(known.mean()),
        "std": finite_or_none(float(known.std(ddof=1)) if known.size > 1 else np.nan),
        "min": float(known.min()),
        "max": float(known.max()),
        **{f"p{q * 100:02.0f}": float(v) for q, v in zip(QUANTILES, quantiles, strict=True)},
    }
