"""``leadfollow frame``: both venues on one minute grid, as a file."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from sweeps.cli.options import ConfigOption, MarketOption, StoreOption

__all__ = ["frame"]


def frame(
    out: Annotated[Path, typer.Option("--out", help="Parquet file to write")],
    market: MarketOption = None,
    store: StoreOption = None,
    config: ConfigOption = None,
    columns: Annotated[
        Path | None,
        typer.Option(
            "--columns",
            help="CSV or Parquet of further numbers by minute (UTC open time), such as scores; "
            "a row may hold only what was known at the close of its minute",
        ),
    ] = None,
) -> None:
    """Aligns both venues on one minute grid and writes the frame.

    Example: leadfollow frame --market BTC --out frame.parquet
    """
    from research.data.quality.exclusions import exclusion_lines
    from research.frame.extra import extra_columns, read_columns, with_columns
    from research.frame.frame import write_frame
    from research.frame.load import load_frame
    from research.frame.presence import presence_sentence
    from sweeps.cli.session import findings_in
    from sweeps.cli.terminal import say, warn
    from sweeps.settings import load_settings

    settings = load_settings(config)
    name = market or settings.market
    known = settings.markets.get(name)
    made = load_frame(
        name,
        store=store or settings.store.folder,
        rule=settings.frame,
        price_scale=1.0 if known is None else known.price_scale,
    )
    if columns is not None:
        made = with_columns(made, read_columns(columns), [columns.name])
    write_frame(made, out, command=sys.argv)
    funding = "known" if made.has_funding else "unknown: costs leave it out"
    say(f"{made.label}: {len(made):,} minutes; {presence_sentence(made)}; funding {funding}")
    for line in exclusion_lines(made.origin.exclusion_rule, made.origin.exclusions):
        say(line)
    for finding in findings_in(made, 0):
        warn(finding.sentence)
    for column in extra_columns(made):
        say(f"{column}: known on {int(made.table[column].notna().sum()):,} minutes")
    say(f"wrote {out}")
