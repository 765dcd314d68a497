"""What minutes must show: the evidence again, the newest days within range, a dry run on them."""

import math
from collections.abc import Iterator
from datetime import datetime, timedelta

import numpy as np
import pandas as pd

from research.errors import FrameError, LeadfollowError
from research.features.panel import Panel
from strategies.bot.contract import BotConfig
from strategies.bot.evidence import Evidence
from strategies.bot.preflight.line import Line
from strategies.bot.preflight.replay import replayed
from strategies.bot.preflight.trades_digest import trades_digest
from strategies.bot.sets import BotSet
from strategies.bot.validity import moment_of, outside_share
from strategies.law.filters import is_comparable

__all__ = ["dry_run_lines", "newest_lines", "no_minutes_lines", "parity_lines"]

_STALE_HOURS = 24.0
_USABLE = 50.0  # percent of the newest minutes
_RARE = 0.001  # a number of trades that the evidence's rate makes so seldom is another market
_DAY = 1440


def no_minutes_lines(checks: tuple[str, ...], error: LeadfollowError) -> Iterator[Line]:
    """The checks that cannot be made without minutes: none is passed."""
    for check in checks:
        yield Line(check=check, passed=False, needs="minutes", sentence=str(error))


def parity_lines(config: BotConfig, panel: Panel) -> Iterator[Line]:
    """The very trades of the export, made once more by the streaming law.

    Parameters
    ----------
    panel
        Of the minutes that the export was made of, by the file's own numbers.
    """
    ours, theirs = panel.frame.origin.content_sha256, config.made_of.get("content_sha256")
    yield Line(
        check="evidence minutes",
        passed=ours == theirs,
        number=len(panel),
        unit="minutes",
        needs="the same content",
        sentence="the minutes that the export was made of, bit by bit"
        if ours == theirs
        else f"the minutes of {panel.frame.label} are not those of the export (content "
        f"{ours[:12]}, then {str(theirs)[:12]}): they were fetched or mended anew",
    )
    for each in config.enabled:
        spans = [("in sample", each.in_sample)]
        spans += [("holdout", each.holdout)] if each.holdout is not None else []
        for words, evidence in spans:
            yield _parity(panel, each, words, evidence)


def _parity(panel: Panel, each: BotSet, words: str, evidence: Evidence) -> Line:
    wanted = evidence.report.get("events") or 0.0
    made, sentence, passed = math.nan, "", False
    try:
        rows = rows_of(panel, evidence.first_minute, evidence.last_minute)
        trades = replayed(panel, each, rows)
        made = float(len(trades))
        passed = trades_digest(panel.minute, trades) == evidence.trades_sha256
        if passed:
            sentence = f"all {len(trades)} trades are made again, minute by minute"
        elif evidence.trades_sha256 is None:
            sentence = "the file has no digest of its trades (schema 1): export it anew"
        else:
            sentence = f"{len(trades)} other trades where the export had {wanted:g}"
    except LeadfollowError as error:
        sentence = str(error)
    return Line(
        check=f"parity {each.id}, {words}",
        passed=passed,
        number=made,
        unit="trades",
        needs=f"{wanted:g}, the very ones",
        sentence=sentence,
    )


def newest_lines(config: BotConfig, panel: Panel, days: float, now: datetime) -> Iterator[Line]:
    """The newest ``days`` of the minutes: fresh, usable, and distributed as the evidence was."""
    rows = newest_rows(panel, days)
    last = panel.frame.table.index[-1].to_pydatetime()
    hours = (now - last) / timedelta(hours=1)
    yield Line(
        check="newest minute",
        passed=-1 / 60 <= hours <= _STALE_HOURS,
        number=hours,
        unit="hours",
        needs=f"<= {_STALE_HOURS:g}",
        sentence=f"the newest minute is {last:%Y-%m-%dT%H:%MZ}"
        + ("" if hours <= _STALE_HOURS else ": fetch what came since (`leadfollow data fetch`)"),
    )
    usable = 100 * float(np.mean(is_comparable(panel, 0.0)[rows]))
    yield Line(
        check="usable minutes",
        passed=usable >= _USABLE,
        number=usable,
        unit="%",
        needs=f">= {_USABLE:g}",
        sentence=f"dYdX traded in {usable:.1f} % of the newest {days:g} days' minutes",
    )
    if config.validity is None:
        yield Line(
            check="ranges",
            passed=False,
            needs="fitted ranges",
            sentence="the file holds none (schema 1): export it anew",
        )
        return
    for name, fitted in config.validity.ranges.items():
        share = outside_share(panel.column(name)[rows], fitted)
        yield Line(
            check=f"range {name}",
            passed=bool(share <= fitted.max_outside),
            number=100 * share,
            unit="%",
            needs=f"<= {100 * fitted.max_outside:.1f}",
            sentence=f"{100 * share:.1f} % of the newest {days:g} days lie outside "
            f"{fitted.low:.4g} to {fitted.high:.4g} %",
        )


def dry_run_lines(config: BotConfig, panel: Panel, days: float) -> Iterator[Line]:
    """What the enabled sets would have traded on the newest ``days``, and whether that is odd."""
    rows = newest_rows(panel, days)
    for each in config.enabled:
        try:
            trades = replayed(panel, each, rows)
        except LeadfollowError as error:
            yield Line(check=f"dry run {each.id}", passed=False, needs="a run", sentence=str(error))
            continue
        low, high, rate = _expected(each, (rows.stop - rows.start) / _DAY)
        net = trades["net_pct"]
        mean = f", mean net {net.mean():+.4f} %" if net.size else ""
        yield Line(
            check=f"dry run {each.id}",
            passed=low <= net.size <= high,
            number=net.size,
            unit="trades",
            needs=f"{low:g} to {high:g}",
            sentence=f"{net.size} trades on the newest {days:g} days{mean}; the evidence made "
            f"{rate:.2g} a day",
        )


def _expected(each: BotSet, days: float) -> tuple[float, float, float]:
    """Fewest and most trades that the evidence's rate makes plausible, and the rate a day."""
    from scipy.stats import poisson

    evidence = each.out_of_sample
    span = moment_of(evidence.last_minute) - moment_of(evidence.first_minute)
    events, length = evidence.report.get("events") or 0.0, span / timedelta(days=1)
    rate = events / length if length > 0 else 0.0
    # of the rate itself the evidence has only so many trades: three standard errors around it
    error = 3 * math.sqrt(max(events, 1.0)) / length if length > 0 else 0.0
    low = float(poisson.ppf(_RARE, max(rate - error, 0.0) * days))
    high = float(poisson.ppf(1 - _RARE, (rate + error) * days))
    return max(low, 0.0), high, rate


def newest_rows(panel: Panel, days: float) -> slice:
    """The last ``days`` of the panel, all of it where there are fewer."""
    return slice(max(0, len(panel) - round(days * _DAY)), len(panel))


def rows_of(panel: Panel, first: str, last: str) -> slice:
    """The rows from the minute ``first`` to ``last``, both included.

    Raises
    ------
    FrameError
        The panel does not hold them.
    """
    index = panel.frame.table.index
    ends = [index.get_indexer(pd.DatetimeIndex([moment_of(each)]))[0] for each in (first, last)]
    if min(ends) < 0:
        raise FrameError(f"{panel.frame.label}: does not hold {first} .. {last}")
    return slice(int(ends[0]), int(ends[1]) + 1)
