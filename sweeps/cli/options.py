"""Options that several commands share. Light: imported by ``leadfollow --help``."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

__all__ = [
    "ConfigOption",
    "FeesOption",
    "Fill",
    "FillOption",
    "FrameOption",
    "HoursOption",
    "LeadMode",
    "LeadModeOption",
    "MarketOption",
    "MaxAgeOption",
    "ModelName",
    "ModelOption",
    "OverlapOption",
    "Reference",
    "ReferenceOption",
    "StoreOption",
    "StrategyName",
    "Touch",
    "TouchOption",
]


class ModelName(StrEnum):
    """Which model to show."""

    PLAIN = "plain"
    EXECUTABLE = "executable"


class Fill(StrEnum):
    """Where orders are filled."""

    CLOSE = "close"
    NEXT_OPEN = "next_open"


class Touch(StrEnum):
    """Where TP and SL are seen."""

    CLOSE = "close"
    INTRABAR = "intrabar"


class Reference(StrEnum):
    """Which spread the thresholds mean."""

    RAW = "raw"
    EXCESS = "excess"


class LeadMode(StrEnum):
    """Side of lead/follow."""

    SHORT = "short"
    LONG = "long"
    BOTH = "both"


class StrategyName(StrEnum):
    """A strategy."""

    LEAD = "lead"
    REVERSION = "reversion"


ConfigOption = Annotated[
    Path | None,
    typer.Option(
        "--config", help="Settings file [default: LEADFOLLOW_CONFIG, or ./leadfollow.toml]"
    ),
]
MarketOption = Annotated[
    str | None, typer.Option("--market", help="Market in the store, such as BTC")
]
FrameOption = Annotated[
    Path | None, typer.Option("--frame", help="A frame file in place of the store")
]
StoreOption = Annotated[
    Path | None,
    typer.Option("--store", help="Folder of the store [default: LEADFOLLOW_STORE, or settings]"),
]
HoursOption = Annotated[
    float | None, typer.Option("--hours", help="Only the last so many hours [default: all]")
]
LeadModeOption = Annotated[LeadMode, typer.Option("--mode", help="Side of lead/follow")]
FeesOption = Annotated[
    float, typer.Option("--fees-bps", help="Round trip of the plain model, basis points")
]
ModelOption = Annotated[
    ModelName | None, typer.Option("--model", help="Show one model only [default: both]")
]
FillOption = Annotated[Fill | None, typer.Option("--fill", help="Override the fill")]
TouchOption = Annotated[Touch | None, typer.Option("--touch", help="Override the touch")]
OverlapOption = Annotated[
    bool | None,
    typer.Option("--overlap/--no-overlap", help="Override: several positions at once, or one"),
]
MaxAgeOption = Annotated[
    float | None,
    typer.Option("--max-age-min", help="Override: dYdX traded within so many minutes"),
]
ReferenceOption = Annotated[
    Reference | None, typer.Option("--reference", help="Override: thresholds on raw or excess")
]
