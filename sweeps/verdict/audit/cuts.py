"""Where history is cut: at every kind of minute at which something may look ahead.

Most leaks show at any cut. Those that do not sit where something changes: where a session begins,
a bar completes, funding is paid, a venue falls silent, a signal fires, a trade begins or ends. So
the cuts are drawn by turns from each of these kinds, on the minute of the change and on the one
before it, and the rest at random.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from research.arrays import Bools, Ints
from research.data.tables.schema import MINUTE_MS, VENUES
from research.errors import EvidenceError
from research.features.panel import Panel

__all__ = ["Cut", "choose_cuts"]

_BARS = (60, 240, 1440)
_NEAR_HALTS = 8  # minutes: the settling and more
_LARGEST = 50  # moves that count as large


@dataclass(frozen=True, slots=True)
class Cut:
    """The last row of a history, and why there."""

    row: int
    why: str


def choose_cuts(
    panel: Panel, count: int, seed: int, moments: Mapping[str, Ints] | None = None
) -> tuple[Cut, ...]:
    """``count`` different rows of ``panel`` in rising order, never the last one.

    Parameters
    ----------
    moments
        Further kinds of rows by name: signals, entries, exits.

    Raises
    ------
    EvidenceError
        The panel has fewer minutes than are asked for.
    """
    last = len(panel) - 2
    if count < 1 or last + 1 < count:
        raise EvidenceError(
            f"{panel.frame.label}: {len(panel):,} minutes cannot be cut at {count:,} of them; "
            "give more minutes, or --cuts of at least 1 and fewer"
        )
    generator = np.random.default_rng(seed)
    kinds = {**_changes(panel), **(moments or {}), "random": np.arange(last + 1)}
    queues = {name: _shuffled(generator, rows, last) for name, rows in kinds.items()}
    chosen: dict[int, str] = {}
    while len(chosen) < count:
        for name, queue in queues.items():
            row = next((row for row in queue if row not in chosen), None)
            if row is not None and len(chosen) < count:
                chosen[row] = name
    return tuple(Cut(row, chosen[row]) for row in sorted(chosen))


def _shuffled(generator: np.random.Generator, rows: Ints, last: int) -> Iterator[int]:
    """Each of ``rows`` and the row before it, in random order; consumed as it is read."""
    near = np.unique(np.concatenate((rows, rows - 1)))
    inside = near[(near >= 0) & (near <= last)]
    drawn: list[int] = generator.permutation(inside).tolist()
    return iter(drawn)


def _changes(panel: Panel) -> dict[str, Ints]:
    closes = {venue: panel.column(f"{venue}_close") for venue in VENUES}
    move = np.abs(np.diff(np.log(closes["binance"]), prepend=np.nan))
    move[np.isnan(move)] = 0.0
    kinds = {
        "session": _steps(panel.session),
        "regime": _steps(panel.regime),
        **{f"{venue} silence": _steps(np.isnan(close)) for venue, close in closes.items()},
        "halt": _halts(panel),
        "large move": np.sort(np.argsort(move)[-_LARGEST:]),
    }
    kinds |= {f"{bar} min bar": np.flatnonzero(panel.minute % bar == 0) for bar in _BARS}
    return {name: rows for name, rows in kinds.items() if rows.size}


def _halts(panel: Panel) -> Ints:
    """Rows around the beginning and the end of every stretch that was left out."""
    ends = [
        ms // MINUTE_MS - int(panel.minute[0])
        for each in panel.frame.exclusions
        for ms in (each.first_ms, each.end_ms)
    ]
    near = np.arange(-_NEAR_HALTS, _NEAR_HALTS + 1)
    return np.unique(np.add.outer(np.array(ends, dtype=np.int64), near))


def _steps(values: Ints | Bools) -> Ints:
    return np.flatnonzero(values[1:] != values[:-1]) + 1
