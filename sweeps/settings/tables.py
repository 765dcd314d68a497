"""The tables of the settings file that experiments are made by."""

from pathlib import Path
from typing import Any, Literal

from pydantic import ConfigDict, Field, model_validator

from research.settings.section import Section
from strategies.listed import LISTED
from strategies.registry import Levels, strategies

__all__ = ["AxesSettings", "ClusterSettings", "SamplerName", "StudySettings", "VerdictSettings"]

SamplerName = Literal["tpe", "qmc", "random", "nsga2"]
"""How the trials of a study are proposed: :func:`sweeps.study.samplers.sampler_of`."""


class AxesSettings(Section):
    """Levels of the exhaustive grids, and of studies' lower and upper ends: a table a strategy.

    A strategy whose table is left out has its own usual levels.
    """

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, dict[str, Levels]] = Field(init=False)

    @model_validator(mode="before")
    @classmethod
    def _of_every_strategy(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given
        for name in given:
            if name not in LISTED:
                raise ValueError(f"no strategy {name!r}; there are {', '.join(LISTED)}")
        return {each.name: dict(each.default_axes) for each in strategies()} | given

    def of(self, name: str) -> dict[str, Levels]:
        """Levels by axis of the strategy called ``name``."""
        return dict(self.__pydantic_extra__[name])


class StudySettings(Section):
    """The parameter search."""

    trials: int = Field(40, ge=1, le=1_000_000)  # entries; each is scored with all its exits
    seed: int = Field(7, ge=0)
    min_events: int = Field(30, ge=2)
    folds: int = Field(4, ge=1, le=50)  # of the training span; the median of their bounds counts
    embargo_min: int = Field(60, ge=0, le=100_000)  # not looked at after each fold's beginning
    max_loss_pct: float = Field(5.0, gt=0.0, le=100.0)  # of one trade: no account takes two of more
    train_share: float = Field(0.85, gt=0.1, lt=0.95)  # what is before the verdict's holdout
    segments: str = "full"  # all, session, regime, both, or names, with commas; full: all 16
    sampler: SamplerName = "tpe"
    patience: int = Field(0, ge=0)  # trials without a better one after which to stop; 0: never
    storage: str = ""  # postgresql://USER@HOST/DATABASE; empty: journal files in the folder
    workers: int = Field(2, ge=1, le=256)

    def train_rows(self, minutes: int) -> int:
        """How many of ``minutes`` rows searches and edges may see: the first of them."""
        return max(1, int(minutes * self.train_share))


class ClusterSettings(Section):
    """PEM files for a scheduler that speaks tls://; all three or none."""

    tls_ca: Path | None = None
    tls_cert: Path | None = None
    tls_key: Path | None = None


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
