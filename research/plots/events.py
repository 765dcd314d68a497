"""Around triggers, in a picture: mean paths, the same for matched minutes, who closed the gap."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from research.arrays import Floats
from research.leadlag.event_paths import EventPaths, Outcome
from research.leadlag.event_study import EventStudy
from research.leadlag.sentences import event_sentences
from research.plots.figure import (
    COLORS,
    FAINT,
    INK,
    LINE_HEIGHT,
    new_figure,
    quiet,
    wrapped,
    write_head,
    write_notes,
)

__all__ = ["EventsInfo", "PathBand", "draw_events", "events_info"]

_WIDTH, _HEAD, _TALL, _GAP = 12.0, 0.95, 2.9, 0.95  # inches
_PARTS = {"dYdX before the fill": 4, "dYdX after the fill": 2, "Binance came back": 0}


@dataclass(frozen=True, slots=True, eq=False)
class PathBand:
    """A mean path and its band in basis points, arrays of shape (offsets,)."""

    value: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True, slots=True, eq=False)
class EventsInfo:
    """Everything that :func:`draw_events` draws."""

    title: str
    subtitle: str
    offset: npt.NDArray[np.int64]
    events: dict[str, PathBand]  # by venue
    matched: dict[str, PathBand]
    gap: dict[str, PathBand]  # of triggers and of matched minutes
    horizons: tuple[int, ...]
    parts_bps: dict[str, Floats]  # of the gap that was closed, one value a horizon
    paid: PathBand  # dYdX after the fill, with its band, one value a horizon
    matched_paid: PathBand
    cost_bps: float
    notes: tuple[str, ...]


def events_info(
    study: EventStudy, *, cost_bps: float, label: str, notes: Sequence[str] = ()
) -> EventsInfo:
    """The picture of :func:`research.leadlag.event_study.event_study`.

    ``cost_bps``: what a round trip costs; ``label``: market and span.
    """
    at = study.event_outcomes
    return EventsInfo(
        title=f"{study.events} triggers ({study.longs} long) on {study.days} days",
        subtitle=label,
        offset=study.event_paths.offset,
        events=_venues(study.event_paths),
        matched=_venues(study.matched_paths),
        gap={
            "after triggers": _bps(study.event_paths.gap),
            "matched minutes": _bps(study.matched_paths.gap),
        },
        horizons=tuple(each.horizon for each in at),
        parts_bps=dict(
            zip(
                _PARTS,
                (
                    np.array([each.before_fill_bps.value for each in at]),
                    np.array([each.after_fill_bps.value for each in at]),
                    np.array([each.lead_bps.value for each in at]),
                ),
                strict=True,
            )
        ),
        paid=_paid(at),
        matched_paid=_paid(study.matched_outcomes),
        cost_bps=cost_bps,
        notes=(
            *event_sentences(study, cost_bps),
            f"All in the trade's direction, 0 at the trigger. Bands: 95 %, Student's over "
            f"resampled days. Matched: {study.matched} random minutes of the same session, regime "
            f"and hour, away from triggers, seed {study.spec.seed}.",
            *notes,
        ),
    )


def draw_events(info: EventsInfo) -> Figure:
    """The picture: four panels, the two above on one scale."""
    notes = wrapped(info.notes, _WIDTH)
    foot = 0.55 + LINE_HEIGHT * len(notes)
    height = _HEAD + 2 * _TALL + _GAP + foot
    figure = new_figure(_WIDTH, height)
    write_head(figure, info.title, info.subtitle)
    write_notes(figure, notes)
    wide = (_WIDTH - 2.0) / 2
    panels = []
    for row in range(2):
        for column in range(2):
            x, y = 0.75 + column * (wide + 0.85), foot + (1 - row) * (_TALL + _GAP)
            place = (x / _WIDTH, y / height, wide / _WIDTH, _TALL / height)
            panels.append(figure.add_axes(place))
    _draw_paths(panels[0], info, info.events, "After triggers")
    _draw_paths(panels[1], info, info.matched, "Matched random minutes")
    _share_scale(panels[0], panels[1])
    _draw_paths(panels[2], info, info.gap, "What dYdX has still to go")
    _draw_parts(panels[3], info)
    return figure


def _venues(paths: EventPaths) -> dict[str, PathBand]:
    return {"Binance": _bps(paths.lead), "dYdX": _bps(paths.follow)}


def _bps(path: tuple[Floats, Floats, Floats]) -> PathBand:
    return PathBand(*(100 * each for each in path))


def _paid(outcomes: Sequence[Outcome]) -> PathBand:
    return PathBand(
        np.array([each.after_fill_bps.value for each in outcomes]),
        np.array([each.after_fill_bps.low for each in outcomes]),
        np.array([each.after_fill_bps.high for each in outcomes]),
    )


def _draw_paths(axes: Axes, info: EventsInfo, paths: dict[str, PathBand], title: str) -> None:
    quiet(axes)
    for (name, path), color in zip(paths.items(), COLORS, strict=False):
        axes.fill_between(info.offset, path.low, path.high, color=color, alpha=0.15, lw=0)
        axes.plot(info.offset, path.value, color=color, lw=1.5, label=name)
    axes.axvline(0, color=INK, lw=0.8, ls="--")
    axes.axhline(0, color=FAINT, lw=0.7)
    axes.set_xlim(info.offset[0], info.offset[-1])
    _name(axes, title, "minutes after the trigger", "basis points")
    axes.legend(loc="best", fontsize=7.5, frameon=False)


def _share_scale(one: Axes, other: Axes) -> None:
    limits = [*one.get_ylim(), *other.get_ylim()]
    for axes in (one, other):
        axes.set_ylim(min(limits), max(limits))


def _draw_parts(axes: Axes, info: EventsInfo) -> None:
    quiet(axes)
    place = np.arange(len(info.horizons), dtype=np.float64)
    for k, ((name, values), color) in enumerate(
        zip(info.parts_bps.items(), _PARTS.values(), strict=True)
    ):
        axes.bar(place + (k - 1) * 0.24, values, 0.22, color=COLORS[color], label=name)
    axes.vlines(place, info.paid.low, info.paid.high, color=INK, lw=1.0)
    quiet_place = place + 0.48
    axes.vlines(quiet_place, info.matched_paid.low, info.matched_paid.high, color=FAINT, lw=1.0)
    label = "dYdX after the fill, matched"
    axes.plot(quiet_place, info.matched_paid.value, "o", ms=3, color=FAINT, label=label)
    axes.axhline(0, color=FAINT, lw=0.7)
    axes.axhline(info.cost_bps, color=INK, lw=0.9, ls="--")
    axes.annotate(
        f"a round trip costs {info.cost_bps:g} bps",
        (-0.4, info.cost_bps),
        xytext=(0, 3),
        textcoords="offset points",
        size=7.5,
        color=INK,
    )
    axes.set_xticks(place, [f"{horizon}" for horizon in info.horizons])
    _name(axes, "Who closed the gap", "minutes after the trigger", "basis points")
    axes.legend(loc="best", fontsize=7, frameon=False)


def _name(axes: Axes, title: str, x: str, y: str) -> None:
    axes.set_title(title, loc="left", size=9, weight="bold", color=INK)
    axes.set_xlabel(x, size=8, color=INK)
    axes.set_ylabel(y, size=8, color=INK)
