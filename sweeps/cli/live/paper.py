"""``leadfollow paper``: the gate on live feeds or a recording, with simulated fills."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from sweeps.cli.options import ConfigOption

__all__ = ["paper"]


class Speed(StrEnum):
    """How fast a recording is replayed."""

    MAX = "max"
    REAL = "1x"


def paper(
    file: Annotated[Path, typer.Argument(metavar="BOT_CONFIG", help="The exported file")],
    out: Annotated[Path, typer.Option("--out", help="Folder of ledger, journal and report")],
    replay: Annotated[
        list[Path] | None,
        typer.Option("--replay", help="Recording, or the folder of its days [default: live]"),
    ] = None,
    minutes: Annotated[
        float | None,
        typer.Option("--minutes", min=0.01, help="Of live feeds [default: until Ctrl-C]"),
    ] = None,
    speed: Annotated[Speed, typer.Option("--speed", help="As fast as it goes, or as it was")] = (
        Speed.MAX
    ),
    frame: Annotated[
        Path | None,
        typer.Option("--frame", help="Minutes before the recording, and in it where it holds none"),
    ] = None,
    trial: Annotated[
        bool,
        typer.Option("--trial", help="Let a config of a synthetic market through, to try out"),
    ] = False,
    config: ConfigOption = None,
) -> None:
    """Runs a bot config on paper: stream, gate, and orders filled from the book as it was.

    Without --replay it hears both venues and keeps what it hears in recording/, to be replayed.
    A run that was stopped or killed goes on where it was when started again with the same --out.
    Writes ledger.jsonl, journal/ (for `leadfollow journal` and `halts`) and report.json.

    Example: leadfollow paper bot_config.json --replay BTC-2026-01-05.jsonl --out paper
    """
    from research.extras import require_extra

    if not replay:
        require_extra("live", ("websockets",), what="paper on live feeds")
    from sweeps.cli.live.paper_run import Wanted, run

    run(
        Wanted(
            file=file,
            replay=tuple(replay or ()),
            minutes=minutes,
            is_real_time=speed is Speed.REAL,
            out=out,
            frame=frame,
            is_trial=trial,
            settings_file=config,
        )
    )
