"""Options of ``leadfollow grid``. Light: imported by ``leadfollow --help``."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from sweeps.cli.options import ModelName
from sweeps.cli.options import SideModeOption as ModeOption

__all__ = [
    "AxisOption",
    "MemoryOption",
    "MinEventsOption",
    "ModeOption",
    "ModelOption",
    "Others",
    "OthersOption",
    "OutOption",
    "QuantilesOption",
    "ResumeOption",
    "ThreadsOption",
    "TimeBlocksOption",
    "TopOption",
    "ValueOption",
    "XOption",
    "YOption",
]


class Others(StrEnum):
    """What a heatmap makes of the axes that it does not show."""

    BEST = "best"
    MEDIAN = "median"
    POSITIVE = "positive"
    FIXED = "fixed"


AxisOption = Annotated[
    list[str] | None,
    typer.Option("--axis", help="NAME=LOW:HIGH:STEP or NAME=A,B,C; repeatable [default: settings]"),
]
ModelOption = Annotated[ModelName, typer.Option("--model", help="Execution model")]
MinEventsOption = Annotated[
    int | None, typer.Option("--min-events", min=2, help="Trades a set needs to count")
]
XOption = Annotated[str | None, typer.Option("--x", help="Axis across the heatmaps")]
YOption = Annotated[str | None, typer.Option("--y", help="Axis up the heatmaps")]
ValueOption = Annotated[str, typer.Option("--value", help="Report column of the heatmaps")]
OthersOption = Annotated[
    Others, typer.Option("--others", help="What the heatmaps make of the other axes")
]
OutOption = Annotated[
    Path | None, typer.Option("--out", help="Folder to write [default: runs/grid-...]")
]
ResumeOption = Annotated[
    bool, typer.Option("--resume", help="Go on with the grid that an earlier run began")
]
MemoryOption = Annotated[
    str, typer.Option("--memory", help="What pieces of a grid may fill, such as 1GiB or 512MiB")
]
TopOption = Annotated[
    int,
    typer.Option("--top", min=0, help="Best sets of each segment to run through the law itself"),
]
TimeBlocksOption = Annotated[
    int | None,
    typer.Option(
        "--time-blocks",
        min=1,
        metavar="MIN",
        help="Also write sums per set and block of so many minutes, such as 1440",
    ),
]
QuantilesOption = Annotated[
    bool, typer.Option("--quantiles", help="Also write quantiles of net pnl of every set")
]
ThreadsOption = Annotated[
    int | None, typer.Option("--threads", min=1, help="Threads [default: one a core]")
]
