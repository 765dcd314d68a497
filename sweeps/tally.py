"""What a sweep counts for every parameter set and segment: everything that adds up."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from research.arrays import Floats, Ints
from research.errors import SearchError
from research.features.labels import SEGMENTS
from research.measures.report import REPORT_COLUMNS
from research.outcomes import REASONS
from research.statistics.bounds import lower_bounds

__all__ = [
    "ADDITIVE_COLUMNS",
    "COUNTS",
    "EVENTS",
    "FIRST_REASON",
    "HOLD",
    "REASON_COUNTS",
    "SUMS",
    "WINS",
    "Tally",
]

REASON_COUNTS = tuple(reason.lower() for reason in REASONS)
COUNTS = ("events", "wins", *REASON_COUNTS, "hold")
EVENTS, WINS, FIRST_REASON, HOLD = 0, 1, 2, len(COUNTS) - 1
"""Places in COUNTS; that of a reason is ``FIRST_REASON`` and its number in research.outcomes."""
SUMS = ("net", "net_squared", "gross")

_SHARES = tuple(f"{name}_share" for name in REASON_COUNTS)
_OWN_COLUMNS = (
    *("events", "win_rate", "avg_pnl", "pnl_std", "total_pnl", "avg_hold", "max_loss"),
    *("lcb_pnl", "breakeven_bps"),
)
ADDITIVE_COLUMNS = tuple(name for name in REPORT_COLUMNS if name in _OWN_COLUMNS + _SHARES)
"""The report columns that a tally knows, in the order of reports."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tally:
    """Counts and sums over trades.

    All arrays have the shape (segments, sets): segments in the order of
    :data:`research.features.labels.SEGMENTS`, sets in C order over the axes of the grid. Sets
    that are not valid parameters have zero events. Columns are those of
    :class:`research.measures.report.Report`, without trades NaN; they agree with it to float64
    rounding (``pnl_std`` comes from a sum of squares: 1e-8 of the pnl's size).

    Attributes
    ----------
    counts
        int64 by name of :data:`COUNTS`; ``hold`` is the sum of holds in minutes.
    sums
        float64 by name of :data:`SUMS`, percent (``net_squared``: percent squared).
    worst
        float64, smallest net pnl, NaN without events.
    """

    counts: Mapping[str, Ints]
    sums: Mapping[str, Floats]
    worst: Floats

    @classmethod
    def empty(cls, sets: int) -> "Tally":
        """A tally of ``sets`` sets without a trade."""
        shape = (len(SEGMENTS), sets)
        return cls(
            counts={name: np.zeros(shape, dtype=np.int64) for name in COUNTS},
            sums={name: np.zeros(shape) for name in SUMS},
            worst=np.full(shape, np.nan),
        )

    @classmethod
    def joined(cls, parts: Sequence["Tally"]) -> "Tally":
        """The tally of the sets of ``parts``, one part after the other."""
        if len(parts) == 1:
            return parts[0]
        return cls(
            counts={n: np.concatenate([p.counts[n] for p in parts], axis=1) for n in COUNTS},
            sums={n: np.concatenate([p.sums[n] for p in parts], axis=1) for n in SUMS},
            worst=np.concatenate([part.worst for part in parts], axis=1),
        )

    def of_segment(self, segment: int) -> "Tally":
        """The same for one index into SEGMENTS: views of shape (sets,)."""
        return Tally(
            counts={name: values[segment] for name, values in self.counts.items()},
            sums={name: values[segment] for name, values in self.sums.items()},
            worst=self.worst[segment],
        )

    def of_sets(self, segment: int, sets: Ints) -> "Tally":
        """The same for some sets, in their order."""
        return Tally(
            counts={name: values[segment, sets] for name, values in self.counts.items()},
            sums={name: values[segment, sets] for name, values in self.sums.items()},
            worst=self.worst[segment, sets],
        )

    def in_pieces(self, segment: int) -> Iterator["Tally"]:
        """The same, in one piece."""
        yield self.of_segment(segment)

    def column(self, name: str) -> Floats | Ints:
        """A report column by name.

        Raises
        ------
        SearchError
            The name is none of :data:`ADDITIVE_COLUMNS`.
        """
        if name not in ADDITIVE_COLUMNS:
            raise SearchError(
                f"column {name}: not known for a grid; it has {', '.join(ADDITIVE_COLUMNS)}"
            )
        if name in _SHARES:
            return self.share(name.removesuffix("_share"))
        found: Floats | Ints = getattr(self, name)
        return found

    @property
    def events(self) -> Ints:
        """Number of trades."""
        return self.counts["events"]

    @property
    def win_rate(self) -> Floats:
        """Trades with net pnl > 0, percent."""
        return self.share("wins")

    @property
    def avg_pnl(self) -> Floats:
        """Mean net pnl in percent, NaN without events."""
        return _divide(self.sums["net"], self.events)

    @property
    def pnl_std(self) -> Floats:
        """Standard deviation of net pnl (ddof 1) in percent, NaN below 2 events."""
        n = self.events
        centred = self.sums["net_squared"] - self.sums["net"] * self.avg_pnl
        variance = _divide(np.maximum(centred, 0.0), n - 1)
        return np.where(n >= 2, np.sqrt(variance), np.nan)

    @property
    def total_pnl(self) -> Floats:
        """Sum of net pnl in percent, NaN without events."""
        return np.where(self.events > 0, self.sums["net"], np.nan)

    @property
    def avg_hold(self) -> Floats:
        """Mean hold in minutes, NaN without events."""
        return _divide(self.counts["hold"], self.events)

    @property
    def max_loss(self) -> Floats:
        """The smallest net pnl in percent, NaN without events."""
        return self.worst

    @property
    def lcb_pnl(self) -> Floats:
        """One-sided 95 % lower bound of the mean net pnl in percent, NaN below 2 events."""
        return lower_bounds(self.avg_pnl, self.pnl_std, self.events)

    @property
    def breakeven_bps(self) -> Floats:
        """Round-trip cost at which the mean net pnl would be 0, NaN without events."""
        return _divide(self.sums["gross"], self.events) * 100

    def share(self, count: str) -> Floats:
        """Share of one of COUNTS in the trades, percent, NaN without events."""
        return _divide(self.counts[count], self.events) * 100


def _divide(value: Floats | Ints, count: Ints) -> Floats:
    return np.where(count > 0, value / np.maximum(count, 1), np.nan)
