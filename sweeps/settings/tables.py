"""The tables of the settings file that experiments are made by."""

from typing import Literal

from pydantic import Field

from research.settings.section import Section

__all__ = ["AxesSettings", "StudySettings", "VerdictSettings"]

Axis = list[float] | str  # [0.02, 0.04] or "0.02:0.12:0.02" (both ends included)

_LEAD_AXES: dict[str, Axis] = {
    "window": [3, 5, 10],
    "move_pct": "0.04:0.20:0.04",
    "spread_entry": "0.00:0.10:0.02",
    "tp": [0.20, 0.40, 0.80],
    "sl": [0.20, 0.40],
    "horizon": [5, 15, 30],
    "cooldown": [10],
}
_REVERSION_AXES: dict[str, Axis] = {
    "entry": "0.02:0.12:0.01",
    "exit": [0.0, 0.01, 0.02, 0.03],
    "max_hold": [15, 30, 60, 120],
    "min_gap": [5],
}


class AxesSettings(Section):
    """Levels of the exhaustive grids, and of studies' lower and upper ends."""

    lead: dict[str, Axis] = _LEAD_AXES
    reversion: dict[str, Axis] = _REVERSION_AXES


class StudySettings(Section):
    """The parameter search."""

    trials: int = Field(40, ge=1, le=1_000_000)  # entries; each is scored with all its exits
    seed: int = Field(7, ge=0)
    min_events: int = Field(30, ge=2)
    folds: int = Field(4, ge=1, le=50)  # of the training span; a set must do without any one
    train_share: float = Field(0.85, gt=0.1, lt=0.95)  # what is before the verdict's holdout
    segments: Literal["all", "pairs", "full"] = "full"
    workers: int = Field(2, ge=1, le=256)

    def train_rows(self, minutes: int) -> int:
        """How many of ``minutes`` rows searches and edges may see: the first of them."""
        return max(1, int(minutes * self.train_share))


class VerdictSettings(Section):
    """What a claim must prove before its set may trade."""

    walk: Literal["anchored", "rolling"] = "anchored"  # the whole past teaches more than a part
    first_train_share: float = Field(0.2, gt=0.02, lt=0.8)  # of the span: what is left is evidence
    stretches: int = Field(8, ge=1, le=100)  # tests, each with a search of its own before it
    holdout_share: float = Field(0.15, gt=0.0, lt=0.5)
    alpha: float = Field(0.05, gt=0.0, lt=0.5)  # chance of any false claim, over all of them
    segment_share: float = Field(0.2, ge=0.0, lt=1.0)  # of alpha: for segments on their own
    min_trades: int = Field(10, ge=2)  # out of sample, pooled: fewer prove nothing
    min_trades_train: int = Field(5, ge=2)  # of a set that a search may take; more are borrowed
    resamples: int = Field(9999, ge=99)  # of the bootstrap: segments need small p-values
    order_usd: float = Field(1000.0, gt=0)  # one order, for its share of the minute's volume
