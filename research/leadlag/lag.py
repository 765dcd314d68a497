"""Does Binance lead, by how much, and when: every estimator, by segment and day by day."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import nan

import numpy as np

from research.arrays import Bools, Floats
from research.errors import EvidenceError, ParamError
from research.features.labels import SEGMENTS, Segment
from research.features.panel import Panel
from research.leadlag.cointegration import Cointegration, cointegration
from research.leadlag.correction import Correction, error_correction
from research.leadlag.minutes import PairMinutes, check_minutes, pair_minutes
from research.leadlag.prediction import Prediction, predictions
from research.leadlag.resample import CELL_MIN, block_counts, check_blocks
from research.leadlag.shifts import ShiftCurve, contrast, cross_correlation

__all__ = ["LagSpec", "LagWindow", "LeadLag", "SegmentLag", "lead_lag"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LagSpec:
    """How a lead is measured."""

    max_shift: int = 15  # minutes either way
    lags: int = 5  # of both returns in the error-correction model
    window: int = 5  # minutes of Binance's last move in the regressions
    horizons: tuple[int, ...] = (1, 3, 5, 10, 15)  # minutes of dYdX's next return
    block_min: int = 120  # mean length of a block that is resampled
    draws: int = 500  # resamples
    seed: int = 7
    window_min: int = 1440  # of the rolling view

    def __post_init__(self) -> None:
        self._check("max_shift", 1 <= self.max_shift <= 120, "1..120 minutes")
        self._check("lags", 1 <= self.lags <= 30, "1..30")
        self._check("window", 1 <= self.window <= 240, "1..240 minutes")
        within = bool(self.horizons) and all(1 <= k <= 240 for k in self.horizons)
        self._check("horizons", within, "1..240 minutes each, at least one")
        self._check("block_min", CELL_MIN <= self.block_min <= 10_080, f"{CELL_MIN}..10080 minutes")
        self._check("draws", 100 <= self.draws <= 100_000, "100..100000")
        self._check("seed", self.seed >= 0, ">= 0")
        self._check("window_min", 240 <= self.window_min <= 100_000, "240..100000 minutes")

    def _check(self, name: str, holds: bool, rule: str) -> None:
        if not holds:
            raise ParamError(f"lead-lag: {name} = {getattr(self, name)}; must be {rule}")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SegmentLag:
    """The lead in one segment; with a reason in place of numbers where evidence is short."""

    segment: Segment
    minutes: int  # in which both traded
    correlation: ShiftCurve | None = None
    contrast: ShiftCurve | None = None
    correction: Correction | None = None
    predictions: tuple[Prediction, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LagWindow:
    """The lead in one stretch of the clock; NaN with a reason where evidence is short."""

    first_minute: int  # epoch minute
    minutes: int  # in which both traded
    best_shift: float = nan
    ratio: float = nan  # lead-lag ratio of the contrast
    ratio_low: float = nan
    ratio_high: float = nan
    follow_speed: float = nan  # part of the gap that dYdX closes in a minute, a negative number
    follow_error: float = nan
    gap_slope: float = nan  # of dYdX's return from the next open on the gap, longest horizon
    gap_error: float = nan
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LeadLag:
    """Everything that ``leadfollow leadlag`` says."""

    spec: LagSpec
    minutes: int  # on the clock
    both: int  # in which both traded
    segments: tuple[SegmentLag, ...]  # all first, in the order of reports
    windows: tuple[LagWindow, ...]
    cointegration: Cointegration

    @property
    def overall(self) -> SegmentLag:
        """The segment of every minute."""
        return self.segments[0]


def lead_lag(
    panel: Panel,
    rows: slice = slice(None),
    spec: LagSpec | None = None,
    *,
    step: Callable[[], None] = lambda: None,
) -> LeadLag:
    """Who leads in ``rows`` of ``panel``.

    Parameters
    ----------
    step
        Called once for each segment and each window that is done.

    Raises
    ------
    EvidenceError
        Too few minutes, a single block, or a price that never changes.
    """
    spec = spec or LagSpec()
    pair = pair_minutes(panel, rows)
    counts = _counts(pair, spec)
    segments = []
    for segment in SEGMENTS:
        inside = segment.mask(pair.session, pair.regime)
        # the whole span is refused outright, a part of it by its reason
        found = _segment if segment != SEGMENTS[0] else _measured
        segments.append(found(pair, segment, inside, spec, counts))
        step()
    windows = []
    for part in window_slices(len(pair), spec):
        windows.append(_window(pair.part(part), spec))
        step()
    return LeadLag(
        spec=spec,
        minutes=len(pair),
        both=int(pair.has_both.sum()),
        segments=tuple(segments),
        windows=tuple(windows),
        cointegration=cointegration(pair),
    )


def window_slices(n: int, spec: LagSpec) -> Sequence[slice]:
    """The stretches of the rolling view; a last one below half the length is left out."""
    starts = range(0, n, spec.window_min)
    ends = [min(start + spec.window_min, n) for start in starts]
    return [
        slice(start, end)
        for start, end in zip(starts, ends, strict=True)
        if 2 * (end - start) >= spec.window_min
    ]


def _counts(pair: PairMinutes, spec: LagSpec) -> Floats:
    cells = -(-len(pair) // CELL_MIN)
    check_blocks(cells, spec.block_min / CELL_MIN)
    return block_counts(cells, spec.block_min / CELL_MIN, spec.draws, spec.seed)


def _segment(
    pair: PairMinutes, segment: Segment, inside: Bools, spec: LagSpec, counts: Floats
) -> SegmentLag:
    try:
        return _measured(pair, segment, inside, spec, counts)
    except EvidenceError as error:
        both = int((inside & pair.has_both).sum())
        return SegmentLag(segment=segment, minutes=both, reason=str(error))


def _measured(
    pair: PairMinutes, segment: Segment, inside: Bools, spec: LagSpec, counts: Floats
) -> SegmentLag:
    both = inside & pair.has_both
    check_blocks(np.unique(np.flatnonzero(both) // CELL_MIN).size, spec.block_min / CELL_MIN)
    shifts = np.arange(-spec.max_shift, spec.max_shift + 1, dtype=np.int64)
    return SegmentLag(
        segment=segment,
        minutes=int(both.sum()),
        correlation=cross_correlation(pair, inside, shifts, counts),
        contrast=contrast(pair, inside, shifts, counts),
        correction=error_correction(pair, inside, spec.lags, counts),
        predictions=predictions(pair, inside, horizons=spec.horizons, window=spec.window),
    )


def _window(pair: PairMinutes, spec: LagSpec) -> LagWindow:
    first, both = int(pair.minute[0]), int(pair.has_both.sum())
    try:
        check_minutes(pair, "this window")
        every = Segment()
        found = _measured(
            pair, every, every.mask(pair.session, pair.regime), spec, _counts(pair, spec)
        )
    except EvidenceError as error:
        return LagWindow(first_minute=first, minutes=both, reason=str(error))
    return _measured_window(found, first, both)


def _measured_window(found: SegmentLag, first: int, both: int) -> LagWindow:
    assert found.contrast is not None  # noqa: S101 (measured, not refused)
    assert found.correction is not None  # noqa: S101
    last = [each for each in found.predictions if each.start == "next_open"][-1]
    curve, correction = found.contrast, found.correction
    return LagWindow(
        first_minute=first,
        minutes=both,
        best_shift=float(curve.best_shift),
        ratio=curve.ratio,
        ratio_low=curve.ratio_low,
        ratio_high=curve.ratio_high,
        follow_speed=correction.follow_speed,
        follow_error=correction.follow_speed / correction.follow_speed_t,
        gap_slope=last.gap_slope,
        gap_error=last.gap_error,
    )
