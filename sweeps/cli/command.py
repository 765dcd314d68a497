"""The command ``leadfollow``, put together from its groups.

Errors that a user can meet end with their message on stderr and exit code 2.
"""

import sys

import typer

from research.errors import LeadfollowError
from sweeps.cli import config, frame
from sweeps.cli.backtest import made
from sweeps.cli.bot import preflight
from sweeps.cli.data import data, fetch
from sweeps.cli.export import export
from sweeps.cli.grid import grid
from sweeps.cli.halts import halts
from sweeps.cli.journal import journal
from sweeps.cli.leadlag import events, leadlag
from sweeps.cli.live import gate, paper
from sweeps.cli.report import heatmap, report, serve
from sweeps.cli.run import run
from sweeps.cli.study import study
from sweeps.cli.verdict import audit, verdict

__all__ = ["app", "main"]

app = typer.Typer(
    name="leadfollow",
    cls=made.Commands,
    help="Does 'Binance leads, dYdX follows' earn money after costs, when, with which parameters?",
    epilog="Start with `leadfollow run --synthetic`, or import minutes with "
    "`leadfollow data import --market BTC --venue binance FILE`.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode=None,  # boxes around the help cost a third of its time
)
app.command("run")(run.run)
app.add_typer(data.app, name="data")
app.command("frame")(frame.frame)
app.command("leadlag")(leadlag.leadlag)
app.command("events")(events.events)
app.command("grid")(grid.grid)
app.command("heatmap")(heatmap.heatmap)
app.command("report")(report.report)
app.command("serve")(serve.serve)
app.add_typer(study.app, name="study")
app.command("verdict")(verdict.verdict)
app.command("audit")(audit.audit)
app.command("export")(export.export)
app.command("preflight")(preflight.preflight)
app.add_typer(gate.app, name="gate")
app.command("paper")(paper.paper)
app.add_typer(journal.app, name="journal")
app.command("halts")(halts.halts)
app.add_typer(config.app, name="config")
fetch.register(data.app)


def main() -> None:
    """Runs the command line; the entry point of the distribution."""
    try:
        app()
    except LeadfollowError as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)  # noqa: T201 (the edge)
        sys.exit(2)
