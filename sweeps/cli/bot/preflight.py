"""``leadfollow preflight``: whether a bot config may fly today."""

from pathlib import Path
from typing import Annotated

import typer

from sweeps.cli.bot.check import NowOption
from sweeps.cli.options import AnywayOption, ConfigOption, FrameOption, StoreOption

__all__ = ["preflight"]


def preflight(
    file: Annotated[Path, typer.Argument(metavar="BOT_CONFIG", help="The exported file")],
    days: Annotated[
        float | None,
        typer.Option(
            "--days", min=0.05, max=365, help="Newest days to compare and dry-run [default: 3]"
        ),
    ] = None,
    store: StoreOption = None,
    frame: FrameOption = None,
    config: ConfigOption = None,
    anyway: AnywayOption = False,
    offline: Annotated[
        bool, typer.Option("--offline", help="Take the fees of the settings; ask no venue")
    ] = False,
    now: NowOption = None,
    json_out: Annotated[
        str | None,
        typer.Option("--json", metavar="FILE", help="Write the lines as JSON; - prints them"),
    ] = None,
) -> None:
    """One line a check, pass or fail with its number. Exit code 0 only if all hold.

    The file itself, the verdict and the holdout, age gate, guards, costs against today's fees, the
    trades of the export made again minute by minute, and on the newest days of the store the
    distributions of ATR and spread and a dry run. Of a config in a run's folder the result is
    written beside it, too: preflight.md, preflight.json.

    Example: leadfollow preflight bot_config.json
    """
    import sys

    from sweeps.cli.bot.check import moment
    from sweeps.cli.bot.flight import Flight
    from sweeps.cli.bot.show import show_lines, write_lines

    flight = Flight.of(
        file,
        store=store,
        frame=frame,
        settings_file=config,
        anyway=anyway,
        offline=offline,
        now=moment(now),
        days=days or 3.0,
    )
    lines = flight.lines()
    if json_out != "-":
        show_lines(lines, flight)
    write_lines(lines, flight, json_out, command=sys.argv)
    raise typer.Exit(0 if all(line.passed for line in lines) else 1)
