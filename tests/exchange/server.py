"""The exchange as a server: one application for both venues, in a thread of its own."""

import asyncio
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from aiohttp import web

from tests.exchange import binance, dydx
from tests.exchange.archive import Archive
from tests.exchange.faults import Faults
from tests.exchange.limits import Limits
from tests.exchange.minutes import VenueMinutes
from tests.exchange.sockets import Sockets


@dataclass
class LocalExchange:
    """State of both venues; tests change it while the server runs."""

    binance: dict[str, VenueMinutes]
    dydx: dict[str, VenueMinutes]
    clock_ms: Callable[[], int]
    faults: Faults = field(default_factory=Faults)
    limits: Limits | None = None
    log: list[str] = field(default_factory=list)  # path and query of every request
    sockets: Sockets = field(default_factory=Sockets)
    url: str = ""

    def __post_init__(self) -> None:
        self.limits = self.limits or Limits(self.clock_ms)
        self.archive = Archive(self.binance, self.clock_ms)

    def app(self) -> web.Application:
        """The aiohttp application."""
        made = web.Application(middlewares=[self._middleware()])
        made.add_routes(binance.routes(self.binance, self.clock_ms))
        made.add_routes(dydx.routes(self.dydx, self.clock_ms))
        made.add_routes(self.sockets.routes())
        made.router.add_get("/data/{rest:.*}", self.archive.answer)
        return made

    def asked(self, part: str) -> list[str]:
        """Requests whose path and query contain ``part``."""
        return [line for line in self.log if part in line]

    def _middleware(self) -> web.middleware:  # type: ignore[valid-type]
        @web.middleware
        async def answer(request: web.Request, handler):  # type: ignore[no-untyped-def]
            number = len(self.log)
            self.log.append(str(request.rel_url))
            assert self.limits is not None
            refusal, headers = self.limits.check(request)
            if refusal is not None:
                return refusal
            sound = await handler(request)
            fault = self.faults.next(number, request.path.split("/")[1])
            if fault is not None:
                return await self.faults.spoil(fault, request, sound, self.clock_ms())
            sound.headers.update(headers)
            return sound

        return answer


@contextmanager
def running(exchange: LocalExchange, port: int = 0) -> Iterator[LocalExchange]:
    """Serves ``exchange`` on loopback while the block lasts; its address is ``exchange.url``."""
    # clients that hang up on slow answers are what the tests are about
    logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)
    loop = asyncio.new_event_loop()
    runner = web.AppRunner(exchange.app(), shutdown_timeout=0.1, handle_signals=False)

    async def start() -> None:
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", port)
        await site.start()
        exchange.url = f"http://127.0.0.1:{runner.addresses[0][1]}"

    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    asyncio.run_coroutine_threadsafe(start(), loop).result(10)
    try:
        yield exchange
    finally:
        asyncio.run_coroutine_threadsafe(_end(runner), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


async def _end(runner: web.AppRunner) -> None:
    await runner.cleanup()
    # slow answers that nobody waits for any more
    ours = asyncio.current_task()
    late = [task for task in asyncio.all_tasks() if task is not ours]
    for task in late:
        task.cancel()
    await asyncio.gather(*late, return_exceptions=True)
