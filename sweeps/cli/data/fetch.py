"""``leadfollow data fetch`` and ``leadfollow data record``: minutes and quotes by themselves."""

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sweeps.cli.options import ConfigOption, MarketOption, StoreOption

if TYPE_CHECKING:  # httpx and pandas stay off the path of --help
    from collections.abc import Callable, Iterator

    from research.data.fetch.job import Wanted
    from research.data.fetch.market import FetchReport
    from research.data.tables.schema import Venue
    from research.settings.fetch import FetchSettings
    from research.settings.market import MarketSettings
    from sweeps.settings import Settings

__all__ = ["fetch", "record", "register"]


def register(app: typer.Typer) -> None:
    """Adds both commands to the group ``data``."""
    app.command("fetch")(fetch)
    app.command("record")(record)


def fetch(
    market: MarketOption = None,
    days: Annotated[
        float | None, typer.Option("--days", help="Back from the last closed minute [default: 30]")
    ] = None,
    since: Annotated[str | None, typer.Option("--since", help="ISO date or minute, UTC")] = None,
    until: Annotated[str | None, typer.Option("--until", help="ISO date or minute, UTC")] = None,
    venue: Annotated[
        str | None, typer.Option("--venue", help="binance or dydx only [default: both]")
    ] = None,
    spot: Annotated[
        bool, typer.Option("--spot", help="Binance spot; kept as market <NAME>-SPOT")
    ] = False,
    follow: Annotated[
        bool, typer.Option("--follow", help="Go on every minute until --until, or Ctrl-C")
    ] = False,
    retry_gaps: Annotated[
        bool, typer.Option("--retry-gaps", help="Ask once more for gaps that a venue had itself")
    ] = False,
    recheck: Annotated[
        bool, typer.Option("--recheck", help="Look whether bulk files were issued again")
    ] = False,
    json_out: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Write the report as JSON")
    ] = None,
    store: StoreOption = None,
    config: ConfigOption = None,
) -> None:
    """Downloads what the store lacks: both venues' minutes and funding. No key is needed.

    Stopped or killed, it goes on where it was; run again, it asks only for what is new.

    Example: leadfollow data fetch --market BTC --days 30
    """
    from research.extras import require_extra

    require_extra("live", ("httpx", "stamina"), what="data fetch")
    from research.atomic import write_json
    from research.data.fetch.job import Wanted
    from research.data.fetch.market import fetch_market
    from sweeps.cli.data.show_fetch import progress_watch, show_report
    from sweeps.settings import load_settings

    settings = load_settings(config)
    fetching = fetch_settings(settings)
    root, name = store or settings.store.folder, market or settings.market
    names = _names(settings, name)
    venues = _venues(venue)
    kept_as = f"{name}-SPOT" if spot else name
    wanted = _wanted(days, since, until)
    with _told_on_ctrl_c(kept_as, root), progress_watch() as watch:
        report = fetch_market(
            root,
            kept_as,
            names,
            wanted,
            settings=fetching,
            watch=watch,
            venues=venues,
            spot=spot,
            ask_gaps_again=retry_gaps,
        )
    show_report(report, skew_warn_ms=fetching.skew_warn_ms)
    if json_out is not None:
        write_json(json_out, report.to_dict())
    if recheck:
        _recheck(root, kept_as, fetching, spot=spot)
    if follow:

        def again(first_ms: int) -> "FetchReport":
            return fetch_market(
                root,
                kept_as,
                names,
                Wanted(first_ms=first_ms, end_ms=wanted.end_ms),
                settings=fetching,
                venues=venues,
                spot=spot,
            )

        _follow(again, report, wanted.end_ms, fetching.settle_s)


def record(
    market: MarketOption = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder of the recording [default: <store>/quotes]")
    ] = None,
    minutes: Annotated[
        float | None, typer.Option("--minutes", help="Stop after so long [default: Ctrl-C]")
    ] = None,
    store: StoreOption = None,
    config: ConfigOption = None,
) -> None:
    """Records both venues' top of book, dYdX depth and oracle price as JSON lines.

    Every line has receive time, exchange time and age: the raw material of `leadfollow halts`.

    Example: leadfollow data record --market BTC --minutes 60
    """
    from research.extras import require_extra

    require_extra("live", ("websockets",), what="data record")
    from sweeps.cli.data.show_record import run_recorder
    from sweeps.settings import load_settings

    settings = load_settings(config)
    name = market or settings.market
    folder = out or (store or settings.store.folder) / "quotes"
    run_recorder(
        name, _names(settings, name), fetch_settings(settings), folder=folder, minutes=minutes
    )


@contextmanager
def _told_on_ctrl_c(market: str, root: Path) -> "Iterator[None]":
    try:
        yield
    except KeyboardInterrupt:
        from sweeps.cli.terminal import say

        say(f"stopped; what came of {market} is whole in {root}: run it again to go on")
        raise typer.Exit(130) from None


def _follow(
    again: "Callable[[int], FetchReport]", first: "FetchReport", end_ms: int | None, settle_s: float
) -> None:
    import threading

    from research.clock import Clock
    from research.data.fetch.follow import follow
    from research.data.tables.schema import MINUTE_MS, iso_minute
    from sweeps.cli.data.show_fetch import show_failure, show_minute
    from sweeps.cli.terminal import say

    if end_ms is not None and _reached_ms(first) >= end_ms - end_ms % MINUTE_MS:
        say("nothing to follow: --until is reached")
        return
    until = f" until {iso_minute(end_ms)}" if end_ms is not None else ""
    say(f"following every minute{until}; Ctrl-C ends it")
    try:
        follow(
            again,
            since_ms=_reached_ms(first),
            clock=Clock(),
            settle_s=settle_s,
            stop=threading.Event(),
            on_report=show_minute,
            on_failure=show_failure,
            reached_ms=_reached_ms,
            until_ms=end_ms,
        )
        say("--until is reached: done")
    except KeyboardInterrupt:
        say("stopped; every closed minute up to here is stored")


def _reached_ms(report: "FetchReport") -> int:
    """The minute up to which every stream was asked for."""
    return min(stream.span.end_ms for stream in report.streams)


def _recheck(root: Path, market: str, settings: "FetchSettings", *, spot: bool) -> None:
    from research.clock import Clock
    from research.data.fetch.reissue import find_reissues
    from research.data.store.store import Store
    from research.data.venues.binance import FUTURES, SPOT
    from research.data.venues.binance_bulk import BulkSite, bulk_http
    from sweeps.cli.terminal import say

    with bulk_http(settings, clock=Clock()) as http:
        found = find_reissues(Store(root), market, BulkSite(http, SPOT if spot else FUTURES))
    for reissue in found:
        say(reissue.sentence())
    if not found:
        say("no bulk file of this market was issued again")


def fetch_settings(settings: "Settings") -> "FetchSettings":
    """The ``[fetch]`` table in force."""
    from research.settings.fetch import FetchSettings

    found: FetchSettings = getattr(settings, "fetch", FetchSettings())
    return found


def _names(settings: "Settings", market: str) -> "MarketSettings":
    from research.errors import SettingsError

    if market not in settings.markets:
        known = ", ".join(settings.markets)
        raise SettingsError(
            f"market {market!r} has no names at the venues; known are {known}; add "
            f'[markets.{market}] with binance = "..." and dydx = "..." to leadfollow.toml'
        )
    return settings.markets[market]


def _venues(venue: str | None) -> tuple["Venue", ...]:
    from research.data.tables.schema import VENUES
    from research.errors import SettingsError

    if venue is None:
        return VENUES
    chosen = tuple(known for known in VENUES if known == venue)
    if not chosen:
        raise SettingsError(f"--venue {venue}: choose {' or '.join(VENUES)}, or leave it out")
    return chosen


def _wanted(days: float | None, since: str | None, until: str | None) -> "Wanted":
    from research.data.fetch.job import Wanted
    from research.errors import SettingsError

    if days is not None and since is not None:
        raise SettingsError("--days and --since both say where to begin; give one of them")
    if days is not None and not 0 < days <= 4000:
        raise SettingsError(f"--days must be above 0 and at most 4000, was {days:g}")
    first, end = _moment("--since", since), _moment("--until", until)
    if first is not None and end is not None and first >= end:
        raise SettingsError(f"--since {since} is not before --until {until}; swap them")
    back = round((30.0 if days is None else days) * 1440)
    return Wanted(first_ms=first, end_ms=end, minutes=back)


def _moment(option: str, text: str | None) -> int | None:
    from datetime import UTC, datetime

    from research.errors import SettingsError

    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise SettingsError(
            f"{option} {text}: no ISO date; write 2026-01-31 or 2026-01-31T12:00Z"
        ) from None
    zoned = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return round(zoned.timestamp() * 1000)
