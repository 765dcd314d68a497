"""The server of ``leadfollow serve``: this machine alone, nothing but runs, nothing written.

Of a request only its path is read, and that is looked up among the names of the runs: no part of
it becomes a path on disk. A request that names another host is refused, so that no page of the
web reaches it under a name of its own (DNS rebinding).
"""

import html
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from research.errors import LeadfollowError, StoreError
from sweeps.report.page.page import page_of
from sweeps.report.page.run_folder import RunFolder
from sweeps.report.serve.compare import compare_page
from sweeps.report.serve.index import index_page, runs_in

__all__ = ["HOST", "serving"]

HOST = "127.0.0.1"
_META = re.compile(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">')
_HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class _RefusedError(Exception):
    """What a browser gets in place of a page."""

    def __init__(self, status: HTTPStatus, words: str) -> None:
        super().__init__(words)
        self.status = status


@contextmanager
def serving(folder: Path, port: int) -> Iterator[str]:
    """Serves the runs of ``folder`` while the block lasts; yields the address.

    Parameters
    ----------
    port
        0 takes a free one.

    Raises
    ------
    StoreError
        ``folder`` is none, or the port is taken.
    """
    if not folder.is_dir():
        raise StoreError(f"{folder}: no folder of runs; make one with `leadfollow run`")
    try:
        server = ThreadingHTTPServer((HOST, port), _handler(folder, lambda: server.server_port))
    except OSError as error:
        raise StoreError(
            f"port {port}: cannot be taken ({error.strerror}); give another with --port"
        ) from None
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, name="serve", daemon=True)
    thread.start()
    try:
        yield f"http://{HOST}:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(folder: Path, port_of: Callable[[], int]) -> Callable[..., BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = 30  # seconds that a silent client may hold a thread

        def do_GET(self) -> None:
            self._answer(is_shown=True)

        def do_HEAD(self) -> None:
            self._answer(is_shown=False)

        def _answer(self, *, is_shown: bool) -> None:
            status = HTTPStatus.OK
            try:
                port = port_of()
                _check_host(self.headers.get_all("Host"), port)
                text = _page(folder, self.path)
            except _RefusedError as refusal:
                status, text = refusal.status, html.escape(str(refusal))
            except LeadfollowError as error:
                status, text = HTTPStatus.INTERNAL_SERVER_ERROR, html.escape(str(error))
            body = text.encode()
            self.send_response(status)
            for name, value in (_HEADERS | {"Content-Security-Policy": _policy(text)}).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if is_shown:
                self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (its name there)
            """Says nothing: what a client sends does not reach the terminal."""

    return Handler


def _policy(text: str) -> str:
    """What the page itself allows, and that nobody frames it; nothing for a bare sentence."""
    found = _META.search(text)
    own = found.group(1) if found else "default-src 'none'"
    return f"{own}; frame-ancestors 'none'"


def _check_host(named: list[str] | None, port: int) -> None:
    allowed = {f"{name}:{port}" for name in (HOST, "localhost")}
    if port == 80:
        allowed |= {HOST, "localhost"}
    if named is None or len(named) != 1 or named[0].lower() not in allowed:
        raise _RefusedError(HTTPStatus.FORBIDDEN, "This server answers for this machine alone.")


def _page(folder: Path, target: str) -> str:
    asked = urlsplit(target)
    path = unquote(asked.path)
    runs = runs_in(folder)
    if path == "/":
        return index_page(runs, folder.name or str(folder))
    if path == "/compare":
        query = parse_qs(asked.query)
        pair = [_run(runs, (query.get(key) or [""])[0]) for key in ("a", "b")]
        return compare_page(*pair)
    if path.startswith("/run/"):
        return page_of(_run(runs, path.removeprefix("/run/")))
    raise _RefusedError(HTTPStatus.NOT_FOUND, "There is no such page.")


def _run(runs: dict[str, RunFolder | str], name: str) -> RunFolder:
    found = runs.get(name)
    if found is None:
        raise _RefusedError(HTTPStatus.NOT_FOUND, f"There is no run {name[:80]!r}.")
    if isinstance(found, str):
        raise _RefusedError(HTTPStatus.CONFLICT, found)
    return found
