"""How large the effect is, and what it can stand: lines about the pooled trades alone."""

import math
from collections.abc import Iterator

import numpy as np
from scipy.stats import norm

from research.measures.report import Report
from sweeps.verdict.judgement import Judged
from sweeps.verdict.lines import Line
from sweeps.verdict.power import days_needed
from sweeps.verdict.walk import Trades, Walk

__all__ = ["effect_lines"]

_TWO_SIDED = float(norm.ppf(0.95))  # of a 90 % interval, whose lower end is the one-sided bound


def effect_lines(walk: Walk, judged: Judged, *, order_usd: float, level: float) -> Iterator[Line]:
    """Intervals, losses, break-even cost, volume share, and the days it would take.

    Parameters
    ----------
    order_usd
        One order, for its share of the dYdX volume of the minute it fills in.
    level
        That the p-value of the claim must reach at the first gate.
    """
    name, report, test = judged.name, judged.report, judged.proof.test
    if test is None:
        yield Line(
            claim=name,
            check="days needed",
            number=math.inf,
            unit="days",
            sentence="no edge was traded, so none whose size would say how many days it takes; "
            "more days help only where the searches begin to find one",
        )
        return
    yield Line(
        claim=name,
        check="mean",
        number=test.mean,
        unit="%",
        sentence=f"mean net pnl {test.mean:+.4f} % a trade, 90 % interval {test.lower:+.4f} to "
        f"{test.upper:+.4f} ({test.method})",
    )
    yield _win_rate(name, report)
    yield Line(
        claim=name,
        check="worst",
        number=report.max_loss,
        unit="%",
        sentence=f"worst trade {report.max_loss:+.4f} %, at most "
        f"{report.max_losing_streak:.0f} losses in a row, drawdown {report.max_drawdown:.4f} %",
    )
    paid = judged.costs_pct(walk.model) * 100
    yield Line(
        claim=name,
        check="break-even cost",
        number=report.breakeven_bps,
        unit="bps",
        needs=f"> {paid:g}",
        passed=bool(report.breakeven_bps > paid),
        sentence=f"the round trip may cost {report.breakeven_bps:.1f} bps; {paid:g} were charged",
    )
    yield _volume(walk, name, judged.trades, order_usd)
    yield _power(walk, judged, level)


def _win_rate(name: str, report: Report) -> Line:
    low, high = wilson(report.win_rate / 100, report.events)
    return Line(
        claim=name,
        check="win rate",
        number=report.win_rate,
        unit="%",
        sentence=f"{report.win_rate:.1f} % of trades win, 90 % interval {low * 100:.1f} to "
        f"{high * 100:.1f}",
    )


def wilson(share: float, n: int) -> tuple[float, float]:
    """The 90 % interval of a share of ``n`` (Wilson 1927); NaN without any."""
    if n < 1:
        return math.nan, math.nan
    z2 = _TWO_SIDED**2
    middle = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = _TWO_SIDED * math.sqrt(share * (1 - share) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    return middle - half, middle + half


def _volume(walk: Walk, name: str, trades: Trades, order_usd: float) -> Line:
    """The order's share of what dYdX traded in the minutes of the entries' fills."""
    table = walk.panel
    volume, close = table.column("dydx_volume"), table.column("dydx_close")
    rows = np.minimum(trades.positions["entry"] + 1, len(table) - 1)
    usd = volume[rows] * close[rows]
    known = np.isfinite(usd) & (usd > 0)
    if not known.any():
        return Line(
            claim=name, check="volume share", unit="%", sentence="no dYdX volume in the data"
        )
    share = order_usd / usd[known] * 100
    middle, high = np.quantile(share, (0.5, 0.95)).tolist()
    return Line(
        claim=name,
        check="volume share",
        number=middle,
        unit="%",
        sentence=f"an order of {order_usd:,.0f} USD is {middle:.1f} % of what dYdX trades in the "
        f"minute it fills in (median; one in twenty: over {high:.0f} %)",
    )


def _power(walk: Walk, judged: Judged, level: float) -> Line:
    test, days = judged.proof.test, walk.pooled_days
    assert test is not None  # noqa: S101 (checked by the only caller)
    needed = days_needed(test, days, level)
    rate = len(judged.trades) / days
    if math.isinf(needed):
        sentence = "no edge was seen: no number of days would prove one of this size"
    elif needed <= days:
        sentence = (
            f"{needed:.0f} days at {rate:.1f} trades a day tell an edge of {test.mean:+.4f} % from "
            f"zero with 80 % chance; there were {days:.0f}"
        )
    else:
        sentence = (
            f"{needed - days:.0f} more days at {rate:.1f} trades a day would tell an edge of "
            f"{test.mean:+.4f} % from zero with 80 % chance"
        )
    return Line(
        claim=judged.name,
        check="days needed",
        number=needed,
        unit="days",
        needs=f"<= {days:.0f}",
        passed=bool(needed <= days),
        sentence=sentence,
    )
