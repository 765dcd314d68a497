"""Many HALTs in a picture: causes by session and regime, and what other thresholds had done."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan
from typing import Any, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from research.arrays import Floats
from research.halts.replay import CAUSES
from research.halts.summary import CauseCounts
from research.halts.thresholds import SweepRow
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

__all__ = ["SummaryInfo", "draw_summary", "summary_info"]

_CAUSE_COLORS: Final = {
    "mid": COLORS[1],
    "fill": COLORS[3],
    "latency": COLORS[0],
    "unknown": COLORS[4],
}
_BAD: Final = "#c0392b"
_WIDTH, _HEAD, _TALL = 11.0, 0.85, 3.6  # inches


@dataclass(frozen=True, slots=True, eq=False)
class SummaryInfo:
    """Everything that :func:`draw_summary` draws."""

    title: str
    subtitle: str
    labels: tuple[str, ...]  # one bar each, top to bottom
    shares_pct: dict[str, Floats]  # by cause, one value per bar
    threshold_pct: Floats  # (thresholds,), rising
    halts: Floats
    sum_adverse_pct: Floats  # NaN where unknown
    known: Floats
    in_force_pct: float  # the threshold of the records, NaN where unknown or mixed
    notes: tuple[str, ...]


def summary_info(
    counts: Sequence[CauseCounts],
    sweep: Sequence[SweepRow],
    *,
    label: str,
    horizon_min: float,
    in_force: float = float("nan"),
) -> SummaryInfo:
    """Counts of :func:`research.halts.summarise` and rows of the threshold sweep as a picture."""
    total = next((row for row in counts if row.group == "all"), None)
    halts = 0 if total is None else total.halts
    causes = [] if total is None else [f"{name} {total.counts[name]}" for name in CAUSES]
    return SummaryInfo(
        title=f"{halts} HALTs: {', '.join(causes) or 'none'}",
        subtitle=label,
        labels=tuple(_bar_name(row) for row in counts),
        shares_pct={name: np.array([row.share(name) for row in counts]) for name in CAUSES},
        threshold_pct=np.array([row.threshold_pct for row in sweep]),
        halts=np.array([row.halts for row in sweep], dtype=np.float64),
        sum_adverse_pct=np.array([row.sum_adverse_pct for row in sweep]),
        known=np.array([row.known for row in sweep], dtype=np.float64),
        in_force_pct=in_force * 100,
        notes=(
            "A HALT of the sweep begins where the larger of both sides' diffs rises to the "
            "threshold and ends where it falls below it.",
            f"Adverse move avoided: how far the dYdX mid (Binance where that is unknown) went "
            f"against the intended side in the {horizon_min:g} minutes after, summed over those "
            "HALTs whose side and later price are known; negative: the HALTs kept us out of gains.",
        ),
    )


def draw_summary(info: SummaryInfo) -> Figure:
    """The picture: shares of the causes at the left, the sweep of thresholds at the right."""
    notes = wrapped(info.notes, _WIDTH)
    foot = 0.5 + LINE_HEIGHT * len(notes)
    figure = new_figure(_WIDTH, _HEAD + _TALL + foot)
    write_head(figure, info.title, info.subtitle)
    write_notes(figure, notes)
    half = (_TALL - 0.25) / 2
    _draw_shares(_axes(figure, (1.6, foot, 3.6, _TALL)), info)
    moves = _axes(figure, (6.3, foot, 4.4, half))
    counts = _axes(figure, (6.3, foot + half + 0.25, 4.4, half), moves)
    _draw_sweep(counts, moves, info)
    return figure


def _draw_shares(axes: Axes, info: SummaryInfo) -> None:
    places = np.arange(len(info.labels))
    left = np.zeros(len(info.labels))
    for cause, shares in info.shares_pct.items():
        axes.barh(places, shares, left=left, color=_CAUSE_COLORS[cause], label=cause, height=0.7)
        for place, share, start in zip(places, shares, left, strict=True):
            if share >= 8:
                axes.text(
                    float(start + share / 2), float(place), f"{share:.0f}", ha="center",
                    va="center",                    size=7.5, color="white",
                )  # fmt: skip
        left += shares
    axes.set_yticks(places, info.labels, size=8)
    axes.invert_yaxis()
    axes.set_xlim(0, 100)
    axes.set_xlabel("share of HALTs [%]", size=8, color=INK)
    axes.legend(
        loc="lower left", bbox_to_anchor=(0, 1.0), ncols=4, fontsize=7.5, frameon=False,
        borderaxespad=0.1,
    )  # fmt: skip


def _draw_sweep(counts: Axes, moves: Axes, info: SummaryInfo) -> None:
    x: Any = info.threshold_pct
    counts.plot(x, info.halts, color=INK, lw=1.3, marker="o", ms=3)
    counts.set_ylim(bottom=0)
    counts.set_ylabel("HALTs", size=8, color=INK)
    counts.tick_params(labelbottom=False)
    moves.plot(x, info.sum_adverse_pct, color=COLORS[2], lw=1.3, marker="o", ms=3)
    moves.axhline(0, color=FAINT, lw=0.6, zorder=0)
    moves.set_ylabel("adverse move\navoided, sum [%]", size=8, color=INK)
    moves.set_xlabel("HALT threshold on the diff [%]", size=8, color=INK)
    if not isnan(info.in_force_pct):
        for axes in (counts, moves):
            axes.axvline(info.in_force_pct, color=_BAD, lw=0.9, ls="--")
        counts.annotate(
            " in force", (info.in_force_pct, 0.05), xycoords=("data", "axes fraction"),
            size=7.5, color=_BAD,
        )  # fmt: skip


def _axes(figure: Figure, box: tuple[float, float, float, float], like: Axes | None = None) -> Axes:
    width, height = figure.get_size_inches()
    left, bottom, wide, high = box
    place = (left / width, bottom / height, wide / width, high / height)
    axes = figure.add_axes(place, sharex=like)
    quiet(axes)
    return axes


def _bar_name(row: CauseCounts) -> str:
    name = "all" if row.group == "all" else f"{row.group}: {row.label}"
    return f"{name} ({row.halts})"
