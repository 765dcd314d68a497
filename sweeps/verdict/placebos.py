"""Placebos that must fail: the same sets, with what should matter taken away.

If Binance leads, then trading the other side, or on another day's Binance, or at random minutes of
the same sessions must not earn what the set earned. Where a placebo earns as much, the money came
from something else: a drift, a session, the exits.

- *other side*: every trade the other way round, at its own minutes and costs;
- *random signs*: days' gross pnl with signs drawn at random (days stay whole: trades cluster);
- *Binance of yesterday*: lead returns of a day before, everything else of today;
- *circular shifts*: the same with random offsets;
- *random entries*: as many entries in the same sessions of the same tests, the same exits.

The last three need a lead; reversion has none. Placebos on whole frames, in which the search is
made anew, are in :mod:`research.leadlag.placebo`.
"""

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np

from research.arrays import Floats, Ints
from research.errors import EvidenceError
from research.features.panel import Panel
from research.statistics.mean_test import mean_test
from strategies.law.filters import is_comparable
from sweeps.settings import VerdictSettings
from sweeps.verdict.judgement import Judged
from sweeps.verdict.lines import Line
from sweeps.verdict.walk import Step, Trades, Walk

__all__ = ["DRAWS", "placebo_lines"]

DRAWS = 39
"""Random shifts and entries: what was earned is beyond all of them with 1 / 40 by chance."""
_SIGN_DRAWS = 1999
_DAY = 1440
_FAR = 1e3  # percent: beyond every threshold


def placebo_lines(
    walk: Walk, judged: Judged, settings: VerdictSettings, seed: int
) -> Iterator[Line]:
    """Every placebo that the strategy knows, one line each."""
    if len(judged.trades) < settings.min_trades:
        return
    yield _other_side(walk, judged, settings, seed)
    yield _random_signs(judged, settings, seed)
    if not judged.strategy.uses_lead:
        return
    yesterday = walk.traded(judged.claim, panel_of=_rolled(_DAY))
    yield _must_not_earn(judged, "Binance of yesterday", yesterday, settings, seed)
    rng = np.random.default_rng(seed)
    n = len(walk.panel)
    offsets = rng.integers(_DAY // 2, n - _DAY // 2, DRAWS) if n > 2 * _DAY else np.zeros(0, int)
    shifted = [walk.traded(judged.claim, panel_of=_rolled(int(k))) for k in offsets]
    yield _beyond(judged, "circular shifts", shifted, settings)
    at_random = [
        walk.traded(judged.claim, panel_of=partial(_at_random_minutes, walk, judged, draw, seed))
        for draw in range(DRAWS)
    ]
    yield _beyond(judged, "random entries", at_random, settings)


def _other_side(walk: Walk, judged: Judged, settings: VerdictSettings, seed: int) -> Line:
    positions = judged.trades.positions
    # funding changes its payer with the side
    net = -positions["gross_pct"] - judged.costs_pct(walk.model) + positions["funding_pct"]
    return _claim_fails(judged, "other side", net, judged.trades.day, settings, seed)


def _random_signs(judged: Judged, settings: VerdictSettings, seed: int) -> Line:
    _, index = np.unique(judged.trades.day, return_inverse=True)
    sums = np.bincount(index, weights=judged.trades.gross_pct)
    signs = np.random.default_rng(seed).choice((-1.0, 1.0), (_SIGN_DRAWS, sums.size))
    # a draw of the true signs is summed in another order, and must count all the same: over few
    # days it comes up often, and without it the p-value would be that of no draw at all
    enough = sums.sum() - 1e-9 * np.abs(sums).sum()
    p = (1 + int(np.sum(signs @ sums >= enough))) / (1 + _SIGN_DRAWS)
    return Line(
        claim=judged.name,
        check="random signs",
        number=p,
        unit="p",
        needs=f"<= {settings.alpha:g}",
        passed=p <= settings.alpha,
        sentence=f"{p * 100:.2f} % of random signs of its days earn as much before costs",
    )


def _rolled(minutes: int) -> Callable[[Step, int], Panel]:
    return lambda step, _: step.panel.read_as(lead=lambda lead: np.roll(lead, minutes))


def _at_random_minutes(
    walk: Walk, judged: Judged, draw: int, seed: int, step: Step, number: int
) -> Panel:
    """The step's minutes with signals at as many random minutes of the same sessions."""
    rng = np.random.default_rng((seed, draw, number))
    mine = judged.trades.step == number
    rows = _drawn(step, judged.trades.session[mine], walk.model.filters.max_age_min, rng)
    side = int(judged.trades.positions["side"][mine][0]) if mine.any() else 1
    fires = np.zeros(len(step.panel))
    fires[rows] = side * _FAR
    return step.panel.read_as(spread=lambda _: -fires, lead=lambda _: fires)


def _drawn(step: Step, sessions: Ints, max_age_min: float, rng: np.random.Generator) -> Ints:
    rows = np.arange(step.test.start, step.test.stop)
    rows = rows[is_comparable(step.panel, max_age_min)[rows]]
    chosen = []
    for session, count in zip(*np.unique(sessions, return_counts=True), strict=True):
        inside = rows[step.panel.session[rows] == session]
        chosen.append(rng.choice(inside, min(int(count), inside.size), replace=False))
    return np.concatenate(chosen) if chosen else np.zeros(0, dtype=np.int64)


def _must_not_earn(
    judged: Judged, check: str, trades: Trades, settings: VerdictSettings, seed: int
) -> Line:
    if len(trades) < settings.min_trades:
        return Line(
            claim=judged.name,
            check=check,
            passed=True,
            sentence=f"{len(trades)} trades are left: nothing to earn with",
        )
    return _claim_fails(judged, check, trades.net_pct, trades.day, settings, seed)


def _claim_fails(
    judged: Judged, check: str, net: Floats, day: Ints, settings: VerdictSettings, seed: int
) -> Line:
    try:
        test = mean_test(net, day, seed=seed, resamples=settings.resamples)
    except EvidenceError as error:
        return Line(claim=judged.name, check=check, sentence=str(error))
    return Line(
        claim=judged.name,
        check=check,
        number=test.mean,
        unit="%",
        needs=f"p > {settings.alpha:g}",
        passed=test.p_value > settings.alpha,
        sentence=f"mean {test.mean:+.4f} % over {test.trades} trades, p {test.p_value:.3f}: "
        + ("fails, as it must" if test.p_value > settings.alpha else "earns as well"),
    )


def _beyond(judged: Judged, check: str, drawn: list[Trades], settings: VerdictSettings) -> Line:
    """How often a draw earns at least as much in all: its mean may stand on a handful of trades."""
    if not drawn:
        return Line(claim=judged.name, check=check, sentence="the frame is too short to shift")
    own = float(judged.trades.net_pct.sum())
    sums = [float(trades.net_pct.sum()) for trades in drawn]
    p = (1 + sum(each >= own for each in sums)) / (1 + len(sums))
    return Line(
        claim=judged.name,
        check=check,
        number=p,
        unit="p",
        needs=f"<= {settings.alpha:g}",
        passed=p <= settings.alpha,
        sentence=f"{len(sums)} draws earn {np.median(sums):+.3f} % in all (median), at most "
        f"{max(sums):+.3f} %; the set {own:+.3f} %",
    )
