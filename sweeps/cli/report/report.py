"""``leadfollow report``: the page of a run that was made."""

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["report"]


def report(
    run: Annotated[Path, typer.Argument(help="Folder of a run", show_default=False)],
) -> None:
    """Writes report.html into the folder of a run: one file that opens without a network.

    Example: leadfollow report runs/20260101T000000Z-0a1b2c3d
    """
    from sweeps.cli.terminal import say
    from sweeps.report.page.page import write_page

    path = write_page(run)
    say(f"wrote {path}, {path.stat().st_size / 2**20:.1f} MiB")
