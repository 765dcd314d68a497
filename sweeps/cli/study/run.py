"""The work of ``leadfollow study run``."""

import re
import time
from contextlib import ExitStack
from pathlib import Path

from research.errors import SettingsError
from sweeps.cli.cluster import cluster_asked, opened
from sweeps.cli.groups import FilterOptions, Overrides, SearchOptions, Source
from sweeps.cli.looks import ledger_of
from sweeps.cli.options import SideMode
from sweeps.cli.study.searches import chosen_studies, progress_bar, study_session, warn_if_cold
from sweeps.cli.study.show import print_studies
from sweeps.cli.terminal import say
from sweeps.study.books import books_at
from sweeps.study.search import run_studies

__all__ = ["run_and_list", "seconds_of"]

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def run_and_list(
    source: Source,
    search: SearchOptions,
    overrides: Overrides,
    filters: FilterOptions,
    *,
    strategy: str | None,
    mode: SideMode,
    segment: str | None,
    timeout: str | None,
    out: Path | None,
    cluster: str | None,
) -> None:
    """Runs the studies asked for and prints what they found."""
    until = None if timeout is None else time.time() + seconds_of(timeout)
    session = study_session(source, search, overrides, filters)
    settings = session.settings
    specs = chosen_studies(session, strategy, mode, segment, until=until)
    folder = out or settings.store.runs / "studies"
    books = books_at(folder.absolute(), settings.study.storage)
    address = cluster_asked(cluster, settings)
    warn_if_cold()
    trials = sum(spec.trials for spec in specs)
    with ExitStack() as stack:
        workers = None if address is None else stack.enter_context(opened(address))
        advance = stack.enter_context(progress_bar(f"{len(specs)} studies, trials", trials))
        try:
            found = run_studies(
                session.panel,
                specs,
                books,
                workers=settings.study.workers,
                cluster=workers,
                ledger=ledger_of(settings.store.runs.absolute()),
                on_trial=advance,
            )
        except KeyboardInterrupt:
            say("stopped; every finished trial is kept: the same command goes on")
            raise
    empty = sum(best is None for _, best in found)
    say(
        f"{session.frame.label}: {len(found)} studies in {settings.study.storage or folder}; "
        f"{empty} found no set with {specs[0].min_events} trades"
    )
    print_studies(books)


def seconds_of(text: str) -> float:
    """Seconds of ``90s``, ``30m``, ``8h`` or ``2d``. Raises SettingsError."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)([smhd])", text.strip())
    if found is None or not float(found[1]):
        raise SettingsError(f"--timeout {text!r}: write 90s, 30m, 8h or 2d")
    return float(found[1]) * _UNITS[found[2]]
