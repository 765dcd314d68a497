"""Answers broken on purpose: what networks, proxies and overloaded venues do to a client."""

import asyncio
import json
import random
from collections.abc import Mapping, Sequence

from aiohttp import web

from tests.exchange.limits import too_many_binance, too_many_dydx

FAULTS = (
    "429", "418", "500", "503", "html200", "html502", "truncated", "short", "reset", "slow",
    "drip", "lossy", "empty", "nulls", "late",
)  # fmt: skip
"""Every kind. ``truncated`` is a whole answer of half a body, ``short`` a body shorter than its
Content-Length, ``lossy`` leaves rows out of an otherwise sound body, ``empty`` all of them."""

LIES = ("lossy", "empty")
"""Answers that look sound and are not."""


class Faults:
    """Which requests are broken, and how: by the number of the request, or seeded."""

    def __init__(
        self,
        by_number: Mapping[int, str] | None = None,
        *,
        seed: int | None = None,
        rate: float = 0.0,
        kinds: Sequence[str] = FAULTS,
        most: int = 10**9,
        slow_s: float = 1.0,
    ) -> None:
        self.by_number, self.rate, self.kinds = dict(by_number or {}), rate, kinds
        self.random = random.Random(seed)
        self.most, self.slow_s, self.count = most, slow_s, 0
        self.last: dict[str, str | None] = {}

    def next(self, number: int, venue: str = "") -> str | None:
        """The fault of request ``number``, counted from 0.

        A venue never lies twice in a row: who says the same untruth whenever asked is believed.
        """
        kind = self.by_number.get(number)
        if kind is None and self.random.random() < self.rate and self.count < self.most:
            kind = self.random.choice(self.kinds)
        if kind in LIES and self.last.get(venue) in LIES:
            kind = None
        if kind is None or kind in LIES or kind == "late":
            self.last[venue] = kind  # an answer that arrives; others are asked for again
        self.count += kind is not None
        return kind

    async def spoil(
        self, kind: str, request: web.Request, sound: web.Response, now_ms: int
    ) -> web.StreamResponse:
        """The broken answer in place of ``sound``."""
        dydx = request.path.startswith("/v4/")
        body = bytes(sound.body or b"")  # type: ignore[arg-type]
        if kind in ("429", "418"):
            return too_many_dydx(1500, now_ms + 1500) if dydx else too_many_binance(int(kind), 2)
        if kind in ("500", "503"):
            return web.Response(status=int(kind), text="upstream is away")
        if kind in ("html200", "html502"):
            page = "<!DOCTYPE html><html><head><title>Just a moment...</title></head></html>"
            return web.Response(status=int(kind[4:]), text=page, content_type="text/html")
        if kind == "truncated":
            return web.Response(body=body[: len(body) // 2], content_type=sound.content_type)
        if kind in ("lossy", "empty", "nulls"):
            return _thinned(kind, sound, body, self.random)
        if kind == "late":
            await asyncio.sleep(self.slow_s / 20)
            return sound
        return await self._unfinished(kind, request, sound, body)

    async def _unfinished(
        self, kind: str, request: web.Request, sound: web.Response, body: bytes
    ) -> web.StreamResponse:
        if kind == "slow":
            await asyncio.sleep(self.slow_s)
            return sound
        transport = request.transport
        if kind == "reset":
            if transport is not None:
                transport.abort()
            return sound
        stream = web.StreamResponse(headers={"Content-Type": sound.content_type})
        stream.content_length = len(body)
        await stream.prepare(request)
        if kind == "short":
            await stream.write(body[: len(body) // 2])
            if transport is not None:
                transport.close()
            return stream
        for at in range(20):  # drip: never silent for long, never done in time
            await stream.write(body[at : at + 1])
            await asyncio.sleep(self.slow_s / 10)
        if transport is not None:
            transport.abort()
        return stream


def _thinned(kind: str, sound: web.Response, body: bytes, chance: random.Random) -> web.Response:
    try:
        value = json.loads(body)
    except ValueError:
        return sound
    key = (
        next((key for key in value if isinstance(value[key], list)), None)
        if isinstance(value, dict)
        else None
    )
    rows = value[key] if key is not None else value
    if not isinstance(rows, list) or not rows:
        return sound
    if kind == "empty":
        rows = []
    elif kind == "lossy":
        rows = [row for row in rows if chance.random() > 0.05]
    else:
        rows = [*rows[: len(rows) // 2], None, *rows[len(rows) // 2 :]]
    return web.json_response(value | {key: rows} if key is not None else rows)
