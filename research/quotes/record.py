"""Running the recorder: a stream per venue, one file, until told to stop."""

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path

from research.quotes.linefile import LineWriter
from research.quotes.readers import BinanceReader, DydxReader, subscriptions
from research.quotes.socket import StreamSettings, stream
from research.settings.fetch import FetchSettings
from research.settings.market import MarketSettings

__all__ = ["RecordReport", "record_quotes"]


@dataclass(frozen=True, slots=True)
class RecordReport:
    """What one venue's recording amounts to."""

    venue: str
    quotes: int
    gaps: int
    dropped: int
    refusal: str | None = None  # the venue's words, if it refused something


async def record_quotes(
    market: str,
    names: MarketSettings,
    *,
    settings: FetchSettings,
    folder: Path,
    now_ms: Callable[[], int],
    jitter: Callable[[], float],
    seconds: float | None = None,
    on_quote: Callable[[str, int], None] = lambda venue, quotes: None,
    pauses: StreamSettings | None = None,
) -> list[RecordReport]:
    """Records both venues into ``folder`` for ``seconds``, or until cancelled.

    Raises
    ------
    StoreError
        The folder cannot be written. A venue that is away is no error: the gap is marked.
    """
    writer = LineWriter(folder, market)
    patience = pauses or StreamSettings(
        silence_s=settings.silence_s,
        first_wait_s=settings.first_wait_s,
        longest_wait_s=settings.longest_wait_s,
    )
    readers: tuple[tuple[str, BinanceReader | DydxReader], ...] = (
        (
            settings.binance_ws_url,
            BinanceReader(market=names.binance, settings=settings, emit=writer.write),
        ),
        (
            settings.dydx_ws_url,
            DydxReader(market=names.dydx, settings=settings, emit=writer.write),
        ),
    )

    async def listen(url: str, reader: BinanceReader | DydxReader) -> None:
        events = stream(
            url,
            subscriptions(reader.venue, reader.market),
            settings=patience,
            now_ms=now_ms,
            jitter=jitter,
            must_reopen=lambda: reader.must_reopen,
        )
        async with aclosing(events):
            async for event in events:
                reader.read(event)
                on_quote(reader.venue, reader.quotes)

    tasks = [asyncio.create_task(listen(url, reader)) for url, reader in readers]
    try:
        async with asyncio.timeout(seconds):
            await asyncio.gather(*tasks)
    except TimeoutError:
        pass
    finally:
        for task in tasks:
            task.cancel()
        # each says goodbye to its venue; gather alone would return with the first
        await asyncio.gather(*tasks, return_exceptions=True)
        writer.close()
    return [
        RecordReport(reader.venue, reader.quotes, reader.gaps, reader.dropped, reader.refusal)
        for _, reader in readers
    ]
