"""Entry classes: which candidates are signals of one, and which signals its cooldown takes."""

from typing import Any, NamedTuple

from research.jit import inlined_kernel, kernel
from sweeps.engine.kernels.candidates import Candidates

__all__ = ["EntryAxes", "by_part", "signals", "take"]


class EntryAxes(NamedTuple):
    """Sizes of the entry axes. A *group* shares its signals: all cooldowns of (w, m, p)."""

    windows: int
    first: int  # levels of move_pct, or of entry
    second: int  # levels of spread_entry, or 1
    cooldowns: Any  # int64, rising


@inlined_kernel
def signals(
    group: int, first: int, stop: int, candidates: Candidates, axes: EntryAxes, out: Any
) -> int:
    """Writes the candidates of ``first .. stop`` that are signals of ``group``; how many."""
    m, p = group // axes.second % axes.first, group % axes.second
    w = group // (axes.first * axes.second)
    low, high, second = candidates.first_low[w], candidates.first_high[w], candidates.second_high
    count = 0
    for r in range(first, stop):
        out[count] = r  # overwritten unless it counts: no branch to mispredict
        count += (low[r] <= m) & (m < high[r]) & (p < second[r])
    return count


@inlined_kernel
def take(found: Any, count: int, rows: Any, cooldown: int, out: Any) -> int:
    """Writes the signals that are entries, earliest first; how many."""
    taken, free_at = 0, rows[found[0]] if count > 0 else 0
    for q in range(count):
        r = found[q]
        if rows[r] >= free_at:
            out[taken] = r
            taken += 1
            free_at = rows[r] + max(cooldown, 1)
    return taken


@kernel
def by_part(taken: Any, count: int, parts: Any, out: Any, bounds: Any) -> None:
    """Orders entries by part, then time; those of part g stand in ``bounds[g] .. bounds[g+1]``."""
    bounds[:] = 0
    for q in range(count):
        bounds[parts[taken[q]] + 1] += 1
    for g in range(bounds.size - 1):
        bounds[g + 1] += bounds[g]
    for q in range(count):
        g = parts[taken[q]]
        out[bounds[g]] = taken[q]
        bounds[g] += 1
    for g in range(bounds.size - 1, 0, -1):
        bounds[g] = bounds[g - 1]
    bounds[0] = 0
