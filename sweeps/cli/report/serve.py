"""``leadfollow serve``: all runs in the browser of this machine."""

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["serve"]


def serve(
    runs: Annotated[Path, typer.Argument(help="Folder of all runs")] = Path("runs"),
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="0: a free one")] = 8787,
) -> None:
    """Shows all runs at http://127.0.0.1:8787/: an index, their pages, two side by side.

    Answers this machine alone and writes nothing; Ctrl-C ends it.

    Example: leadfollow serve runs
    """
    import threading
    from contextlib import suppress

    from sweeps.cli.terminal import say
    from sweeps.report.serve.server import serving

    with serving(runs, port) as address:
        say(f"{runs}: {address}   (Ctrl-C ends)")
        with suppress(KeyboardInterrupt):
            threading.Event().wait()
