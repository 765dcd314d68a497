"""What most people look at of a large grid, made with its pieces and kept beside them.

For one least number of trades: the best sets of every segment, the best set of every cell of every
pair of axes by ``lcb_pnl``, and counts. Kilobytes in place of gigabytes, and the very numbers that
the pieces give: a summary that is missing, of another grid or damaged is passed over.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from research.arrays import Floats, Ints
from research.atomic import atomic_path
from research.features.labels import SEGMENTS
from sweeps.axes import GridSpec
from sweeps.grid.bests import Bests, all_pairs
from sweeps.grid.traces import distinct_largest, traces_of
from sweeps.tally import Tally

__all__ = [
    "BY",
    "FILE",
    "KEPT",
    "PieceSummary",
    "Summary",
    "load_summary",
    "piece_summary",
    "summed_up",
]

BY = "lcb_pnl"
FILE = "_summary.npz"  # the underscore keeps it out of what is read as one table
KEPT = 64
"""Best sets of each segment, those with the same trades once."""
_SCHEMA = "leadfollow.grid_summary/1"
_COUNTS = ("enough", "positive", "most")
_Top = tuple[Ints, Floats, npt.NDArray[np.uint64]]


@dataclass(slots=True, eq=False)
class PieceSummary:
    """Of some sets of a grid.

    Attributes
    ----------
    bests
        By pairs of axes.
    top
        By segment: sets, values and traces of the best, best first, at most ``KEPT``.
    counts
        Shape (segments,) by name: sets with enough trades, those of them above 0, most trades.
    traces
        Of all valid sets on all minutes, in parts.
    """

    bests: Bests
    top: list[_Top]
    counts: dict[str, Ints]
    traces: list[npt.NDArray[np.uint64]]

    def take(self, other: "PieceSummary") -> None:
        """Takes what other sets of the same grid come to."""
        self.bests.merge(other.bests)
        self.top = [_joined(*both) for both in zip(self.top, other.top, strict=True)]
        for name, values in other.counts.items():
            join = np.maximum if name == "most" else np.add
            self.counts[name] = join(self.counts[name], values)
        self.traces += other.traces


@dataclass(frozen=True, slots=True, eq=False)
class Summary:
    """Of a whole grid, for ``min_events``."""

    bests: Bests
    top: tuple[Ints, ...]
    counts: dict[str, Ints]
    distinct: int

    @property
    def min_events(self) -> int:
        """Trades that a set needs to count."""
        return self.bests.min_events

    def save(self, path: Path, digest: str) -> None:
        """Writes it, atomically. Raises :class:`StoreError`."""
        about = {
            "schema": _SCHEMA,
            "digest": digest,
            "min_events": self.min_events,
            "distinct": self.distinct,
        }
        tops = {f"top_{k}": sets for k, sets in enumerate(self.top)}
        text = np.frombuffer(json.dumps(about).encode(), np.uint8)
        with atomic_path(path) as temporary, temporary.open("wb") as file:
            arrays: dict[str, Any] = {**tops, **self.counts, **self.bests.arrays()}
            np.savez_compressed(file, about=text, **arrays)


def piece_summary(spec: GridSpec, tally: Tally, first: int, min_events: int) -> PieceSummary:
    """What the sets from ``first`` on come to; ``tally`` of shape (segments, sets)."""
    values, events = tally.lcb_pnl, tally.events
    bests = Bests.nothing(spec, all_pairs(spec), len(SEGMENTS), min_events)
    bests.take(first, values, events)
    is_valid = spec.is_valid_at(np.arange(first, first + values.shape[1]))
    is_enough = (events >= min_events) & ~np.isnan(values) & is_valid
    counts = {
        "enough": (events >= min_events).sum(axis=1),
        "positive": ((events >= min_events) & (values > 0)).sum(axis=1),
        "most": events.max(axis=1, initial=0),
    }
    top = [
        _top(tally.of_segment(s), first, values[s], np.flatnonzero(is_enough[s]))
        for s in range(len(SEGMENTS))
    ]
    return PieceSummary(bests, top, counts, [traces_of(tally.of_segment(0))[is_valid]])


def _top(tally: Tally, first: int, value: Floats, cells: Ints) -> _Top:
    found = distinct_largest(value, cells, KEPT, lambda some: traces_of(tally, some))
    return first + found, value[found], traces_of(tally, found)


def summed_up(whole: PieceSummary) -> Summary:
    """The summary of the grid whose pieces ``whole`` has taken."""
    return Summary(
        bests=whole.bests,
        top=tuple(sets for sets, _, _ in whole.top),
        counts=whole.counts,
        distinct=len(np.unique(np.concatenate(whole.traces))),
    )


def _joined(one: _Top, other: _Top) -> _Top:
    sets, values, traces = (np.concatenate(both) for both in zip(one, other, strict=True))
    order = np.lexsort((sets, -values))
    _, at = np.unique(traces[order], return_index=True)
    kept = order[np.sort(at)[:KEPT]]
    return sets[kept], values[kept], traces[kept]


def load_summary(path: Path, spec: GridSpec, digest: str) -> Summary | None:
    """What :meth:`Summary.save` wrote of this very grid; None: nothing that can be believed."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            about = json.loads(bytes(stored["about"]))
            if (about["schema"], about["digest"]) != (_SCHEMA, digest):
                return None
            known = Bests.nothing(spec, all_pairs(spec), len(SEGMENTS), int(about["min_events"]))
            for name, like in known.arrays().items():
                values = stored[name]
                if values.shape != like.shape or values.dtype != like.dtype:
                    return None
                like[...] = values
            return Summary(
                bests=known,
                top=tuple(stored[f"top_{k}"] for k in range(len(SEGMENTS))),
                counts={name: stored[name] for name in _COUNTS},
                distinct=int(about["distinct"]),
            )
    except (OSError, ValueError, KeyError, TypeError, EOFError, BadZipFile):
        return None
