"""Which sets may trade: claims proven by the walk, sets found by its last search, a holdout that
does not refute them.

What decides, and why no more does:

- *proven*: p after all gates at most alpha (:mod:`sweeps.verdict.proof`);
- *lower bound*: the pooled trades' lower bound, as in every table, is above 0;
- *last search*: the search on everything before the holdout found a set to export;
- *holdout*: that set's trades there do not refute it: the upper 95 % bound of their mean is above
  0. A holdout of 15 % has too few trades to prove an edge of a few basis points once more (asked
  to, it would throw away two of five), but a broken set shows.

Everything else (stress, placebos, search bias) is measured and shown beside them.
"""

import math
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace

from research.errors import EvidenceError
from research.features.panel import Panel
from research.measures.report import Report, report
from research.statistics.mean_test import MeanTest, mean_test
from strategies.backtest.backtest import BacktestResult, backtest
from strategies.backtest.model import Model
from strategies.registry import Params, Strategy, strategy_named
from sweeps.settings import VerdictSettings
from sweeps.verdict.choice import Choice
from sweeps.verdict.claims import Claim
from sweeps.verdict.lines import Line
from sweeps.verdict.proof import Proof, beyond_p, prove
from sweeps.verdict.walk import MINUTES_OF_A_DAY, Trades, Walk

__all__ = ["Judged", "judge", "pooled_report", "with_set"]

_LAST_SEARCH, _HOLDOUT = "last search", "holdout"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Judged:
    """One claim, the set that would trade it, and whether it may."""

    claim: Claim
    proof: Proof
    trades: Trades  # pooled, out of sample
    pooled_rows: slice  # of the frame: where they were entered
    params: Params | None  # the set: that of the last search; None where it found none
    inside: BacktestResult | None  # that set on the rows of its search
    held_out: BacktestResult | None  # and on the holdout
    lines: tuple[Line, ...]  # those that decide
    sets_tried: int

    @property
    def name(self) -> str:
        """``lead-long.all``."""
        return self.claim.name

    @property
    def strategy(self) -> Strategy:
        """The strategy of the claim."""
        return strategy_named(self.claim.strategy)

    def costs_pct(self, model: Model) -> float:
        """Fees and slippage of a round trip, percent: what every trade was charged alike."""
        costs = model.costs(self.strategy.params_type())
        return costs.fees_pct + costs.slippage_pct(self.strategy.legs)

    @property
    def enabled(self) -> bool:
        """Whether every line that decides is passed."""
        return all(line.passed for line in self.lines)

    @property
    def reason(self) -> str:
        """Why it may trade, or the first line that it does not pass."""
        failed = [line.sentence for line in self.lines if not line.passed]
        return failed[0] if failed else self.lines[0].sentence

    @property
    def report(self) -> Report:
        """Every report column of the pooled trades."""
        return pooled_report(self.trades, self.claim)


def judge(walk: Walk, settings: VerdictSettings, seed: int) -> list[Judged]:
    """Every claim of ``walk``, judged; sides first where they come first in the walk."""
    proofs = prove(walk, settings, seed)
    sides = {claim.base: claim for claim in walk.claims if claim.is_everywhere}
    judged: dict[Claim, Judged] = {}
    # a cell waits for its session and its regime, these for their side
    for claim in sorted(walk.claims, key=lambda each: len(each.parents())):
        lines = [
            _proven(proofs[claim], settings.alpha, _stayed_out(walk, claim)),
            _bound(walk.trades[claim], claim),
            *_alone(claim, proofs, walk, settings, seed, sides, judged),
        ]
        judged[claim] = _judged(walk, proofs[claim], lines, seed)
    return [judged[claim] for claim in walk.claims]


def with_set(
    judged: Judged,
    walk: Walk,
    panel: Panel,
    params: Params,
    rows: slice,
    sets_tried: int,
    seed: int,
) -> Judged:
    """The same claim with a set that another search found on ``rows`` of ``panel``.

    What is proven stays proven: searching pays. The set itself must not be refuted by the holdout.

    Raises
    ------
    EvidenceError
        ``rows`` reach into the holdout.
    """
    if rows.stop > walk.last.test.start:
        raise EvidenceError(
            f"{judged.name}: searched on rows up to {rows.stop:,}, the holdout begins at "
            f"{walk.last.test.start:,}; lower study.train_share or verdict.holdout_share"
        )
    inside, held_out = _tried(walk, panel, params, rows)
    kept = [line for line in judged.lines if line.check not in (_LAST_SEARCH, _HOLDOUT)]
    return replace(
        judged,
        params=params,
        inside=inside,
        held_out=held_out,
        lines=(*kept, _holdout(judged.claim, held_out, seed)),
        sets_tried=judged.sets_tried + sets_tried,
    )


def _judged(walk: Walk, proof: Proof, lines: list[Line], seed: int) -> Judged:
    claim, choice = proof.claim, walk.last.chosen.get(proof.claim)
    inside = held_out = None
    if choice is None:
        lines.append(
            Line(
                claim=claim.name,
                check=_LAST_SEARCH,
                needs="a set",
                passed=False,
                decides=True,
                sentence=_nothing_found(walk.last.seen.get(claim)),
            )
        )
    else:
        inside, held_out = _tried(walk, walk.last.panel, choice.params, walk.last.train)
        lines.append(_holdout(claim, held_out, seed))
    return Judged(
        claim=claim,
        proof=proof,
        trades=walk.trades[claim],
        pooled_rows=walk.pooled_rows,
        params=None if choice is None else choice.params,
        inside=inside,
        held_out=held_out,
        lines=tuple(lines),
        sets_tried=walk.sets * (len(walk.steps) + 1),
    )


def _nothing_found(seen: Choice | None) -> str:
    where = "the search on everything before the holdout"
    if seen is None:
        return f"{where} found no set with enough trades"
    return (
        f"{where} found no set that earns: the best plateau's makes {seen.mean:+.4f} % a trade "
        f"over {seen.events} trades"
    )


def _tried(
    walk: Walk, panel: Panel, params: Params, rows: slice
) -> tuple[BacktestResult, BacktestResult]:
    """A set on the rows of its search and on the holdout."""
    inside, held_out = (
        backtest(
            panel,
            params,
            execution=walk.model.execution,
            costs=walk.model.costs(params),
            rows=each,
        )
        for each in (rows, walk.last.test)
    )
    return inside, held_out


def _stayed_out(walk: Walk, claim: Claim) -> int:
    """Steps whose search found nothing to trade."""
    return sum(claim not in step.chosen for step in walk.steps)


def _proven(proof: Proof, alpha: float, stayed_out: int) -> Line:
    if proof.test is None:
        sentence = proof.untestable
        if stayed_out:
            sentence += f"; {stayed_out} searches found nothing to trade"
    else:
        test = proof.test
        sentence = (
            f"out-of-sample mean {test.mean:+.4f} % over {test.trades} trades on {test.days} days, "
            f"p {_p(test.p_value)}, after all gates {_p(proof.p_adjusted)}"
        )
        if not proof.holds(alpha):
            sentence += f": not proven, needs at most {alpha:g}"
    return Line(
        claim=proof.claim.name,
        check="proven",
        number=math.nan if proof.test is None else proof.p_adjusted,
        unit="p",
        needs=f"<= {alpha:g}",
        passed=proof.holds(alpha),
        decides=True,
        sentence=sentence,
    )


def _bound(trades: Trades, claim: Claim) -> Line:
    bound = pooled_report(trades, claim).lcb_pnl
    return Line(
        claim=claim.name,
        check="lower bound",
        number=bound,
        unit="%",
        needs="> 0",
        passed=bool(bound > 0),
        decides=True,
        sentence=f"the pooled trades' lower bound is {bound:+.4f} %"
        if bound == bound
        else "too few trades for a lower bound",
    )


def _alone(
    claim: Claim,
    proofs: Mapping[Claim, Proof],
    walk: Walk,
    settings: VerdictSettings,
    seed: int,
    sides: Mapping[str, Claim],
    judged: Mapping[Claim, Judged],
) -> list[Line]:
    """For a segment: nothing that contains it trades already, and it is beyond its side."""
    if claim.is_everywhere:
        return []
    above = [Claim(claim.base, claim.strategy, segment) for segment in claim.parents()]
    trading = [each.name for each in above if judged[each].enabled]
    p = math.nan
    if not trading and proofs[claim].holds(settings.alpha):
        p = beyond_p(proofs[claim], walk.trades[sides[claim.base]], settings, seed)
    passed = bool(not trading and p <= settings.alpha)
    if trading:
        sentence = f"{trading[0]}, which contains it, trades already"
    elif math.isnan(p):
        sentence = "not proven itself, so not compared with its parent"
    else:
        sentence = f"p {_p(p)} of earning no more than {sides[claim.base].name} does elsewhere"
    return [
        Line(
            claim=claim.name,
            check="beyond parent",
            number=p,
            unit="p",
            needs=f"<= {settings.alpha:g}",
            passed=passed,
            decides=True,
            sentence=sentence,
        )
    ]


def _holdout(claim: Claim, held_out: BacktestResult, seed: int) -> Line:
    net, entry = held_out.net_pct, held_out.positions["entry"]
    test: MeanTest | None = None
    with suppress(EvidenceError):
        test = mean_test(net, held_out.panel.minute[entry] // MINUTES_OF_A_DAY, seed=seed)
    mean = float(net.mean()) if net.size else math.nan
    refuted = test is not None and test.upper < 0
    if test is None:
        sentence = f"{net.size} trades on the holdout: too few to refute anything"
    elif refuted:
        sentence = (
            f"refuted by the holdout: {net.size} trades, mean {mean:+.4f} %, "
            f"upper bound {test.upper:+.4f} %"
        )
    else:
        word = "confirmed" if mean > 0 else "not refuted"
        sentence = f"{word} by the holdout: {net.size} trades, mean {mean:+.4f} %"
    return Line(
        claim=claim.name,
        check=_HOLDOUT,
        number=mean,
        unit="%",
        needs="upper bound > 0",
        passed=not refuted,
        decides=True,
        sentence=sentence,
    )


def pooled_report(trades: Trades, claim: Claim) -> Report:
    """Every report column of pooled trades."""
    positions, columns = trades.positions, strategy_named(claim.strategy).report_columns
    return report(
        net_pct=positions["net_pct"],
        gross_pct=positions["gross_pct"],
        hold_min=positions["exit"] - positions["entry"],
        reason=positions["reason"],
        mae_pct=positions["mae_pct"] if "mae_mean" in columns else None,
        mfe_pct=positions["mfe_pct"] if "mfe_mean" in columns else None,
    )


def _p(value: float) -> str:
    return f"{value:.4f}" if value < 0.1 else f"{value:.2f}"
