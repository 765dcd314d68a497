"""``leadfollow data``: recorded minutes into the store, what it holds, how far to trust it."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sweeps.cli.options import ConfigOption, MarketOption, StoreOption

if TYPE_CHECKING:  # pandas and pydantic stay off the path of --help
    from research.data.files.read import FundingReading, Reading
    from research.data.store.store import AddReport, Store
    from sweeps.settings import Settings

__all__ = ["app"]

app = typer.Typer(
    name="data",
    help="Import recorded minutes, list and judge them, or make a synthetic market.",
    no_args_is_help=True,
)


class VenueName(StrEnum):
    """Whose minutes."""

    BINANCE = "binance"
    DYDX = "dydx"


class OnConflict(StrEnum):
    """What to do where a stored minute contradicts the file."""

    REFUSE = "refuse"
    KEEP = "keep"
    REPLACE = "replace"


@app.command("import")
def import_files(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", show_default=False)],
    venue: Annotated[VenueName, typer.Option("--venue", help="Whose minutes these are")],
    market: MarketOption = None,
    on_conflict: Annotated[
        OnConflict, typer.Option("--on-conflict", help="Where a stored minute says otherwise")
    ] = OnConflict.REFUSE,
    shift_min: Annotated[
        int, typer.Option("--shift-min", help="Move every stamp by so many minutes")
    ] = 0,
    store: StoreOption = None,
    config: ConfigOption = None,
) -> None:
    """Reads files of 1-minute candles (or dYdX funding) into the store.

    Binance bulk CSV and ZIP, REST JSON; dYdX indexer JSON and CSV; Feather; Parquet. The layout
    is told by the content. Each file is checked whole before anything of it is written.

    Example: leadfollow data import --market BTC --venue binance BTCUSDT-1m-2026-02.zip
    """
    from datetime import UTC, datetime

    from research.clock import Clock
    from research.data.files.read import Reading, moved, read_source
    from research.data.store.lock import market_lock
    from research.data.store.store import Store
    from sweeps.cli.data.show import console, say, show_import
    from sweeps.settings import load_settings

    settings = load_settings(config)
    name = market or settings.market
    target = Store(store or settings.store.folder)
    for number, path in enumerate(files, 1):
        if _is_checksum(path, files):
            say(f"{path.name}: a checksum, read along with its file")
            continue
        with console.status(f"reading {path.name} ({number} of {len(files)})"):
            reading = read_source(path, venue.value, now=datetime.now(UTC))
            _check_ticker(reading.ticker, settings, name, venue, path)
            if isinstance(reading, Reading):
                reading = moved(reading, shift_min)
            # per file: a fetch that follows every minute gets its turn between two files
            with market_lock(target.root, name, clock=Clock()) as took_over:
                report = _add(target, name, venue, reading, on_conflict)
        if took_over:
            say(f"an earlier fetch or import of {name} was killed; what it kept is whole")
        show_import(f"{target.label(name)} {venue.value}", reading, report)


@app.command("ls")
def list_store(store: StoreOption = None, config: ConfigOption = None) -> None:
    """Lists what the store holds: markets, venues, spans, missing minutes, sources.

    Example: leadfollow data ls
    """
    from research.data.store.store import Store
    from sweeps.cli.data.show import show_listing
    from sweeps.settings import load_settings

    folder = store or load_settings(config).store.folder
    show_listing(Store(folder).listing(), folder)


@app.command("quality")
def judge(
    market: MarketOption = None,
    json_out: Annotated[
        str | None,
        typer.Option("--json", metavar="FILE", help="Write the report as JSON; - prints it"),
    ] = None,
    store: StoreOption = None,
    config: ConfigOption = None,
) -> None:
    """Judges the stored minutes: gaps, odd candles, stamps that are off, spread distribution.

    Example: leadfollow data quality --market BTC --json quality.json
    """
    from datetime import UTC, datetime

    from research.atomic import write_text
    from research.data.quality.report import quality_json, quality_report
    from research.data.store.store import Store
    from sweeps.cli.data.show import console, say, show_quality
    from sweeps.settings import load_settings

    settings = load_settings(config)
    stored = Store(store or settings.store.folder)
    with console.status("judging the minutes"):
        report = quality_report(
            stored, market or settings.market, now=datetime.now(UTC), rule=settings.frame
        )
    if json_out == "-":
        typer.echo(quality_json(report, sys.argv))
        return
    show_quality(report)
    if json_out is not None:
        write_text(Path(json_out), quality_json(report, sys.argv) + "\n")
        say(f"wrote {json_out}")


@app.command("synth")
def make_synthetic(
    market: Annotated[
        str, typer.Option("--market", help="Name of the synthetic market in the store")
    ] = "SYNTH",
    days: Annotated[
        float | None, typer.Option("--days", help="Length [default: the settings', 30]")
    ] = None,
    seed: Annotated[
        int | None, typer.Option("--seed", help="Same seed, same market [default: 7]")
    ] = None,
    edge: Annotated[
        float | None,
        typer.Option(
            "--edge", help="Share of larger moves that dYdX follows late; 0: no lead [default: 1]"
        ),
    ] = None,
    lag_min: Annotated[
        float, typer.Option("--lag-min", help="Minutes in which a late gap falls to 1/e")
    ] = 3.0,
    store: StoreOption = None,
    config: ConfigOption = None,
) -> None:
    """Makes a seeded market pair with a planted lead and stores it, labelled synthetic.

    A synthetic market of that name is replaced; a recorded one is never touched.

    Example: leadfollow data synth --days 30 --seed 7 --edge 0
    """
    from research.clock import Clock
    from research.data.store.lock import market_lock
    from research.data.store.store import Store
    from research.data.synthetic.market import SyntheticSpec, synthesize
    from sweeps.cli.data.show import console, show_synthetic
    from sweeps.settings import load_settings

    settings = load_settings(config)
    planted = settings.synthetic
    spec = SyntheticSpec(
        days=planted.days if days is None else days,
        seed=planted.seed if seed is None else seed,
        edge=planted.edge if edge is None else edge,
        lag_min=lag_min,
    )
    target = Store(store or settings.store.folder)
    with console.status("making the market"):
        pair = synthesize(spec)
        with market_lock(target.root, market, clock=Clock()):
            was_replaced = target.put_synthetic(market, pair)
    show_synthetic(target, market, spec, was_replaced)


def _is_checksum(path: Path, files: list[Path]) -> bool:
    from research.data.files.archive import CHECKSUM_SUFFIX

    return path.name.endswith(CHECKSUM_SUFFIX) and path.with_suffix("") in files


def _check_ticker(
    ticker: str | None, settings: "Settings", market: str, venue: VenueName, path: Path
) -> None:
    from research.data.files.contract import is_other_contract
    from research.errors import FormatError

    if ticker is None or market not in settings.markets:
        return
    expected = getattr(settings.markets[market], venue.value)
    if is_other_contract(ticker, expected):
        raise FormatError(
            f"{path.name}: holds {ticker}, market {market} is {expected} at {venue.value}; "
            "name its own --market, or set it under [markets] in leadfollow.toml"
        )


def _add(
    store: "Store",
    market: str,
    venue: VenueName,
    reading: "Reading | FundingReading",
    on_conflict: OnConflict,
) -> "AddReport":
    from research.data.files.read import Reading

    if isinstance(reading, Reading):
        return store.add(
            market,
            venue.value,
            reading.candles,
            source=reading.source,
            on_conflict=on_conflict.value,
        )
    return store.add_funding(
        market, reading.rates, source=reading.source, on_conflict=on_conflict.value
    )
