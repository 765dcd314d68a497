"""``leadfollow journal``: decision records as a table, their faults, their schema, made-up ones."""

import contextlib
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Annotated

import typer

from sweeps.cli.journal.logs import LogsArgument, MapOption

__all__ = ["app"]

app = typer.Typer(
    name="journal",
    help="Decision records: tabled, checked, described, made up.",
    no_args_is_help=True,
)


@app.command()
def table(
    logs: LogsArgument,
    out: Annotated[
        Path | None, typer.Option("--out", help="Write all events: .csv, .json or .parquet")
    ] = None,
    state: Annotated[str | None, typer.Option("--state", help="Only this risk state")] = None,
    reason: Annotated[
        str | None, typer.Option("--reason", help="Only with these words in a reason")
    ] = None,
    market: Annotated[str | None, typer.Option("--market", help="Only this market")] = None,
    since: Annotated[
        str | None, typer.Option("--since", help="From this moment on, UTC: 2026-01-05[T11:05:00Z]")
    ] = None,
    until: Annotated[str | None, typer.Option("--until", help="Before this moment, UTC")] = None,
    rows: Annotated[int, typer.Option("--rows", min=0, help="Events to show here")] = 10,
    top: Annotated[int, typer.Option("--top", min=1, help="Reasons to show")] = 10,
    maps: MapOption = None,
) -> None:
    """Makes an event table of decision records, and counts states and reasons.

    Foreign JSON lines are read with --map; without one, their keys are listed and a map proposed.

    Example: leadfollow journal table logs/ --state HALT --out halts.csv
    """
    from research.journal.events.events import EventCounts, EventFilter
    from research.journal.events.files import event_sink
    from sweeps.cli.journal.logs import about, digests_of, open_reader, reading, show_reading
    from sweeps.cli.journal.show import Preview, show_counts

    wanted = EventFilter.of(state=state, reason=reason, market=market, since=since, until=until)
    reader, counts, preview = open_reader(maps), EventCounts(), Preview(rows)
    with (
        contextlib.nullcontext(None) if out is None else event_sink(out) as events,
        ThreadPoolExecutor(1) as pool,
    ):
        with reading(reader, logs) as batches:
            digests = None if out is None else pool.submit(digests_of, logs)
            for batch in batches:
                kept = wanted.apply(batch)
                counts.add(kept)
                preview.add(kept)
                if events is not None:
                    events.add(kept)
        if events is not None and digests is not None:
            given = {"state": state, "reason": reason, "market": market}
            given |= {"since": since, "until": until, "map": ", ".join(maps or ()) or None}
            events.about = about(digests.result(), reader, parameters=given, command=sys.argv[1:])
    preview.show()
    show_counts(counts, top)
    show_reading(reader)
    if out is not None:
        from sweeps.cli.terminal import say

        say(f"wrote {out}: {counts.events:,} events")


@app.command()
def validate(
    logs: LogsArgument,
    most: Annotated[int, typer.Option("--most", min=1, help="Faults to list")] = 1_000,
    maps: MapOption = None,
) -> None:
    """Lists every violation with line and field; exit code 1 if there is one.

    Rejected lines give no record; odd ones are used, and the value that cannot be right is named.

    Example: leadfollow journal validate logs/journal-2026-01-05.jsonl
    """
    from sweeps.cli.journal.logs import open_reader, reading
    from sweeps.cli.terminal import say

    reader = open_reader(maps, kept_faults=most)
    with reading(reader, logs) as batches:
        for _ in batches:
            pass
    report = reader.report
    for fault in report.kept:
        say(str(fault))
    if report.counts.total() > len(report.kept):
        say(f"... {report.counts.total() - len(report.kept):,} more; raise --most to list them")
    say(report.sentence())
    for (rule, name), count in report.counts.most_common():
        say(f"  {rule}: {name}: {count:,}")
    if not report.is_clean:
        raise typer.Exit(1)


@app.command()
def schema() -> None:
    """Prints the JSON Schema of a decision record, for bots that do not import the package.

    Example: leadfollow journal schema > decision.schema.json
    """
    import json

    from research.journal import json_schema

    typer.echo(json.dumps(json_schema(), indent=2))


@app.command()
def synth(
    folder: Annotated[Path, typer.Argument(help="Folder to make")],
    halts: Annotated[int, typer.Option("--halts", min=1, help="How many HALTs to plant")] = 20,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Same seed, same bytes")] = 7,
) -> None:
    """Makes a journal with planted HALTs, their truth, and quotes of Binance around them.

    journal-*.jsonl hold the records, truth.jsonl the planted causes, quotes.jsonl what a recorder
    beside the bot would have seen. Nobody traded here: the market is called SYNTH-USD.

    Example: leadfollow journal synth demo/ --halts 20
    """
    from research.halts.planted.files import write_synthetic
    from sweeps.cli.terminal import console, say

    with console.status("making up a market") if console.is_terminal else _quiet():
        made = write_synthetic(folder, halts=halts, seed=seed)
    say(
        f"wrote {folder}: {len(made.records):,} records, {len(made.truth)} HALTs planted "
        f"(seed {seed}); explain them with `leadfollow halts {folder}`"
    )


def _quiet() -> "contextlib.nullcontext[None]":
    return contextlib.nullcontext()
