"""What happens around a trigger, beside the same number of minutes when nothing happened.

Everything is turned into the direction of the trade (long: as it is, short: upside down) and put
to zero at the trigger. The gap is dYdX's distance to Binance over the basis AT the trigger (no
basis where thresholds are on the raw spread): ``gap > 0`` means that dYdX has still to go the
trade's way. It closes in three ways, which
sum to it exactly (in logs)::

    closed = dYdX before the fill + dYdX after the fill - Binance
             (trigger's close       (next open           (Binance comes back:
              to the next open:      on: this pays)       nothing earned)
              gone already)

Bands resample whole UTC days: events of one day share their market.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from research.arrays import Bools, Floats, Ints
from research.errors import EvidenceError, ParamError
from research.features.labels import SEGMENTS, Segment
from research.leadlag.event_paths import (
    EventPaths,
    Outcome,
    Sample,
    event_sample,
    outcomes,
    paths,
)
from research.leadlag.matching import matched_rows
from research.leadlag.minutes import PairMinutes

__all__ = [
    "MIN_DAYS",
    "EventSpec",
    "EventStudy",
    "SegmentEvents",
    "Triggers",
    "event_study",
    "spaced",
]

MIN_DAYS = 5  # days with an event; fewer carry no band
_MIN_EVENTS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class EventSpec:
    """What is looked at around each trigger."""

    before: int = 15  # minutes
    after: int = 30
    horizon: int = 15  # minutes of the payoff by segment
    spacing: int = 10  # minutes between two events of one side
    draws: int = 2000  # resamples of days
    seed: int = 7

    def __post_init__(self) -> None:
        self._check("before", 1 <= self.before <= 240, "1..240 minutes")
        self._check("after", 2 <= self.after <= 1440, "2..1440 minutes")
        self._check("horizon", 2 <= self.horizon <= self.after, f"2..{self.after} minutes")
        self._check("spacing", 0 <= self.spacing <= 10_080, "0..10080 minutes")
        self._check("draws", 100 <= self.draws <= 100_000, "100..100000")
        self._check("seed", self.seed >= 0, ">= 0")

    def _check(self, name: str, holds: bool, rule: str) -> None:
        if not holds:
            raise ParamError(f"event study: {name} = {getattr(self, name)}; must be {rule}")


@dataclass(frozen=True, slots=True, eq=False)
class Triggers:
    """Events in the order of time; arrays of shape (events,)."""

    row: Ints  # of the pair
    side: Ints  # +1 dYdX is expected to rise, -1 to fall
    goal: Floats  # percent that dYdX has to go: of a matched minute, what its event had


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SegmentEvents:
    """Outcomes at the horizon in one segment; with a reason where evidence is short."""

    segment: Segment
    events: int
    days: int
    event: Outcome | None = None
    matched: Outcome | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class EventStudy:
    """Everything that ``leadfollow events`` says."""

    spec: EventSpec
    events: int
    longs: int
    days: int
    matched: int  # below ``events`` where a session, regime and hour had no free minute
    event_paths: EventPaths
    matched_paths: EventPaths
    event_outcomes: tuple[Outcome, ...]  # by horizon
    matched_outcomes: tuple[Outcome, ...]
    segments: tuple[SegmentEvents, ...]


def spaced(is_trigger: Bools, spacing: int) -> Ints:
    """Rows of triggers, each at least ``spacing`` minutes after the one taken before it."""
    taken: list[int] = []
    for row in np.flatnonzero(is_trigger).tolist():
        if not taken or row - taken[-1] >= spacing:
            taken.append(row)
    return np.array(taken, dtype=np.int64)


def event_study(
    pair: PairMinutes,
    long: Bools,
    short: Bools,
    spec: EventSpec | None = None,
    *,
    step: Callable[[], None] = lambda: None,
) -> EventStudy:
    """Events where ``long`` or ``short`` holds, shape (n,), and minutes matched with them.

    Only minutes in which both venues traded are events.

    Raises
    ------
    EvidenceError
        No trigger, fewer than 10, or all on fewer than 5 days.
    """
    spec = spec or EventSpec()
    triggers = _triggers(pair, long, short, spec)
    days = _days(pair, triggers.row)
    _check_days(triggers.row.size, days, "this span")
    control = _controls(pair, triggers, long | short, spec)
    step()
    sample, other = _cut(pair, triggers, spec), _cut(pair, control, spec)
    horizons = [k for k in (1, 2, 3, 5, 10, 15, 30, 60, 120) if k < spec.after] + [spec.after]
    study = EventStudy(
        spec=spec,
        events=triggers.row.size,
        longs=int((triggers.side > 0).sum()),
        days=days,
        matched=control.row.size,
        event_paths=paths(sample, spec.draws, spec.seed),
        matched_paths=paths(other, spec.draws, spec.seed),
        event_outcomes=outcomes(sample, horizons, spec.draws, spec.seed),
        matched_outcomes=outcomes(other, horizons, spec.draws, spec.seed),
        segments=tuple(_by_segment(pair, sample, other, spec)),
    )
    step()
    return study


def _triggers(pair: PairMinutes, long: Bools, short: Bools, spec: EventSpec) -> Triggers:
    fresh = pair.has_both & ~np.isnan(pair.gap_pct)
    rows = [spaced(each & fresh, spec.spacing) for each in (long, short)]
    row = np.concatenate(rows)
    side = np.repeat(np.array([1, -1], dtype=np.int64), [each.size for each in rows])
    order = np.argsort(row, kind="stable")
    if row.size == 0:
        raise EvidenceError(
            f"no trigger in {len(pair):,} minutes: lower the move or the spread asked for, or "
            "take more days"
        )
    row, side = row[order], side[order]
    return Triggers(row, side, -side * pair.gap_pct[row])


def _cut(pair: PairMinutes, events: Triggers, spec: EventSpec) -> Sample:
    return event_sample(
        pair, events.row, events.side, events.goal, before=spec.before, after=spec.after
    )


def _controls(pair: PairMinutes, triggers: Triggers, is_near: Bools, spec: EventSpec) -> Triggers:
    """As many minutes of the same session, regime and hour, away from every trigger."""
    reach = np.ones(spec.before + spec.after + 1)
    touched = np.convolve(is_near.astype(np.float64), reach)[spec.before :][: len(pair)] > 0
    known = pair.has_both & ~np.isnan(pair.gap_pct) & ~touched
    rows = matched_rows(pair, triggers.row, known, spec.seed)
    found = rows >= 0
    if np.unique(pair.minute[rows[found]] // 1440).size < MIN_DAYS:
        raise EvidenceError(
            "triggers leave no quiet minutes to compare with (same session, regime and hour, "
            "away from any trigger): ask for rarer triggers or take more days"
        )
    order = np.argsort(rows[found], kind="stable")  # days must rise
    return Triggers(rows[found][order], triggers.side[found][order], triggers.goal[found][order])


def _by_segment(
    pair: PairMinutes, sample: Sample, other: Sample, spec: EventSpec
) -> Sequence[SegmentEvents]:
    found = []
    for segment in SEGMENTS:
        mine, quiet = (
            each.where(segment.mask(pair.session[each.row], pair.regime[each.row]))
            for each in (sample, other)
        )
        days = np.unique(mine.day).size
        try:
            _check_days(mine.row.size, days, segment.name)
            _check_days(quiet.row.size, np.unique(quiet.day).size, f"{segment.name}, matched")
            (event,) = outcomes(mine, [spec.horizon], spec.draws, spec.seed)
            (calm,) = outcomes(quiet, [spec.horizon], spec.draws, spec.seed)
        except EvidenceError as error:
            event, calm, reason = None, None, str(error)
        else:
            reason = ""
        found.append(
            SegmentEvents(
                segment=segment,
                events=mine.row.size,
                days=days,
                event=event,
                matched=calm,
                reason=reason,
            )
        )
    return found


def _days(pair: PairMinutes, rows: Ints) -> int:
    return int(np.unique(pair.minute[rows] // 1440).size)


def _check_days(events: int, days: int, where: str) -> None:
    if events < _MIN_EVENTS or days < MIN_DAYS:
        raise EvidenceError(
            f"{where}: {events} events on {days} days; a band needs {_MIN_EVENTS} on {MIN_DAYS}: "
            "take more days or lower the thresholds"
        )
