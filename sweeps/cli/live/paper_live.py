"""``paper`` on live feeds: what is heard is written, so that the run can be replayed."""

import asyncio
import random
import signal
import time
from collections.abc import Callable
from contextlib import aclosing

from rich.live import Live

from research.quotes.linefile import LineWriter
from research.quotes.socket import StreamSettings
from strategies.live.feeds.events import FeedEvent, MinuteHeard
from strategies.live.feeds.lines import line_of
from strategies.live.feeds.live import Addresses, heard
from strategies.live.paper.session import PaperSession, Rules
from strategies.live.stream import LiveMinute
from sweeps.cli.live.dashboard import dashboard
from sweeps.cli.terminal import console, warn
from sweeps.settings import Settings

__all__ = ["listen"]


def listen(
    session: PaperSession,
    rules: Rules,
    settings: Settings,
    writer: LineWriter,
    minutes: float | None,
    told: list[LiveMinute],
) -> None:
    """Feeds ``session`` until the time is over or it is told to end; ``told`` gets its minutes.

    Raises
    ------
    StoreError
        What is heard or done cannot be written.
    """
    run = session.run

    def take(event: FeedEvent) -> None:
        if isinstance(event, MinuteHeard):
            told.append(event.minute)
        writer.write(line_of(event), round(event.at_ms))
        session.take(event)

    # looked at from the terminal's thread, four times a second; a pipe gets the last one only
    with Live(get_renderable=lambda: dashboard(run), console=console, refresh_per_second=4):
        asyncio.run(_listen(take, rules, settings, minutes))


async def _listen(
    take: Callable[[FeedEvent], None], rules: Rules, settings: Settings, minutes: float | None
) -> None:
    fetch, market = settings.fetch, rules.config.market
    events = heard(
        Addresses(
            binance_public=fetch.binance_ws_url,
            binance_market=settings.paper.binance_market_ws_url,
            dydx_public=fetch.dydx_ws_url,
            binance=market.binance,
            dydx=market.dydx,
            price_scale=market.price_scale,
        ),
        patience=StreamSettings(
            silence_s=fetch.silence_s,
            first_wait_s=fetch.first_wait_s,
            longest_wait_s=fetch.longest_wait_s,
        ),
        now_ms=lambda: time.time() * 1000,
        jitter=random.random,
        on_refusal=lambda url, words: warn(f"{url} refused: {words}"),
    )
    task = asyncio.current_task()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, task.cancel if task else loop.stop)
    try:
        async with asyncio.timeout(None if minutes is None else minutes * 60), aclosing(events):
            async for event in events:
                take(event)
    except (TimeoutError, asyncio.CancelledError):
        pass
