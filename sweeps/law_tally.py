"""The plain road to a tally: the law itself, run set by set, on as many threads as wanted.

Sets share nothing but the columns of the frame, and every set writes numbers of its own: the
bits do not depend on the number of threads. This is the yardstick of every faster road.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from research.arrays import Floats, Ints, Records
from research.errors import FrameError, SearchError
from research.features.labels import SEGMENTS
from research.features.panel import Panel
from research.jit import kernel
from research.measures.costs import Costs
from strategies.law.execution import Execution
from strategies.law.positions import Desk, Rules, empty_desk
from strategies.lead_follow import batch as lead_follow
from strategies.lead_follow.kernel import LeadColumns, LeadLaw
from strategies.lead_follow.kernel import run as run_lead
from strategies.reversion import batch as reversion
from strategies.reversion.kernel import ReversionColumns, ReversionLaw
from strategies.reversion.kernel import run as run_reversion
from sweeps.axes import GridSpec
from sweeps.tally import COUNTS, SUMS, Tally

__all__ = ["MAX_SETS", "plain_tally", "segments_at"]

MAX_SETS = 1_000_000
"""More sets than this would fill the memory with tallies (1.7 kB each)."""
_CHUNK = 64  # sets between two looks at Ctrl-C: some 10 ms a week, 0.5 s a year
_FIRST_REASON = COUNTS.index("tp")
_HOLD = COUNTS.index("hold")


class Part(NamedTuple):
    """What one chunk of sets adds to the tally; the first axis is the set."""

    counts: Any  # int64, (sets, segments, COUNTS)
    sums: Any  # float64, (sets, segments, SUMS)
    worst: Any  # float64, (sets, segments), +inf without events


Score = Callable[[Ints], Part]


def plain_tally(
    panel: Panel,
    spec: GridSpec,
    *,
    execution: Execution,
    costs: Costs,
    rows: slice | None = None,
    threads: int = 1,
    progress: Callable[[int], None] | None = None,
) -> Tally:
    """The tally of every set of ``spec`` on ``panel``: the law's own trades.

    Parameters
    ----------
    rows
        Rows on which entries are allowed; the frame ends with the last of them.
    threads
        How many chunks of sets run side by side, >= 1.
    progress
        Called with the number of sets that were finished since the last call.

    Raises
    ------
    FrameError
        ``rows`` hold no minute.
    SearchError
        More than :data:`MAX_SETS` sets.
    """
    if spec.size > MAX_SETS:
        raise SearchError(
            f"grid of {spec.size:,} sets: the plain road keeps at most {MAX_SETS:,} in memory; "
            "take fewer levels"
        )
    start, stop, _ = (rows or slice(None)).indices(len(panel))
    if start >= stop:
        raise FrameError(f"{panel.frame.label}: rows {start}..{stop} hold no minute; widen them")
    minutes = execution.minutes_of(panel)
    score = _SCORES[spec.strategy.name](minutes, spec, execution, costs, slice(start, stop))
    report = progress or (lambda _: None)
    cells = np.flatnonzero(spec.is_valid)
    tally = Tally.empty(spec.size)
    report(spec.size - len(cells))
    chunks = [cells[at : at + _CHUNK] for at in range(0, len(cells), _CHUNK)]
    for chunk, part in _in_threads(score, chunks, threads):
        _write(tally, chunk, part)
        report(len(chunk))
    return tally


def segments_at(panel: Panel) -> Ints:
    """Indices into SEGMENTS of the (at most four) segments of each row, -1 for none; (n, 4)."""
    codes = np.full((len(panel), 4), -1, dtype=np.int64)
    for index, segment in enumerate(SEGMENTS):
        kind = (segment.session is not None) + 2 * (segment.regime is not None)
        codes[segment.mask(panel.session, panel.regime), kind] = index
    return codes


def _in_threads(score: Score, chunks: Sequence[Ints], threads: int) -> Iterator[tuple[Ints, Part]]:
    """Each chunk with its part, as they are finished; an interrupt drops what has not begun."""
    with ThreadPoolExecutor(max_workers=threads) as pool:
        futures = {pool.submit(score, chunk): chunk for chunk in chunks}
        try:
            for future in as_completed(futures):
                yield futures.pop(future), future.result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _write(tally: Tally, cells: Ints, part: Part) -> None:
    for k, name in enumerate(COUNTS):
        tally.counts[name][:, cells] = part.counts[:, :, k].T
    for k, name in enumerate(SUMS):
        tally.sums[name][:, cells] = part.sums[:, :, k].T
    tally.worst[:, cells] = np.where(np.isinf(part.worst), np.nan, part.worst).T


def _lead_score(
    panel: Panel, spec: GridSpec, execution: Execution, costs: Costs, rows: slice
) -> Score:
    windows = [int(window) for window in spec.axes[spec.position("window")].levels]
    base: Any = spec.base
    base = replace(base, window=windows[0])
    law = lead_follow.law(base, execution, costs, panel.has_funding)
    columns = lead_follow.columns(panel, base, rows.start, rows.stop)
    leads = np.stack([panel.lead_return_pct(window)[: rows.stop] for window in windows])
    segments, sets = segments_at(panel), _sets(spec)

    def score(cells: Ints) -> Part:
        part, desk = _empty_part(len(cells)), _desk(law.rules, sets)
        tally_lead(columns, leads, law, sets[cells], segments, desk, part)
        return part

    return score


def _reversion_score(
    panel: Panel, spec: GridSpec, execution: Execution, costs: Costs, rows: slice
) -> Score:
    base: Any = spec.base
    law = reversion.law(base, execution, costs, panel.has_funding)
    columns = reversion.columns(panel, base, rows.start, rows.stop)
    segments, sets = segments_at(panel), _sets(spec)

    def score(cells: Ints) -> Part:
        part, desk = _empty_part(len(cells)), _desk(law.rules, sets)
        tally_reversion(columns, law, sets[cells], segments, desk, part)
        return part

    return score


_SCORES = {"lead": _lead_score, "reversion": _reversion_score}


def _sets(spec: GridSpec) -> Records:
    """Parameters of every cell as the kernels read them, shape (sets,)."""
    names = {"max_hold": "horizon", "min_gap": "cooldown"}  # what Rules calls them
    dtype = [(names.get(axis.name, axis.name), np.float64) for axis in spec.axes]
    sets = np.empty(spec.size, dtype=[*dtype, ("lead_row", np.int64)])
    for axis in spec.axes:
        sets[names.get(axis.name, axis.name)] = spec.values(axis.name)
        if axis.name == "window":
            sets["lead_row"] = np.searchsorted(axis.levels, sets["window"])
    return sets


def _desk(rules: Rules, sets: Records) -> Desk:
    """A desk with room for any of the sets."""
    longest, shortest = int(sets["horizon"].max()), int(sets["cooldown"].min())
    return empty_desk(rules._replace(horizon=longest, cooldown=shortest))


def _empty_part(sets: int) -> Part:
    shape = (sets, len(SEGMENTS))
    return Part(
        counts=np.zeros((*shape, len(COUNTS)), dtype=np.int64),
        sums=np.zeros((*shape, len(SUMS))),
        worst=np.full(shape, np.inf),
    )


@kernel
def tally_lead(
    columns: LeadColumns,
    leads: Floats,
    law: LeadLaw,
    sets: Records,
    segments: Ints,
    desk: Desk,
    part: Part,
) -> None:
    """Runs the law of lead/follow for every set; ``leads``: one row a window, (windows, n)."""
    for i in range(len(sets)):
        one = sets[i]
        its_columns = LeadColumns(
            columns.dydx_open,
            columns.dydx_high,
            columns.dydx_low,
            columns.dydx_close,
            columns.spread,
            leads[one["lead_row"]],
            columns.is_comparable,
            columns.is_allowed,
            columns.funding_rate,
        )
        its_law = LeadLaw(
            law.side,
            one["move_pct"],
            one["spread_entry"],
            one["tp"],
            one["sl"],
            law.touches_intrabar,
            timed(law.rules, one),
        )
        trades = run_lead(its_columns, its_law, desk.positions, desk.closed)
        book(trades, segments, part.counts[i], part.sums[i], part.worst[i])


@kernel
def tally_reversion(
    columns: ReversionColumns,
    law: ReversionLaw,
    sets: Records,
    segments: Ints,
    desk: Desk,
    part: Part,
) -> None:
    """Runs the law of spread reversion for every set."""
    for i in range(len(sets)):
        one = sets[i]
        its_law = ReversionLaw(one["entry"], one["exit"], timed(law.rules, one))
        trades = run_reversion(columns, its_law, desk.positions, desk.closed)
        book(trades, segments, part.counts[i], part.sums[i], part.worst[i])


@kernel
def timed(rules: Rules, one: Any) -> Rules:
    """``rules`` with the horizon and cooldown of one set."""
    return Rules(
        rules.legs,
        int(one["horizon"]),
        int(one["cooldown"]),
        rules.fills_at_close,
        rules.overlap,
        rules.fees_pct,
        rules.slippage_pct,
        rules.has_funding,
        rules.expiry,
    )


@kernel
def book(trades: Any, segments: Ints, counts: Ints, sums: Floats, worst: Floats) -> None:
    """Adds trades to the segments of their entries; the first axis is the segment."""
    for k in range(len(trades)):
        trade = trades[k]
        net = trade["net_pct"]
        for segment in segments[trade["entry"]]:
            if segment < 0:
                continue
            counts[segment, 0] += 1
            counts[segment, 1] += net > 0
            counts[segment, _FIRST_REASON + trade["reason"]] += 1
            counts[segment, _HOLD] += trade["exit"] - trade["entry"]
            sums[segment, 0] += net
            sums[segment, 1] += net * net
            sums[segment, 2] += trade["gross_pct"]
            worst[segment] = min(worst[segment], net)
