"""The socket: loopback only, and a clean end on SIGTERM and Ctrl-C."""

import signal
import socket
from collections.abc import Callable
from types import FrameType

import uvicorn
from starlette.types import ASGIApp

from research.errors import LiveError

__all__ = ["LOOPBACK", "listen", "serve"]

LOOPBACK = "127.0.0.1"


def listen(port: int) -> socket.socket:
    """A socket on the loopback; port 0: any that is free. Raises :class:`LiveError`."""
    # the protocol named: else asyncio leaves Nagle on, and each answer waits 40 ms for an ACK
    made = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind((LOOPBACK, port))
        made.listen(128)
    except OSError as error:
        made.close()
        raise LiveError(
            f"gate: {LOOPBACK}:{port} cannot be listened on ({error.strerror}); choose another "
            "--port, or 0 for any that is free"
        ) from None
    return made


def serve(app: ASGIApp, listening: socket.socket, started: Callable[[], None]) -> None:
    """Answers until SIGTERM or Ctrl-C; requests in flight are answered first."""
    config = uvicorn.Config(
        app,
        access_log=False,
        log_level="warning",
        lifespan="off",
        server_header=False,
        date_header=False,
        proxy_headers=False,  # nobody stands between
        timeout_keep_alive=75,
        timeout_graceful_shutdown=3,
        ws="none",
    )
    # the server raises its signal once more when it has ended: what follows must still be done
    before = {each: signal.signal(each, _heard) for each in (signal.SIGTERM, signal.SIGINT)}
    try:
        started()
        with listening:
            uvicorn.Server(config).run(sockets=[listening])
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def _heard(number: int, frame: FrameType | None) -> None:
    del number, frame
