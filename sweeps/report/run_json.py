"""What a run found, as ``report.json``: what its page, and whoever compares runs, reads."""

from collections.abc import Mapping, Sequence
from typing import Any

from research.features.panel import Panel
from research.measures.tables import report_json
from strategies.backtest.backtest import BacktestResult
from sweeps.report.page.run_folder import RUN_SCHEMA
from sweeps.report.summary import RunFindings
from sweeps.report.week import spread_distribution
from sweeps.study.search import fallbacks_in

__all__ = ["run_json"]


def run_json(
    panel: Panel, found: RunFindings, provenance: Mapping[str, Any], doubts: Sequence[str]
) -> dict[str, Any]:
    """Ready for JSON; unknown numbers are null.

    Parameters
    ----------
    provenance
        Where the run came from, its settings among it.
    doubts
        What quality found in the minutes, in sentences.
    """
    return {
        "schema": RUN_SCHEMA,
        "synthetic": panel.frame.is_synthetic,
        "findings": list(doubts),
        "bad_print_minutes": panel.bad_prints,
        "provenance": dict(provenance),
        "train_rows": [found.train_rows.start, found.train_rows.stop],
        "spread": spread_distribution(panel, slice(0, len(panel))),
        "analyses": {
            analysis.name: {
                name: report_json(result.segments(), result.strategy.report_columns)
                for name, result in analysis.results.items()
            }
            for analysis in found.analyses
        },
        "searches": {
            spec.name: None if best is None else {"lcb_pnl": best.lcb_pnl, "events": best.events}
            for spec, best in found.studies
        },
        "search_fallbacks": {
            name: segment.name for name, segment in fallbacks_in(found.studies).items()
        },
        "verdict": {
            each.name: {
                "enabled": each.enabled,
                "reason": each.reason,
                "in_sample": _told(each.inside),
                "out_of_sample": each.report.to_json(),
                "holdout": _told(each.held_out),
                "vectorbt": found.replays.get(each.name),
            }
            for each in (found.verdict.judged if found.verdict else ())
        },
    }


def _told(result: BacktestResult | None) -> dict[str, float | int | None] | None:
    return None if result is None else result.report().to_json()
