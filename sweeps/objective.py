"""What a study maximises: the lower bound of the mean net pnl, with enough trades to mean it."""

from dataclasses import dataclass

from research.errors import ParamError
from research.features.labels import REGIMES, SESSIONS, Segment
from research.features.panel import Panel
from research.metrics import Report
from strategies.backtest import backtest, with_filters
from strategies.model import Model
from strategies.registry import Params

__all__ = ["UNSCORED", "Score", "confined", "score"]

UNSCORED = -100.0  # percent: worse than any trade; for sets whose bound is unknown


@dataclass(frozen=True, slots=True)
class Score:
    """How one parameter set did on the training rows."""

    value: float  # lcb_pnl in percent, UNSCORED below two trades
    events: int
    report: Report | None  # None for an invalid set


def confined(params: Params, segment: Segment) -> Params:
    """``params`` that may enter in ``segment`` only: a winner trades where it was found."""
    sessions = SESSIONS if segment.session is None else (SESSIONS[segment.session],)
    regimes = REGIMES if segment.regime is None else (REGIMES[segment.regime],)
    return with_filters(params, sessions=sessions, regimes=regimes)


def score(panel: Panel, params: Params | ParamError, model: Model, rows: slice) -> Score:
    """The score of ``params``, read the way of ``model``, on ``rows``."""
    if isinstance(params, ParamError):
        return Score(UNSCORED, 0, None)
    result = backtest(
        panel, params, execution=model.execution, costs=model.costs(params), rows=rows
    )
    report = result.report()
    value = report.lcb_pnl if report.events >= 2 else UNSCORED
    return Score(value, report.events, report)
