"""What searching alone would have found: lines about the whole grid of one side.

They inform and do not decide: the walk's searches see the past only, so its trades need no such
correction. Deflated Sharpe ratio and PBO say how much of the in-sample figures to believe; SPA and
StepM whether any set of the grid beats doing nothing over the whole span; CPCV what the same
search earns on histories put together from held-out blocks.
"""

import math
from collections.abc import Iterator

import numpy as np

from research.arrays import Bools
from research.errors import EvidenceError
from research.statistics.overfitting import overfitting
from research.statistics.sharpe import (
    expected_maximum,
    minimum_track_record,
    moments_of,
    probabilistic_sharpe,
)
from research.statistics.splits import combinatorial, paths
from research.statistics.superiority import FEWEST_ACTIVE, superiority
from sweeps.axes import Axis, GridSpec
from sweeps.engine import AnySweep, PartSums, sums_by_part, sweep_of
from sweeps.settings import VerdictSettings
from sweeps.verdict.judgement import Judged
from sweeps.verdict.lines import Line
from sweeps.verdict.walk import Walk

__all__ = ["BLOCKS", "bias_lines", "thinned"]

BLOCKS = 10
"""Of the span before the holdout: 252 choices of a half, 45 of two blocks."""
_TESTS = 2
_MOST_TESTED = 1500  # sets of SPA: its bootstrap draws every one of them
_DAY = 1440
_CONFIDENT = 0.95
_EVEN = 0.5


def bias_lines(
    walk: Walk,
    judged: Judged,
    spec: GridSpec,
    settings: VerdictSettings,
    *,
    sets_searched: int,
    seed: int,
    threads: int = 1,
) -> Iterator[Line]:
    """DSR, track record, PBO, SPA, StepM and CPCV of one side's grid.

    Parameters
    ----------
    sets_searched
        All sets that anybody looked at on these minutes, this search among them.
    """
    rows = slice(0, walk.last.test.start)
    sweep = _sweep(walk, spec, rows, threads)
    blocks, strips = _blocks(sweep, rows, walk.longest_hold)
    yield _deflated(judged, sets_searched)
    yield _track_record(judged)
    yield _overfitting(judged, blocks, settings)
    yield _cross_validation(judged, blocks, strips, settings)
    yield from _superiority(walk, judged, spec, rows, settings, seed, threads)


def _sweep(walk: Walk, spec: GridSpec, rows: slice, threads: int) -> AnySweep:
    return sweep_of(
        walk.panel,
        spec,
        execution=walk.model.execution,
        costs=walk.model.costs(spec.base),
        rows=rows,
        threads=threads,
    )


def _blocks(sweep: AnySweep, rows: slice, purge: int) -> tuple[PartSums, PartSums]:
    """Sums of each block less its last ``purge`` rows, and of those rows; both (blocks, sets)."""
    cuts = np.linspace(rows.start, rows.stop, BLOCKS + 1).astype(np.int64)
    if (np.diff(cuts) <= 2 * purge).any():
        purge = 0  # blocks as short as holds: nothing sensible can be cut from them
    starts = np.column_stack([cuts[:-1], cuts[1:] - purge]).ravel() if purge else cuts[:-1]
    sums = sums_by_part(sweep, 0, sweep.spec.size, starts)
    if not purge:
        nothing = np.zeros_like(sums.net)
        none = nothing.astype(np.int64)
        return sums, PartSums(events=none, net=nothing, net_squared=nothing, gross=nothing)
    return sums.some(slice(0, None, 2)), sums.some(slice(1, None, 2))


def _deflated(judged: Judged, sets_searched: int) -> Line:
    """Bailey & Lopez de Prado 2014, with 1 / n as the variance of a ratio over n trades (Lo 2002).

    The scatter of the grid's own ratios would not do: it comes from what the sets pay in costs.
    """
    check, needs = "deflated Sharpe", f">= {_CONFIDENT:g}"
    try:
        if judged.inside is None:
            raise EvidenceError("the last search found no set: no ratio to deflate")
        moments = moments_of(judged.inside.net_pct)
        luck = expected_maximum(trials=sets_searched, variance=1 / (moments.n - 1))
    except EvidenceError as error:
        return Line(claim=judged.name, check=check, needs=needs, sentence=str(error))
    chance = probabilistic_sharpe(moments, luck)
    return Line(
        claim=judged.name,
        check=check,
        number=chance,
        needs=needs,
        passed=chance >= _CONFIDENT,
        sentence=f"in sample the exported set has a Sharpe ratio of {moments.sharpe:.3f} a trade; "
        f"the best of {sets_searched:,} unrelated sets without edge would have {luck:.3f}",
    )


def _track_record(judged: Judged) -> Line:
    check = "track record"
    try:
        moments = moments_of(judged.trades.net_pct)
    except EvidenceError as error:
        return Line(claim=judged.name, check=check, sentence=str(error))
    needed = minimum_track_record(moments)
    words = "no number of" if math.isinf(needed) else f"{needed:.0f}"
    return Line(
        claim=judged.name,
        check=check,
        number=needed,
        unit="trades",
        needs=f"<= {moments.n}",
        passed=needed <= moments.n,
        sentence=f"{words} trades like these show a Sharpe ratio above 0 with 95 %; "
        f"there are {moments.n}",
    )


def _overfitting(judged: Judged, blocks: PartSums, settings: VerdictSettings) -> Line:
    check, needs = "PBO", f"< {_EVEN:g}"
    try:
        found = overfitting(
            blocks.net.T, blocks.events.T.astype(np.float64), min_events=settings.min_trades_train
        )
    except EvidenceError as error:
        return Line(claim=judged.name, check=check, needs=needs, sentence=str(error))
    return Line(
        claim=judged.name,
        check=check,
        number=found.pbo,
        needs=needs,
        passed=found.pbo < _EVEN,
        sentence=f"the best set of one half of the blocks is at or below the median of the other "
        f"in {found.pbo * 100:.0f} % of {found.logits.size} halvings, and loses money in "
        f"{found.loss_share * 100:.0f} %",
    )


def _cross_validation(
    judged: Judged, blocks: PartSums, strips: PartSums, settings: VerdictSettings
) -> Line:
    """The mean of the set with the highest t of some blocks, in the two that it did not see."""
    check, needs = "CPCV", f">= {_EVEN:g}"
    means = []
    for split in combinatorial(BLOCKS, groups=BLOCKS, tests=_TESTS, purge=0):
        chosen = _best_t(blocks, strips, split.is_train, settings.min_trades_train)
        if chosen is not None:
            events = int(blocks.events[split.is_test, chosen].sum())
            if events:
                means.append(float(blocks.net[split.is_test, chosen].sum()) / events)
    if not means:
        return Line(
            claim=judged.name,
            check=check,
            needs=needs,
            sentence="no set has enough trades in the blocks to be chosen and tried",
        )
    share = float(np.mean(np.array(means) > 0))
    return Line(
        claim=judged.name,
        check=check,
        number=share,
        needs=needs,
        passed=share >= _EVEN,
        sentence=f"chosen on eight blocks the best set earns in the other two in "
        f"{share * 100:.0f} % of {len(means)} choices ({paths(BLOCKS, _TESTS)} whole histories), "
        f"{np.mean(means):+.4f} % a trade",
    )


def _best_t(blocks: PartSums, strips: PartSums, is_train: Bools, min_trades: int) -> int | None:
    """The set with the highest t on the training blocks; strips before a test are purged."""
    keeps_strip = is_train & np.append(is_train[1:], True)
    n = blocks.events[is_train].sum(axis=0) + strips.events[keeps_strip].sum(axis=0)
    net = blocks.net[is_train].sum(axis=0) + strips.net[keeps_strip].sum(axis=0)
    squares = blocks.net_squared[is_train].sum(axis=0)
    squares = squares + strips.net_squared[keeps_strip].sum(axis=0)
    mean = net / np.maximum(n, 1)
    variance = np.maximum(squares - net * mean, 0.0) / np.maximum(n - 1, 1)
    known = (n >= max(min_trades, 2)) & (variance > 0)
    if not known.any():
        return None
    t = np.where(known, mean / np.sqrt(np.where(known, variance, 1.0) / np.maximum(n, 1)), -np.inf)
    return int(np.argmax(t))


def _superiority(
    walk: Walk,
    judged: Judged,
    spec: GridSpec,
    rows: slice,
    settings: VerdictSettings,
    seed: int,
    threads: int,
) -> Iterator[Line]:
    few = thinned(spec, _MOST_TESTED)
    starts = np.arange(rows.start, rows.stop - _DAY + 1, _DAY, dtype=np.int64)
    needs = f"<= {settings.alpha:g}"
    try:
        daily = sums_by_part(_sweep(walk, few, rows, threads), 0, few.size, starts).net
        found = superiority(daily, seed=seed, size=settings.alpha, resamples=500)
    except EvidenceError as error:
        yield Line(claim=judged.name, check="SPA", needs=needs, sentence=str(error))
        return
    of = f"{found.tested:,} of {spec.size:,} sets tried: an even choice that traded on "
    of += f"{FEWEST_ACTIVE} days or more"
    yield Line(
        claim=judged.name,
        check="SPA",
        number=found.p_consistent,
        unit="p",
        needs=needs,
        passed=found.p_consistent <= settings.alpha,
        sentence=f"p {found.p_consistent:.3f} that no set of the grid beats doing nothing "
        f"({of}, {starts.size} days)",
    )
    yield Line(
        claim=judged.name,
        check="StepM",
        number=float(found.superior.size),
        unit="sets",
        sentence=f"{found.superior.size} of {of} beat doing nothing, each of them, at {needs}",
    )


def thinned(spec: GridSpec, most: int) -> GridSpec:
    """``spec`` with every other level of its longest axes left out until it has ``most`` sets.

    The lowest level of an axis stays.
    """
    axes = list(spec.axes)
    while math.prod(len(axis) for axis in axes) > most:
        longest = max(range(len(axes)), key=lambda at: len(axes[at]))
        if len(axes[longest]) == 1:
            break
        axes[longest] = Axis(axes[longest].name, axes[longest].levels[::2])
    return GridSpec(base=spec.base, axes=tuple(axes))
