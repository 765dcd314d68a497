"""Both venues heard at once: a socket for each of their streams, one queue, and the seconds."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, suppress
from dataclasses import dataclass

from research.quotes.socket import Lost, Message, Opened, StreamSettings, stream
from strategies.live.feeds.events import FeedEvent, Tick, VenueLost
from strategies.live.feeds.minutes import MinuteJoin
from strategies.live.feeds.venues import BinanceVoice, DydxVoice, KlineVoice

__all__ = ["Addresses", "heard"]

Voice = BinanceVoice | DydxVoice | KlineVoice


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """Where the streams are, and the venues' names of the market."""

    binance_public: str
    binance_market: str
    dydx_public: str
    binance: str
    dydx: str
    price_scale: float = 1.0


async def heard(
    where: Addresses,
    *,
    patience: StreamSettings,
    now_ms: Callable[[], float],
    jitter: Callable[[], float],
    tick_sec: float = 1.0,
    on_refusal: Callable[[str, str], None] = lambda venue, words: None,
) -> AsyncGenerator[FeedEvent, None]:
    """Events for ever, through any number of connections; a second without one is a Tick.

    A venue that is away is no error: it is lost until its next book.
    """
    join = MinuteJoin(price_scale=where.price_scale)
    list(join.due(now_ms()))  # the minute that runs now is half heard
    queue: asyncio.Queue[FeedEvent] = asyncio.Queue()
    voices: tuple[tuple[str, str | None, Voice], ...] = (
        (where.binance_public, "binance", BinanceVoice(market=where.binance)),
        (where.binance_market, None, KlineVoice(market=where.binance, join=join)),
        (where.dydx_public, "dydx", DydxVoice(market=where.dydx, join=join)),
    )

    async def listen(url: str, venue: str | None, voice: Voice) -> None:
        events = stream(
            url,
            voice.subscriptions(),
            settings=patience,
            now_ms=lambda: round(now_ms()),
            jitter=jitter,
            must_reopen=lambda: voice.must_reopen,
        )
        told: str | None = None
        async with aclosing(events):
            async for event in events:
                match event:
                    case Opened():
                        voice.reset()
                    case Message():
                        for each in voice.hear(event.text, event.at_ms):
                            queue.put_nowait(each)
                    case Lost():
                        voice.reset()
                        if venue is not None:
                            queue.put_nowait(VenueLost(event.at_ms, venue, event.reason))
                if voice.refusal != told and voice.refusal is not None:
                    told = voice.refusal
                    on_refusal(url, told)

    async def count() -> None:
        while True:
            await asyncio.sleep(tick_sec)
            at_ms = round(now_ms())
            for minute in join.due(at_ms):
                queue.put_nowait(minute)
            queue.put_nowait(Tick(at_ms))

    tasks = [asyncio.create_task(listen(*each)) for each in voices]
    tasks.append(asyncio.create_task(count()))
    try:
        while True:
            waiting = asyncio.create_task(queue.get())
            done, _ = await asyncio.wait([waiting, *tasks], return_when=asyncio.FIRST_COMPLETED)
            for task in done - {waiting}:
                task.result()  # a listener never ends but by a fault
            yield await waiting
    finally:
        waiting.cancel()
        for task in tasks:
            task.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.gather(*tasks, return_exceptions=True)
