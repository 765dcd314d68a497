"""How the recorder looks on the terminal."""

import asyncio
import random
import time
from pathlib import Path

from research.quotes.record import record_quotes
from research.settings.fetch import FetchSettings
from research.settings.market import MarketSettings
from sweeps.cli.terminal import console, say

__all__ = ["run_recorder"]


def run_recorder(
    market: str,
    names: MarketSettings,
    settings: FetchSettings,
    *,
    folder: Path,
    minutes: float | None,
) -> None:
    """Records until the time is over or Ctrl-C, and sums up. Raises StoreError."""
    counts = {"binance": 0, "dydx": 0}
    try:
        with console.status(f"recording {market} into {folder}") as status:

            def on_quote(venue: str, quotes: int) -> None:
                if counts[venue] != quotes:
                    counts[venue] = quotes
                    told = ", ".join(f"{name} {count:,}" for name, count in counts.items())
                    status.update(f"recording {market} into {folder}: {told} quotes")

            reports = asyncio.run(
                record_quotes(
                    market,
                    names,
                    settings=settings,
                    folder=folder,
                    now_ms=lambda: round(time.time() * 1000),
                    jitter=random.random,
                    seconds=None if minutes is None else minutes * 60,
                    on_quote=on_quote,
                )
            )
    except KeyboardInterrupt:
        told = ", ".join(f"{name} {count:,}" for name, count in counts.items())
        say(f"stopped; {told} quotes in {folder}; every line is whole")
        return
    for report in reports:
        say(
            f"{report.venue}: {report.quotes:,} quotes, {report.gaps} gaps, "
            f"{report.dropped} messages dropped"
        )
        if report.refusal is not None:
            say(f"{report.venue} refused: {report.refusal}; check the market's name in [markets]")
    say(f"wrote {folder}; replay with `leadfollow halts`")
