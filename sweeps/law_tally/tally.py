"""The plain road to a tally: the law itself, run set by set, on as many threads as wanted.

Sets share nothing but the columns of the frame, and every set writes numbers of its own: the
bits do not depend on the number of threads. This is the yardstick of every faster road.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from research.arrays import Ints, Records
from research.errors import FrameError, SearchError
from research.features.labels import SEGMENTS
from research.features.panel import Panel
from research.measures.costs import Costs
from strategies.law.execution import Execution
from strategies.law.funding import is_funding_known
from strategies.law.minute import Desk, empty_desk
from strategies.law.position import Rules
from strategies.lead_follow import adapter as lead_follow
from strategies.reversion import adapter as reversion
from sweeps.axes import GridSpec
from sweeps.law_tally.kernels import Part, book, tally_lead, tally_reversion
from sweeps.tally import COUNTS, SUMS, Tally

__all__ = ["MAX_SETS", "empty_part", "plain_tally", "segments_at", "write_part"]

MAX_SETS = 1_000_000
"""More sets than this would fill the memory with tallies (1.7 kB each)."""
_CHUNK = 64  # sets between two looks at Ctrl-C: some 10 ms a week, 0.5 s a year

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
    report = progress or (lambda _: None)
    if spec.filter_axes:
        one = partial(plain_tally, panel, execution=execution, costs=costs, rows=rows)
        parts = []
        for variant in spec.variants():
            if variant is None:
                report(spec.inner_size)
                parts.append(Tally.empty(spec.inner_size))
            else:
                parts.append(one(variant, threads=threads, progress=progress))
        return Tally.joined(parts)
    start, stop, _ = (rows or slice(None)).indices(len(panel))
    if start >= stop:
        raise FrameError(f"{panel.frame.label}: rows {start}..{stop} hold no minute; widen them")
    minutes = execution.minutes_of(panel)
    make = _SCORES.get(spec.strategy.name, _any_score)
    score = make(minutes, spec, execution, costs, slice(start, stop))
    cells = np.flatnonzero(spec.is_valid)
    tally = Tally.empty(spec.size)
    report(spec.size - len(cells))
    chunks = [cells[at : at + _CHUNK] for at in range(0, len(cells), _CHUNK)]
    for chunk, part in _in_threads(score, chunks, threads):
        write_part(tally, chunk, part)
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


def write_part(tally: Tally, cells: Ints, part: Part) -> None:
    """Puts the numbers of some sets into their places."""
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
    terms = lead_follow.terms(base, execution, costs, is_funding_known(panel, lead_follow.LEGS))
    minutes = lead_follow.minutes(panel, base, rows.start, rows.stop)
    leads = np.stack([panel.lead_return_pct(window)[: rows.stop] for window in windows])
    segments, sets = segments_at(panel), _sets(spec)

    def score(cells: Ints) -> Part:
        part, desk = empty_part(len(cells)), _desk(terms.rules, sets)
        tally_lead(minutes, leads, terms, sets[cells], segments, desk, part)
        return part

    return score


def _reversion_score(
    panel: Panel, spec: GridSpec, execution: Execution, costs: Costs, rows: slice
) -> Score:
    base: Any = spec.base
    terms = reversion.terms(base, execution, costs, is_funding_known(panel, reversion.LEGS))
    minutes = reversion.minutes(panel, base, rows.start, rows.stop)
    segments, sets = segments_at(panel), _sets(spec)

    def score(cells: Ints) -> Part:
        part, desk = empty_part(len(cells)), _desk(terms.rules, sets)
        tally_reversion(minutes, terms, sets[cells], segments, desk, part)
        return part

    return score


def _any_score(
    panel: Panel, spec: GridSpec, execution: Execution, costs: Costs, rows: slice
) -> Score:
    """Of a strategy whose law has no loop of its own here: its trades, one set after the other."""
    segments = segments_at(panel)

    def score(cells: Ints) -> Part:
        part = empty_part(len(cells))
        for i, cell in enumerate(cells.tolist()):
            trades = spec.strategy.trades(panel, spec.params_at(cell), execution, costs, rows)
            book(trades, segments, part.counts[i], part.sums[i], part.worst[i])
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


def empty_part(sets: int) -> Part:
    """Zeros for so many sets."""
    shape = (sets, len(SEGMENTS))
    return Part(
        counts=np.zeros((*shape, len(COUNTS)), dtype=np.int64),
        sums=np.zeros((*shape, len(SUMS))),
        worst=np.full(shape, np.inf),
    )
