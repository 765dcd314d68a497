"""A stream of messages that comes back: reconnect, subscribe again, say what was missed."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

__all__ = ["Lost", "Message", "Opened", "StreamSettings", "stream"]


@dataclass(frozen=True, slots=True)
class Opened:
    """A connection stands and everything is subscribed."""

    at_ms: int


@dataclass(frozen=True, slots=True)
class Message:
    """One text message and the moment of its arrival."""

    at_ms: int
    text: str


@dataclass(frozen=True, slots=True)
class Lost:
    """The connection ended; nothing is known until the next :class:`Opened`."""

    at_ms: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamSettings:
    """How patient a stream is.

    ``subscribe_pause_s`` keeps dYdX's limit of two subscriptions a second. Pings go out every
    ``ping_s`` and the server's own are answered by the library.
    """

    silence_s: float = 45.0
    subscribe_pause_s: float = 0.5
    first_wait_s: float = 0.5
    longest_wait_s: float = 30.0
    ping_s: float = 20.0
    most_bytes: int = 2**22


async def stream(
    url: str,
    subscriptions: Sequence[str],
    *,
    settings: StreamSettings,
    now_ms: Callable[[], int],
    jitter: Callable[[], float],
    must_reopen: Callable[[], bool],
) -> AsyncGenerator[Opened | Message | Lost, None]:
    """Messages of ``url`` for ever, through any number of connections.

    Parameters
    ----------
    subscriptions : texts
        Sent on every new connection, in this order.
    jitter : () -> [0, 1)
        Spreads the moments at which many clients come back.
    must_reopen : () -> bool
        Looked at after every message: the reader saw a break in the sequence.
    """
    wait_s = settings.first_wait_s
    while True:
        reason = "closed by us: the sequence broke"
        try:
            async with _connected(url, settings) as socket:
                for number, text in enumerate(subscriptions):
                    if number:
                        await asyncio.sleep(settings.subscribe_pause_s)
                    await socket.send(text)
                yield Opened(now_ms())
                while True:
                    # wait_for loses a cancellation that comes with a message (Python 3.11)
                    async with asyncio.timeout(settings.silence_s):
                        received = await socket.recv()
                    wait_s = settings.first_wait_s
                    text = received if isinstance(received, str) else received.decode()
                    yield Message(now_ms(), text)
                    if must_reopen():
                        break
        except TimeoutError:
            reason = f"silent for {settings.silence_s:g} s"
        except (OSError, WebSocketException, UnicodeDecodeError) as error:
            reason = f"{type(error).__name__}: {error}".strip()
        yield Lost(now_ms(), reason)
        await asyncio.sleep(wait_s * (1 + jitter()))
        wait_s = min(2 * wait_s, settings.longest_wait_s)


@asynccontextmanager
async def _connected(url: str, settings: StreamSettings) -> AsyncGenerator[ClientConnection, None]:
    socket = await connect(
        url,
        ping_interval=settings.ping_s,
        ping_timeout=settings.ping_s,
        max_size=settings.most_bytes,
        open_timeout=settings.silence_s,
        close_timeout=1.0,
    )
    try:
        yield socket
    finally:
        try:
            await socket.close()
        finally:
            # a goodbye that is cancelled half-way leaves the socket open
            socket.transport.abort()
