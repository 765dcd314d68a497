"""Options that several commands share. Light: imported by ``leadfollow --help``."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from strategies.listed import LISTED

__all__ = [
    "AlignmentOption",
    "AnywayOption",
    "ClusterOption",
    "ConfigOption",
    "FeesOption",
    "Fill",
    "FillOption",
    "FrameOption",
    "HoursOption",
    "MarketOption",
    "MaxAgeOption",
    "MaxFundingOption",
    "MinEventsOption",
    "ModelName",
    "ModelOption",
    "OneStrategyArgument",
    "OverlapOption",
    "PatienceOption",
    "Reference",
    "ReferenceOption",
    "RegimesOption",
    "RsiMaxOption",
    "RsiMinOption",
    "RsiTimeframeOption",
    "Sampler",
    "SamplerOption",
    "ScoreColumnOption",
    "ScoreMinOption",
    "SeedOption",
    "SegmentsOption",
    "SessionsOption",
    "SideMode",
    "SideModeOption",
    "StorageOption",
    "StoreOption",
    "StrategyArgument",
    "Touch",
    "TouchOption",
    "TrialsOption",
    "TrustPrintsOption",
    "WorkersOption",
]


class Sampler(StrEnum):
    """How the trials of a study are proposed."""

    TPE = "tpe"
    QMC = "qmc"
    RANDOM = "random"
    NSGA2 = "nsga2"


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


class SideMode(StrEnum):
    """Sides of a strategy that has them."""

    SHORT = "short"
    LONG = "long"
    BOTH = "both"


def _listed(name: str | None) -> str | None:
    if name is not None and name not in LISTED:
        raise typer.BadParameter(f"no strategy {name!r}; take one of {', '.join(LISTED)}")
    return name


StrategyArgument = Annotated[
    str, typer.Argument(metavar="STRATEGY", callback=_listed, help=" or ".join(LISTED))
]
OneStrategyArgument = Annotated[
    str | None,
    typer.Argument(
        metavar="[STRATEGY]", callback=_listed, help=f"{' or '.join(LISTED)} [default: all]"
    ),
]
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
ClusterOption = Annotated[
    str | None,
    typer.Option(
        "--cluster",
        metavar="local:N|tcp://HOST:PORT",
        help="Hand the work to N processes here, or to the workers of a Dask scheduler",
    ),
]
SideModeOption = Annotated[SideMode, typer.Option("--mode", help="Side of the trades")]
FeesOption = Annotated[
    float | None,
    typer.Option(
        "--fees-bps",
        help="Round trip, basis points, of the plain model or of the one asked for "
        "[default: plain 8, else taker fees]",
    ),
]
TrialsOption = Annotated[int | None, typer.Option("--trials", min=1, help="Trials per study")]
SeedOption = Annotated[int | None, typer.Option("--seed", min=0, help="Seed of the searches")]
MinEventsOption = Annotated[
    int | None, typer.Option("--min-events", min=2, help="Trades a set needs to count")
]
SegmentsOption = Annotated[
    str | None,
    typer.Option("--segments", help="all, session, regime, both, or names, with commas"),
]
SamplerOption = Annotated[Sampler | None, typer.Option("--sampler", help="How trials are proposed")]
PatienceOption = Annotated[
    int | None,
    typer.Option("--patience", min=0, help="Stop a study after so many trials without a better"),
]
StorageOption = Annotated[
    str | None,
    typer.Option(
        "--storage",
        metavar="postgresql://USER@HOST/DB",
        help="Keep trials there [default: files; password: LEADFOLLOW_STORAGE_PASSWORD]",
    ),
]
WorkersOption = Annotated[int | None, typer.Option("--workers", min=1, help="Processes")]
ModelOption = Annotated[
    ModelName | None, typer.Option("--model", help="Show one model only [default: both]")
]
FillOption = Annotated[Fill | None, typer.Option("--fill", help="Override the fill")]
TouchOption = Annotated[Touch | None, typer.Option("--touch", help="Override the touch")]
OverlapOption = Annotated[
    bool | None,
    typer.Option("--overlap/--no-overlap", help="Override: several positions at once, or one"),
]
TrustPrintsOption = Annotated[
    bool | None,
    typer.Option(
        "--trust-prints/--no-trust-prints",
        help="Override: a high or low that quality names as a bad print fires TP and SL, or not",
    ),
]
AnywayOption = Annotated[
    bool,
    typer.Option("--anyway", help="Go on where quality says that prices are not comparable"),
]
MaxAgeOption = Annotated[
    float | None,
    typer.Option("--max-age-min", help="Override: dYdX traded within so many minutes"),
]
ReferenceOption = Annotated[
    Reference | None, typer.Option("--reference", help="Override: thresholds on raw or excess")
]
SessionsOption = Annotated[
    str | None, typer.Option("--sessions", help="Enter in these only, such as asia,us")
]
RegimesOption = Annotated[
    str | None, typer.Option("--regimes", help="Enter in these only, such as normal,wild")
]
AlignmentOption = Annotated[
    bool | None,
    typer.Option(
        "--aligned/--any-trend", help="Enter only where all trends point the way of the trade"
    ),
]
RsiTimeframeOption = Annotated[
    str | None, typer.Option("--rsi-timeframe", help="Of the RSI bounds: 1m, 5m, 15m, 1h or 4h")
]
RsiMinOption = Annotated[float | None, typer.Option("--rsi-min", help="Least RSI at an entry")]
RsiMaxOption = Annotated[float | None, typer.Option("--rsi-max", help="Largest RSI at an entry")]
MaxFundingOption = Annotated[
    float | None,
    typer.Option("--max-funding-pct", help="Enter only where funding costs less, percent an hour"),
]
ScoreColumnOption = Annotated[
    str | None,
    typer.Option("--score-column", help="Column of the frame that admits entries by --score-min"),
]
ScoreMinOption = Annotated[
    float | None, typer.Option("--score-min", help="Least value of the score column at an entry")
]
