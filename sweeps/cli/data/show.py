"""How the data commands print: what was recognised, what is stored, what to look at."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from rich.table import Table

from research.data.files.read import FundingReading, Reading
from research.data.quality.exclusions import exclusion_lines
from research.data.quality.report import QualityReport
from research.data.quality.venue_pair import PairQuality, VenueQuality
from research.data.store.store import AddReport, Store
from research.data.synthetic.market import SyntheticSpec
from sweeps.cli.terminal import console, say

__all__ = ["console", "say", "show_import", "show_listing", "show_quality", "show_synthetic"]


def show_import(label: str, reading: Reading | FundingReading, report: AddReport) -> None:
    """One file: what was recognised, what was mended, what is new."""
    say(f"{reading.name}\n  {reading.layout}")
    for note in reading.notes if isinstance(reading, Reading) else ():
        say(f"  note: {note}")
    counts = [f"{report.new:,} new", f"{report.same:,} already stored"]
    if report.completed:
        counts.append(f"{report.completed:,} completed")
    if report.conflicting:
        counts.append(f"{report.conflicting:,} contradicting, settled as asked")
    what = " funding" if isinstance(reading, FundingReading) else ""
    unchanged = "" if report.files_written else " (nothing changed)"
    say(f"  {label}{what}: {', '.join(counts)}{unchanged}")


def show_listing(listing: pd.DataFrame, folder: Path) -> None:
    """The store as a table."""
    if listing.empty:
        say(
            f"nothing stored in {folder}; import minutes with `leadfollow data import --market "
            "BTC --venue binance FILE`, or make some with `leadfollow data synth`"
        )
        return
    table = Table(title=f"Store {folder}", title_justify="left")
    for heading in ("market", "venue", "what", "rows", "first", "last", "missing", "files", "size"):
        is_number = heading in {"rows", "missing", "files", "size"}
        table.add_column(heading, justify="right" if is_number else "left", no_wrap=True)
    for row in listing.to_dict("records"):
        label = f"{row['market']} [SYNTHETIC]" if row["is_synthetic"] else str(row["market"])
        missing = f"{row['missing_minutes']:,}" if row["kind"] == "candles" else "-"
        table.add_row(
            label.replace("[", r"\["), row["venue"], row["kind"], f"{row['rows']:,}", row["first"],
            row["last"], missing, str(row["files"]), _size(int(row["bytes"])),
        )  # fmt: skip
    console.print(table)


def show_quality(report: QualityReport) -> None:
    """Venues side by side, the pair, then every finding as a sentence."""
    console.print(_venue_table(report.label, report.venues))
    for quality in report.venues:
        _show_rarities(quality)
    if report.pair is not None:
        console.print(_spread_table(report.pair))
        _show_pair(report.pair)
    else:
        say("one venue only: nothing to compare")
    for line in exclusion_lines(report.exclusion_rule, report.exclusions):
        say(line)
    findings = report.findings
    say("look at:" if findings else "nothing to look at")
    for finding in findings:
        say(f"  - {finding}")


def show_synthetic(store: Store, market: str, spec: SyntheticSpec, was_replaced: bool) -> None:
    """What was planted, and where."""
    book = store.manifest(market, "binance")
    first, last = _ends([entry.first for entry in book.files.values()] if book else [],
                        [entry.last for entry in book.files.values()] if book else [])  # fmt: skip
    planted = (
        f"dYdX follows {min(spec.edge, 1) * 100:g} % of larger moves late (1/e in "
        f"{spec.lag_min:g} min)"
        if spec.edge
        else "no lead planted: nothing is to be found here"
    )
    say(
        f"{store.label(market)}: {spec.minutes:,} minutes {first} .. {last} of both venues, and "
        f"funding{'; replaces the synthetic market of that name' if was_replaced else ''}\n"
        f"  {spec.label}: {planted}"
    )


def _ends(firsts: Sequence[str], lasts: Sequence[str]) -> tuple[str, str]:
    return min(firsts, default="?"), max(lasts, default="?")


def _size(count: int) -> str:
    return f"{count / 2**20:.1f} MiB" if count >= 2**20 else f"{count / 2**10:.0f} KiB"


def _venue_table(label: str, venues: Sequence[VenueQuality]) -> Table:
    table = Table(title=f"Quality of {label}".replace("[", r"\["), title_justify="left")
    table.add_column("")
    for quality in venues:
        table.add_column(quality.venue, justify="right", no_wrap=True)
    lines = {
        "first": [quality.first for quality in venues],
        "last": [quality.last for quality in venues],
        "minutes": [f"{quality.rows:,}" for quality in venues],
        "missing": [_missing(quality) for quality in venues],
        "duplicates": [f"{quality.duplicates:,}" for quality in venues],
        "out of order": [f"{quality.out_of_order:,}" for quality in venues],
        "without a trade": [_share(quality.no_trade, quality.rows) for quality in venues],
        "flat (high = low)": [_share(quality.flat, quality.rows) for quality in venues],
        "sigma of 1 min, robust": [f"{quality.sigma_pct:.4f} %" for quality in venues],
        "jumps beyond 20 sigma": [f"{quality.jumps:,}" for quality in venues],
        "last candle": ["still running" if q.running_last else "over" for q in venues],
    }
    for name, cells in lines.items():
        table.add_row(name, *cells)
    return table


def _missing(quality: VenueQuality) -> str:
    if not quality.missing:
        return "0"
    return f"{quality.missing:,} in {quality.gaps:,} gap{'' if quality.gaps == 1 else 's'}"


def _share(part: int, whole: int) -> str:
    return f"{part:,} ({part / whole * 100:.2f} %)"


def _show_rarities(quality: VenueQuality) -> None:
    if quality.longest_gaps:
        gaps = ", ".join(f"{gap.first} ({gap.minutes} min)" for gap in quality.longest_gaps)
        say(f"{quality.venue} longest gaps: {gaps}")
    if quality.largest_jumps:
        jumps = ", ".join(
            f"{jump.minute} {jump.return_pct:+.2f} % ({jump.sigmas:.0f} sigma"
            f"{', gone a minute later' if jump.is_spike else ''})"
            for jump in quality.largest_jumps
        )
        say(f"{quality.venue} largest jumps: {jumps}")


def _spread_table(pair: PairQuality) -> Table:
    table = Table(title="Spread (dYdX - Binance) / Binance, percent", title_justify="left")
    table.add_column("")
    for name in pair.spread_pct:
        table.add_column(name, justify="right", no_wrap=True)
    for name, quantiles in (
        ("raw", pair.spread_pct),
        ("against the 12 h before", pair.spread_excess_pct),
    ):
        table.add_row(name, *(f"{value:+.4f}" for value in quantiles.values()))
    return table


def _show_pair(pair: PairQuality) -> None:
    found = pair.alignment
    say(
        f"pair: {pair.first} .. {pair.last}, {pair.common:,} of {pair.expected:,} minutes common "
        f"({pair.common_share:.2f} %), {pair.comparable:,} comparable (both traded)\n"
        f"stamps: best shift {found.shift_min:+d} min, correlation of 1-minute returns "
        f"{found.correlation:.3f} (at -1: {found.correlation_before:.3f}, at 0: "
        f"{found.correlation_at_zero:.3f}, at +1: {found.correlation_after:.3f}); {found.sentence}"
    )
