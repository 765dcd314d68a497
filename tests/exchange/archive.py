"""The bulk site: monthly and daily ZIPs with their digests; a file can be issued again."""

import hashlib
import io
import re
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from aiohttp import web

from research.data.parse.binance import KLINE_COLUMNS
from tests.exchange.binance import kline
from tests.exchange.minutes import VenueMinutes

_PATH = re.compile(
    r"^/data/(futures/um|spot)/(monthly|daily)/klines/(\w+)/1m/\3-1m-(\d{4}-\d\d(?:-\d\d)?)\.zip(\.CHECKSUM)?$"
)


class Archive:
    """Files are made when they are first asked for, and kept; ``reissue`` replaces one."""

    def __init__(self, symbols: dict[str, VenueMinutes], clock_ms: Callable[[], int]) -> None:
        self.symbols, self.clock_ms = symbols, clock_ms
        self.files: dict[str, bytes] = {}
        self.broken_checksums: set[str] = set()

    async def answer(self, request: web.Request) -> web.Response:
        found = _PATH.match(request.path)
        if found is None:
            return _missing()
        kind, _, symbol, period, checksum = found.groups()
        path = request.path.removesuffix(".CHECKSUM")
        data = self.files.get(path) or self._make(kind, symbol, period)
        if data is None:
            return _missing()
        self.files[path] = data
        if not checksum:
            return web.Response(body=data, content_type="application/zip")
        digest = hashlib.sha256(data).hexdigest()
        if path in self.broken_checksums:
            digest = "0" * 64
        return web.Response(text=f"{digest}  {path.rsplit('/', 1)[1]}\n")

    def reissue(self, path: str, held: VenueMinutes) -> None:
        """Replaces the file at ``path`` with one made of other minutes."""
        kind, _, symbol, period, _ = _PATH.match(path).groups()  # type: ignore[union-attr]
        before = self.symbols[symbol]
        self.symbols[symbol] = held
        made = self._make(kind, symbol, period)
        self.symbols[symbol] = before
        assert made is not None
        self.files[path] = made

    def _make(self, kind: str, symbol: str, period: str) -> bytes | None:
        held = self.symbols.get(symbol)
        first, end = span_of(period)
        # the site publishes a period some hours after its end
        if held is None or end + 6 * 3_600_000 > self.clock_ms():
            return None
        rows = held.between(first, end)
        if rows.start == rows.stop:
            return None
        per_ms = 1000 if kind == "spot" and period >= "2025" else 1
        lines = [",".join(KLINE_COLUMNS)] if kind != "spot" else []
        for row in range(rows.start, rows.stop):
            fields = kline(held, row)
            fields[0] *= per_ms
            fields[6] = (fields[6] + 1) * per_ms - 1
            lines.append(",".join(map(str, fields)))
        return zipped(f"{symbol}-1m-{period}.csv", ("\n".join(lines) + "\n").encode())


def span_of(period: str) -> tuple[int, int]:
    """First and end (exclusive) of ``2026-02`` or ``2026-02-03`` in ms."""
    parts = [int(part) for part in period.split("-")]
    if len(parts) == 3:
        first = datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type]
        end = first + timedelta(days=1)
    else:
        first = datetime(parts[0], parts[1], 1, tzinfo=UTC)
        end = (first + timedelta(days=32)).replace(day=1)
    return round(first.timestamp() * 1000), round(end.timestamp() * 1000)


def zipped(name: str, content: bytes) -> bytes:
    """A ZIP of one file, the same bytes for the same content."""
    sink = io.BytesIO()
    entry = zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0))
    with zipfile.ZipFile(sink, "w") as bundle:
        bundle.writestr(entry, content, zipfile.ZIP_DEFLATED, compresslevel=1)
    return sink.getvalue()


def _missing() -> web.Response:
    text = (
        "<?xml version='1.0'?><Error><Code>NoSuchKey</Code><Message>no such key</Message></Error>"
    )
    return web.Response(status=404, text=text, content_type="application/xml")
