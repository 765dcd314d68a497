"""What the pooled trades would have earned had the world been a little worse.

The chosen sets stay frozen; costs, delay, funding, the days and the parameters change. What keeps
a positive mean is not broken by it. These lines inform: a real edge of 5 bps does not survive
twice its costs, and is an edge all the same.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from research.arrays import Floats, Ints
from research.features.panel import Panel
from strategies.registry import Params
from sweeps.verdict.choice import Choice
from sweeps.verdict.judgement import Judged
from sweeps.verdict.lines import Line
from sweeps.verdict.walk import Search, Step, Walk

__all__ = ["PLATEAU", "stress_lines"]

PLATEAU = 70.0
"""Percent of the mean that sets one level aside must keep: less is a peak, not a plateau."""


def stress_lines(walk: Walk, search: Search, judged: Judged) -> Iterator[Line]:
    """Costs, delay, freshness, funding, each month and day left out, parameters one step aside."""
    trades = judged.trades
    if not len(trades):
        return
    name = judged.name
    yield from _costs(walk, judged)
    for minutes in (1, 2):
        later = walk.traded(judged.claim, panel_of=_delayed(minutes))
        yield _mean_line(name, f"{minutes} min later", later.net_pct, len(trades))
    yield _fresh(walk, judged)
    yield from _funding(judged)
    yield _left_out(name, "any day left out", trades.net_pct, trades.day)
    months = trades.minute.astype("datetime64[m]").astype("datetime64[M]").astype(np.int64)
    yield _left_out(name, "any month left out", trades.net_pct, months)
    yield _aside(walk, search, judged)


def _costs(walk: Walk, judged: Judged) -> Iterator[Line]:
    paid = judged.costs_pct(walk.model)
    for times in (1.5, 2.0):
        net = judged.trades.net_pct - (times - 1) * paid
        yield _mean_line(judged.name, f"costs x {times:g}", net, len(judged.trades))


def _delayed(minutes: int) -> Callable[[Step, int], Panel]:
    def later(values: Floats) -> Floats:
        out = np.full(values.size, np.nan)
        out[minutes:] = values[:-minutes]
        return out

    return lambda step, _: step.panel.read_as(spread=later, lead=later)


def _fresh(walk: Walk, judged: Judged) -> Line:
    if walk.model.filters.max_age_min == 0:
        return Line(
            claim=judged.name,
            check="fresh minutes only",
            number=float(judged.trades.net_pct.mean()),
            unit="%",
            needs="> 0",
            passed=bool(judged.trades.net_pct.mean() > 0),
            sentence="every entry stood on a minute in which dYdX traded: the model asks for it",
        )
    fresh = walk.traded(
        judged.claim,
        params_of=lambda choice: replace(
            choice.params, filters=replace(choice.params.filters, max_age_min=0.0)
        ),
    )
    return _mean_line(judged.name, "fresh minutes only", fresh.net_pct, len(judged.trades))


def _funding(judged: Judged) -> Iterator[Line]:
    paid = judged.trades.positions["funding_pct"]
    if not paid.any():
        yield Line(
            claim=judged.name,
            check="funding",
            sentence="no funding was paid or received by these trades",
        )
        return
    for words, times in (("funding off", -1.0), ("funding doubled", 1.0)):
        net = judged.trades.net_pct - times * paid
        yield _mean_line(judged.name, words, net, len(judged.trades))


def _left_out(name: str, check: str, net: Floats, group: Ints) -> Line:
    groups = np.unique(group)
    if groups.size < 2:
        return Line(claim=name, check=check, sentence="one alone: nothing would be left")
    means = [float(net[group != each].mean()) for each in groups]
    worst = min(means)
    return Line(
        claim=name,
        check=check,
        number=worst,
        unit="%",
        needs="> 0",
        passed=worst > 0,
        sentence=f"mean {worst:+.4f} % without the one of {groups.size} that helped most",
    )


def _aside(walk: Walk, search: Search, judged: Judged) -> Line:
    """Every parameter one level down and up, in every step."""
    own, kept = float(judged.trades.net_pct.mean()), {}
    names = {
        key
        for step in walk.steps
        if judged.claim in step.chosen
        for key in search.aside(judged.claim, step.chosen[judged.claim])
    }
    for key in sorted(names):
        other = walk.traded(judged.claim, params_of=_one_aside(search, judged, key))
        if len(other):
            kept[key] = float(other.net_pct.mean())
    if not kept or own <= 0:
        return Line(
            claim=judged.name,
            check="one step aside",
            unit="%",
            needs=f">= {PLATEAU:g}",
            sentence="nothing to keep: the mean is not above 0"
            if kept
            else "no parameter has a level beside it",
        )
    share = float(np.mean(list(kept.values()))) / own * 100
    worst = min(kept, key=lambda key: kept[key])
    return Line(
        claim=judged.name,
        check="one step aside",
        number=share,
        unit="%",
        needs=f">= {PLATEAU:g}",
        passed=share >= PLATEAU,
        sentence=f"sets one level aside keep {share:.0f} % of the mean; "
        f"worst: {worst} with {kept[worst]:+.4f} %",
    )


def _one_aside(search: Search, judged: Judged, key: str) -> Callable[[Choice], Params | None]:
    return lambda choice: search.aside(judged.claim, choice).get(key)


def _mean_line(name: str, check: str, net: Floats, before: int) -> Line:
    if not net.size:
        return Line(claim=name, check=check, needs="> 0", passed=False, sentence="no trade is left")
    mean = float(net.mean())
    return Line(
        claim=name,
        check=check,
        number=mean,
        unit="%",
        needs="> 0",
        passed=mean > 0,
        sentence=f"mean {mean:+.4f} % over {net.size} trades (of {before})",
    )
