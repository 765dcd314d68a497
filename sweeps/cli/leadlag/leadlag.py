"""``leadfollow leadlag``: does Binance lead, by how much, when?"""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from sweeps.cli.options import AnywayOption, ConfigOption, FrameOption, MarketOption, StoreOption

__all__ = ["DaysOption", "OutOption", "PlaceboOption", "leadlag"]

DaysOption = Annotated[
    float | None, typer.Option("--days", help="Only the last so many days [default: all]")
]
OutOption = Annotated[
    Path | None, typer.Option("--out", help="Folder for JSON and pictures (.png, .svg)")
]
PlaceboOption = Annotated[
    str | None,
    typer.Option(
        "--placebo",
        help="On a frame whose lead is destroyed: swapped, lead_day, spread_blocks, ...",
    ),
]


def leadlag(
    market: MarketOption = None,
    frame: FrameOption = None,
    store: StoreOption = None,
    days: DaysOption = None,
    out: OutOption = None,
    max_shift: Annotated[
        int | None, typer.Option("--max-shift", help="Minutes either way [default: 15]")
    ] = None,
    window_days: Annotated[
        float | None, typer.Option("--window-days", help="Length of the rolling view [default: 1]")
    ] = None,
    block_min: Annotated[
        int | None, typer.Option("--block-min", help="Mean length of a resampled block, minutes")
    ] = None,
    draws: Annotated[int | None, typer.Option("--draws", help="Resamples of each band")] = None,
    seed: Annotated[int | None, typer.Option("--seed", help="Of resamples and placebo")] = None,
    placebo: PlaceboOption = None,
    config: ConfigOption = None,
    anyway: AnywayOption = False,
) -> None:
    """Does Binance lead dYdX, by how much, when? By shift, segment and day, with bands.

    Cross-correlation and Hoffmann-Rosenbaum-Yoshida contrast, error correction with information
    shares, and what a gap foretells of dYdX's next minutes. A minute without a trade is no price.

    Example: leadfollow leadlag --market BTC --days 30 --out leadlag/
    """
    from research.leadlag.lag import LagSpec, lead_lag, window_slices
    from research.leadlag.sentences import lead_sentences
    from sweeps.cli.backtest.show import show_header
    from sweeps.cli.leadlag import show
    from sweeps.cli.leadlag.files import write_lead
    from sweeps.cli.leadlag.session import open_panel
    from sweeps.cli.study.searches import progress_bar
    from sweeps.cli.terminal import say

    given: dict[str, Any] = {
        "max_shift": max_shift,
        "window_min": None if window_days is None else round(window_days * 1440),
        "block_min": block_min,
        "draws": draws,
        "seed": seed,
    }
    spec = LagSpec(**{name: value for name, value in given.items() if value is not None})
    panel, rows, _ = open_panel(config, market, frame, store, days, placebo, spec.seed, anyway)
    show_header(panel, rows)
    steps = 16 + len(window_slices(rows.stop - rows.start, spec))
    with progress_bar("segments and windows", steps) as step:
        found = lead_lag(panel, rows, spec, step=step)
    show.show_lead(found)
    for sentence in lead_sentences(found):
        say(sentence)
    if out is not None:
        write_lead(out, panel, found, command=sys.argv)
