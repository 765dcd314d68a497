"""``leadfollow halts``: every HALT of a journal taken apart into mid, fill and latency."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from sweeps.cli.journal.logs import LogsArgument, MapOption
from sweeps.cli.options import ConfigOption, StoreOption

__all__ = ["app", "halts"]

app = typer.Typer(name="halts", help="HALTs explained.")


@app.command()
def halts(
    logs: LogsArgument,
    number: Annotated[
        int | None, typer.Option("--halt", min=1, help="Only this HALT, in full [default: all]")
    ] = None,
    every: Annotated[
        bool, typer.Option("--every", help="Every record in HALT, not only where one begins")
    ] = False,
    market: Annotated[str | None, typer.Option("--market", help="Only this market")] = None,
    since: Annotated[str | None, typer.Option("--since", help="From this moment on, UTC")] = None,
    until: Annotated[str | None, typer.Option("--until", help="Before this moment, UTC")] = None,
    quotes: Annotated[
        list[Path] | None,
        typer.Option("--quotes", help="Binance quotes recorded by `data record`; repeatable"),
    ] = None,
    minutes: Annotated[
        bool, typer.Option("--minutes", help="Ask the store's Binance minutes too (coarser)")
    ] = False,
    store: StoreOption = None,
    tolerance_ms: Annotated[
        float, typer.Option("--tolerance-ms", min=0, help="How old a Binance quote may be")
    ] = 1_000.0,
    halt_state: Annotated[
        str, typer.Option("--halt-state", help="Name of the state, in any case")
    ] = "HALT",
    halt_diff_pct: Annotated[
        float | None, typer.Option("--halt-diff-pct", help="HALT threshold of records without one")
    ] = None,
    max_age_ms: Annotated[
        float | None, typer.Option("--max-age-ms", help="Age gate of records without one")
    ] = None,
    sweep: Annotated[
        str, typer.Option("--sweep", help="HALT thresholds to try, percent: LOW:HIGH:STEP")
    ] = "0.5:6:0.5",
    horizon_min: Annotated[
        float, typer.Option("--horizon-min", min=0.1, help="Minutes of the move avoided")
    ] = 15.0,
    out: Annotated[
        Path | None, typer.Option("--out", help="Write .json (all of it), .csv or .parquet")
    ] = None,
    pictures: Annotated[
        Path | None,
        typer.Option("--pictures", help="Folder for a picture per HALT, and one of all"),
    ] = None,
    maps: MapOption = None,
    config: ConfigOption = None,
) -> None:
    """Explains HALTs: the diff taken apart, the cause, and what would have prevented it.

    fill: the book was thin. latency: Binance moved between the two timestamps. mid: what is left
    when both prices are of the same instant. The parts sum to the diff exactly.

    Example: leadfollow halts logs/ --quotes quotes.jsonl --pictures pictures/ --out halts.json
    """
    from sweeps.cli.halts import files as halt_files
    from sweeps.cli.halts import session as halt_session
    from sweeps.cli.halts import show as show_halts
    from sweeps.settings import load_settings

    if out is not None:
        halt_files.check_ending(out)
    thresholds, settings = halt_session.thresholds_of(sweep), load_settings(config)
    session = halt_session.open_session(
        logs,
        maps=maps,
        rules=halt_session.rules_of(settings.sessions, tolerance_ms, halt_diff_pct, max_age_ms),
        halt_state=halt_state,
        market=market,
        quotes=quotes,
        store=store or (settings.store.folder if minutes else None),
    )
    found = session.explain(every=every, since=since, until=until, number=number)
    rows = session.sweep(thresholds, horizon_min)
    show_halts.show(session, found, rows, in_full=number is not None or len(found) == 1)
    if out is not None:
        halt_files.write_halts(out, session, found, rows, command=sys.argv[1:])
    if pictures is not None:
        show_halts.draw(pictures, session, found, rows, horizon_min=horizon_min, command=sys.argv)
