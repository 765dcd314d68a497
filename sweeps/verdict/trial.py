"""The honest trial of a winner: rows that its search never saw, and how sure one may be."""

from collections.abc import Sequence
from dataclasses import dataclass

from research.features.panel import Panel
from research.statistics.bounds import CONFIDENCE, lower_bounds
from strategies.backtest.backtest import BacktestResult, backtest
from sweeps.study.study import Best, StudySpec

__all__ = ["Candidate", "Verdict", "judge", "trial_all", "try_candidate"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """The best set of one study, on the rows it was found on and on those after them."""

    spec: StudySpec
    best: Best
    inside: BacktestResult
    outside: BacktestResult


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Whether a candidate may trade, and why."""

    enabled: bool
    reason: str
    lcb_pnl: float  # percent, one-sided 95 %, out of sample
    lcb_family: float  # the same when all candidates together may be wrong with 5 %


def try_candidate(panel: Panel, spec: StudySpec, best: Best, test_rows: slice) -> Candidate:
    """Runs the winner of a study on its training rows and on ``test_rows``."""
    costs, execution = spec.model.costs(best.params), spec.model.execution
    inside, outside = (
        backtest(panel, best.params, execution=execution, costs=costs, rows=rows)
        for rows in (spec.rows, test_rows)
    )
    return Candidate(spec=spec, best=best, inside=inside, outside=outside)


def trial_all(
    panel: Panel, found: Sequence[tuple[StudySpec, Best | None]], min_events_out: int
) -> list[tuple[Candidate, Verdict]]:
    """Every study's best set with its verdict, on all rows after those of the search."""
    candidates = [
        try_candidate(panel, spec, best, slice(spec.rows.stop, len(panel)))
        for spec, best in found
        if best is not None
    ]
    return list(zip(candidates, judge(candidates, min_events_out), strict=True))


def judge(candidates: Sequence[Candidate], min_events_out: int) -> list[Verdict]:
    """A verdict for every candidate.

    A set is enabled if its lower bound is positive on the rows it was found on, positive on the
    rows after them, and still positive there after Bonferroni's correction for the number of
    candidates: of thirty sets without any edge, one or two pass an uncorrected 95 % test.
    """
    return [_judge(each, min_events_out, len(candidates)) for each in candidates]


def _judge(candidate: Candidate, min_events_out: int, tests: int) -> Verdict:
    inside, outside = candidate.inside.report(), candidate.outside.report()
    of_all = 1 - (1 - CONFIDENCE) / tests
    family = float(lower_bounds(outside.avg_pnl, outside.pnl_std, outside.events, of_all))
    reason = ""
    if not inside.lcb_pnl > 0:
        reason = (
            f"in-sample lower bound {inside.lcb_pnl:+.4f} % is not positive: "
            "nothing was found to begin with"
        )
    elif outside.events < min_events_out:
        reason = f"{outside.events} trades out of sample, needs {min_events_out}"
    elif not outside.lcb_pnl > 0:
        reason = (
            f"out-of-sample lower bound {outside.lcb_pnl:+.4f} % is not positive "
            f"({outside.events} trades, mean {outside.avg_pnl:+.4f} %)"
        )
    elif not family > 0:
        reason = (
            f"out-of-sample lower bound {outside.lcb_pnl:+.4f} % does not survive being one of "
            f"{tests} candidates (corrected {family:+.4f} %)"
        )
    passed = (
        f"out-of-sample mean {outside.avg_pnl:+.4f} % over {outside.events} trades, lower bound "
        f"{outside.lcb_pnl:+.4f} %, corrected for {tests} candidates {family:+.4f} %"
    )
    return Verdict(
        enabled=not reason,
        reason=reason or passed,
        lcb_pnl=outside.lcb_pnl,
        lcb_family=family,
    )
