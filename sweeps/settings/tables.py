"""The tables of the settings file that experiments are made by."""

from typing import Literal

from pydantic import Field

from research.settings.section import Section

__all__ = ["AxesSettings", "ExportSettings", "StudySettings"]

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
    train_share: float = Field(0.7, gt=0.1, lt=0.95)
    segments: Literal["all", "pairs", "full"] = "full"
    workers: int = Field(2, ge=1, le=256)

    def train_rows(self, minutes: int) -> int:
        """How many of ``minutes`` rows searches and edges may see: the first of them."""
        return max(1, int(minutes * self.train_share))


class ExportSettings(Section):
    """What the bot config must prove before a set is enabled."""

    min_events_out: int = Field(10, ge=2)
    candidates: int = Field(1, ge=1, le=20)
