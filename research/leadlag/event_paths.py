"""Paths and outcomes of a list of events, with bands over days.

``compress`` is ``spread_compress`` of SEMANTICS.md, section 2, ``1 - |gap[t+k]| / |gap[t]|``, with
the basis held as it was at the event and both sums taken over all events: a mean of ratios would
be decided by the smallest gaps.

Few days carry a band, so it is Student's: mean -+ t * the spread of resampled days, with one
degree of freedom less than there are days.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from scipy.stats import t as student

from research.arrays import Bools, Floats, Ints
from research.errors import EvidenceError
from research.leadlag.minutes import PairMinutes
from research.leadlag.resample import block_counts, cell_sums, resampled

__all__ = ["Band", "EventPaths", "Outcome", "Sample", "event_sample", "outcomes", "paths"]


@dataclass(frozen=True, slots=True)
class Band:
    """A mean and its 95 % band; NaN where unknown."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sample:
    """Events cut out of a market, turned into the trade's direction; percent, NaN unknown."""

    row: Ints  # (events,)
    day: Ints  # (events,) UTC day, rising
    offset: Ints  # (offsets,) minutes from the event
    gap: Floats  # (events, offsets) what dYdX has still to go
    lead: Floats  # (events, offsets) Binance since the event
    follow: Floats  # (events, offsets) dYdX since the event
    goal: Floats  # (events,) what dYdX had to go at the event, or at the event matched with
    to_fill: Floats  # (events,) dYdX from the event's close to the next open; NaN: no trade there

    def where(self, mask: Bools) -> "Sample":
        """Some of the events, mask of shape (events,)."""
        kept = {f.name: getattr(self, f.name)[mask] for f in fields(self) if f.name != "offset"}
        return Sample(offset=self.offset, **kept)


@dataclass(frozen=True, slots=True, eq=False)
class EventPaths:
    """Mean paths with 95 % bands, arrays of shape (offsets,), percent in the trade's direction."""

    offset: Ints
    gap: tuple[Floats, Floats, Floats]  # mean, low, high
    lead: tuple[Floats, Floats, Floats]
    follow: tuple[Floats, Floats, Floats]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of the gap after so many minutes; moves in basis points, mean with band."""

    horizon: int
    events: int  # those whose minutes are known: both traded then, dYdX right after the event
    compress: Band  # share of the gap that is gone
    halved: Band  # share of events that made good half of their goal at any minute on the way
    half_min: float  # median minutes until then; inf where most never did
    closed_bps: Band  # what the gap lost
    before_fill_bps: Band  # of it by dYdX before an order could be filled
    after_fill_bps: Band  # by dYdX after that: gross, before costs
    lead_bps: Band  # by Binance coming back
    follow_share: Band  # of what was closed, by dYdX; NaN where that is below 3 errors
    paid_share: Band  # of what was closed, by dYdX after the fill


def event_sample(
    pair: PairMinutes, row: Ints, side: Ints, goal: Floats, *, before: int, after: int
) -> Sample:
    """The minutes ``before .. after`` each event; what lies outside the span is NaN.

    ``row`` rises; ``goal``: percent that dYdX has to go; both of shape (events,).
    """
    offset = np.arange(-before, after + 1, dtype=np.int64)
    place = row[:, np.newaxis] + offset
    is_inside = (place >= 0) & (place < len(pair))
    place = np.clip(place, 0, len(pair) - 1)
    turn = side[:, np.newaxis] * 100.0

    def cut(price: Floats) -> Floats:
        path = np.where(is_inside, price[place], np.nan) - price[row][:, np.newaxis]
        return np.asarray(path * turn)

    lead, follow = cut(pair.lead), cut(pair.follow)
    following = np.minimum(row + 1, len(pair) - 1)
    opened = np.where(row + 1 < len(pair), pair.follow_open[following], np.nan)
    start = -side * pair.gap_pct[row]
    return Sample(
        row=row,
        day=pair.minute[row] // 1440,
        offset=offset,
        gap=start[:, np.newaxis] - (follow - lead),
        lead=lead,
        follow=follow,
        goal=goal,
        to_fill=(opened - pair.follow[row]) * side * 100.0,
    )


def paths(sample: Sample, draws: int, seed: int) -> EventPaths:
    """Mean paths of the events; a minute that is unknown is left out of its mean."""
    return EventPaths(
        sample.offset,
        *(_mean_band(each, sample.day, draws, seed) for each in _paths_of(sample)),
    )


def outcomes(sample: Sample, horizons: Sequence[int], draws: int, seed: int) -> tuple[Outcome, ...]:
    """The state of the gap at each horizon (minutes after the event, inside the sample).

    Raises
    ------
    EvidenceError
        The prices at a horizon are known on fewer than two days.
    """
    return tuple(_outcome(sample, horizon, draws, seed) for horizon in horizons)


def _paths_of(sample: Sample) -> tuple[Floats, Floats, Floats]:
    return sample.gap, sample.lead, sample.follow


def _mean_band(values: Floats, day: Ints, draws: int, seed: int) -> tuple[Floats, Floats, Floats]:
    """Mean over events of each column, and its band; whole days are resampled."""
    is_known = ~np.isnan(values)
    sums = cell_sums(np.concatenate((np.where(is_known, values, 0.0), is_known), axis=1), day)
    return _ratio_band(sums, values.shape[1], draws, seed)


def _ratio_band(sums: Floats, width: int, draws: int, seed: int) -> tuple[Floats, Floats, Floats]:
    """Ratio of the first ``width`` sums to the others over days, and its band."""
    days = len(sums)
    total = resampled(sums, block_counts(days, 1, draws, seed))
    with np.errstate(invalid="ignore", divide="ignore"):
        value = sums[:, :width].sum(axis=0) / sums[:, width:].sum(axis=0)
        # days drawn with replacement spread a little less than days do
        error = np.std(total[:, :width] / total[:, width:], axis=0) * np.sqrt(days / (days - 1))
    reach = float(student.ppf(0.975, days - 1)) * error
    return value, value - reach, value + reach


def _outcome(sample: Sample, horizon: int, draws: int, seed: int) -> Outcome:
    at = int(np.flatnonzero(sample.offset == horizon)[0])
    now = int(np.flatnonzero(sample.offset == 0)[0])
    start, end = sample.gap[:, now], sample.gap[:, at]
    known = ~np.isnan(end) & ~np.isnan(sample.to_fill)
    kept = sample.where(known)
    if np.unique(kept.day).size < 2:
        raise EvidenceError(
            f"{int(known.sum())} events whose price {horizon} minutes on is known, on fewer than "
            "two days: take more days"
        )
    start, end = start[known], end[known]
    first = _first_half(kept, now, at)
    after = kept.follow[:, at] - kept.to_fill
    moves = (start - end, kept.to_fill, after, -kept.lead[:, at])
    columns = np.column_stack((np.isfinite(first), *(100 * each for each in moves)))
    mean = [
        Band(*map(float, each))
        for each in zip(*_mean_band(columns, kept.day, draws, seed), strict=True)
    ]
    _, closed, fill, paid, _ = columns.T
    # three errors from zero: a ratio over less has no band worth printing
    is_sure = mean[1].low > (mean[1].high - mean[1].low) / 4
    left = _share(np.abs(end), np.abs(start), kept.day, draws, seed)
    nothing = Band(np.nan, np.nan, np.nan)
    return Outcome(
        horizon=horizon,
        events=int(known.sum()),
        compress=Band(1 - left.value, 1 - left.high, 1 - left.low),
        halved=Band(mean[0].value, max(mean[0].low, 0.0), min(mean[0].high, 1.0)),
        half_min=float(np.quantile(first, 0.5, method="lower")),
        closed_bps=mean[1],
        before_fill_bps=mean[2],
        after_fill_bps=mean[3],
        lead_bps=mean[4],
        follow_share=_share(fill + paid, closed, kept.day, draws, seed) if is_sure else nothing,
        paid_share=_share(paid, closed, kept.day, draws, seed) if is_sure else nothing,
    )


def _first_half(sample: Sample, now: int, at: int) -> Floats:
    """Minutes until half of the goal was made good, inf where it never was; shape (events,)."""
    closed = sample.gap[:, [now]] - sample.gap[:, now + 1 : at + 1]
    is_half = closed >= sample.goal[:, np.newaxis] / 2
    return np.where(is_half.any(axis=1), 1.0 + is_half.argmax(axis=1), np.inf)


def _share(part: Floats, whole: Floats, day: Ints, draws: int, seed: int) -> Band:
    """Sum of a part over the sum of the whole, with its band."""
    sums = cell_sums(np.column_stack((part, whole)), day)
    return Band(*(float(each[0]) for each in _ratio_band(sums, 1, draws, seed)))
