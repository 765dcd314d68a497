"""What the file itself must say before it flies: whole, real, armed, proven, not expired."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from strategies.bot.check.config import config_findings
from strategies.bot.contract import BotConfig
from strategies.bot.preflight.line import Line
from strategies.bot.sets import BotSet
from strategies.bot.validity import moment_of

__all__ = ["paper_lines"]


def paper_lines(config: BotConfig, now: datetime) -> Iterator[Line]:
    """Of the file alone; no minute is looked at."""
    yield _sound(config, now)
    yield Line(
        check="real market",
        passed=not config.synthetic,
        number=float(not config.synthetic),
        needs="recorded minutes",
        sentence="made on a synthetic market: never to be traded"
        if config.synthetic
        else f"made on recorded minutes of {config.market.binance} and {config.market.dydx}",
    )
    yield Line(
        check="armed",
        passed=bool(config.enabled),
        number=len(config.enabled),
        unit="sets",
        needs=">= 1",
        sentence=f"{len(config.enabled)} of {len(config.sets)} sets may trade",
    )
    yield from (_verdict(each) for each in config.enabled)
    yield _holdout(config)
    yield _expiry(config, now)


def _sound(config: BotConfig, now: datetime) -> Line:
    faults = [each for each in config_findings(config, now) if each.is_fault]
    faults = [each for each in faults if each.where != "validity.expires_at"]  # its own line
    first = (
        f"{faults[0].where}: {faults[0].sentence}" if faults else "schema, units and digest hold"
    )
    more = f" (and {len(faults) - 1} more: `leadfollow config check`)" if len(faults) > 1 else ""
    return Line(
        check="file",
        passed=not faults,
        number=len(faults),
        unit="faults",
        needs="0",
        sentence=first + more,
    )


def _verdict(each: BotSet) -> Line:
    verdict = each.verdict
    if verdict is None:
        sentence = "the file holds no verdict (schema 1): export it anew"
    elif each.forced:
        sentence = f"FORCED: did not pass {'; '.join(each.failed)}"
    else:
        sentence = f"{each.reason}; lower bound {each.lower_bound:+.4f} %"
    p = verdict.p_after_gates if verdict is not None else None
    return Line(
        check=f"verdict {each.id}",
        passed=verdict is not None and verdict.is_proven and not each.forced,
        number=float("nan") if p is None else p,
        unit="p",
        needs="every deciding check",
        sentence=sentence,
    )


def _holdout(config: BotConfig) -> Line:
    held = config.holdout
    if held is None:
        words = "the file does not say who opened the holdout: export it anew"
    else:
        others = held.opened_by - 1
        words = f"{held.first_minute} .. {held.last_minute}, opened by this search" + (
            f" and {others} other{'s' * (others > 1)}: who chooses after looking confirms nothing"
            if others
            else " alone"
        )
    return Line(
        check="holdout",
        passed=held is not None and held.opened_by == 1,
        number=float("nan") if held is None else held.opened_by,
        unit="searches",
        needs="1",
        sentence=words,
    )


def _expiry(config: BotConfig, now: datetime) -> Line:
    if config.validity is None:
        return Line(
            check="not expired",
            passed=False,
            needs="a date",
            sentence="the file does not say until when it holds: export it anew",
        )
    left = (moment_of(config.validity.expires_at) - now) / timedelta(days=1)
    return Line(
        check="not expired",
        passed=left > 0,
        number=left,
        unit="days",
        needs="> 0",
        sentence=f"holds until {config.validity.expires_at}"
        + ("" if left > 0 else f": over since {-left:.1f} days; search newer minutes"),
    )
