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
) -> None:
    """Aligns both venues on one minute grid and writes the frame.

    Example: leadfollow frame --market BTC --out frame.parquet
    """
    from research.data.quality.exclusions import exclusion_lines
    from research.frame.frame import write_frame
    from research.frame.load import load_frame
    from research.frame.presence import presence_sentence
    from research.settings.file import load_settings
    from sweeps.cli.terminal import say

    settings = load_settings(config)
    made = load_frame(
        market or settings.market, store=store or settings.store.folder, rule=settings.frame
    )
    write_frame(made, out, command=sys.argv)
    funding = "known" if made.has_funding else "unknown: costs leave it out"
    say(f"{made.label}: {len(made):,} minutes; {presence_sentence(made)}; funding {funding}")
    for line in exclusion_lines(made.origin.exclusion_rule, made.origin.exclusions):
        say(line)
    say(f"wrote {out}")
