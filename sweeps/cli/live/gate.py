"""``leadfollow gate serve``: the gate over HTTP, on this machine only."""

from pathlib import Path
from typing import Annotated

import typer

from sweeps.cli.options import ConfigOption

__all__ = ["app"]

app = typer.Typer(
    name="gate",
    help="The gate before a bot's entries: evidence and safety, asked over HTTP.",
    no_args_is_help=True,
)


@app.callback()
def _group() -> None:
    """Keeps `serve` a command of its own while it is the only one."""


@app.command("serve")
def serve(
    file: Annotated[Path, typer.Argument(metavar="BOT_CONFIG", help="The exported file")],
    port: Annotated[
        int | None,
        typer.Option("--port", min=0, max=65_535, help="0: any that is free [default: 8377]"),
    ] = None,
    token_file: Annotated[
        Path | None,
        typer.Option("--token-file", help="[default: the variable LEADFOLLOW_GATE_TOKEN]"),
    ] = None,
    frame: Annotated[
        Path | None,
        typer.Option("--frame", help="History to start warm from, of `leadfollow frame`"),
    ] = None,
    state: Annotated[
        Path | None, typer.Option("--state", help="Folder that keeps the memory between runs")
    ] = None,
    journal: Annotated[
        Path | None, typer.Option("--journal", help="Folder for a record of every decision")
    ] = None,
    trial: Annotated[
        bool,
        typer.Option("--trial", help="Let a config of a synthetic market through, to try out"),
    ] = False,
    config: ConfigOption = None,
) -> None:
    """Answers a bot's questions: may it enter now, how large, with which bonus to its score?

    Listens on 127.0.0.1 only; every request brings the token. The bot pushes each closed minute to
    /v1/minutes and asks /v1/decide; README shows a client of 20 lines. Features need their history:
    start warm with --frame, or from the --state of an earlier run.

    Example: leadfollow gate serve bot_config.json --token-file token --frame btc.parquet
    """
    from research.extras import require_extra

    require_extra("live", ("starlette", "uvicorn"), what="gate serve")
    from sweeps.cli.live.desk import Wanted, run

    run(
        Wanted(
            file=file,
            port=port,
            token_file=token_file,
            frame=frame,
            state=state,
            journal=journal,
            is_trial=trial,
            settings_file=config,
        )
    )
