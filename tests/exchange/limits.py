"""Request budgets as the venues keep them, and how they say that one is spent."""

from collections import deque
from collections.abc import Callable

from aiohttp import web

from tests.exchange.binance import weight


class Limits:
    """Counts per window on the exchange's own clock; ``refused`` counts what it turned away."""

    def __init__(
        self, clock_ms: Callable[[], int], *, dydx_requests: int = 100, binance_weight: int = 2400
    ) -> None:
        self.clock_ms = clock_ms
        self.most_dydx, self.most_binance = dydx_requests, binance_weight
        self.dydx: deque[int] = deque()
        self.binance: deque[tuple[int, int]] = deque()
        self.refused = 0
        self.peak_binance = 0

    def check(self, request: web.Request) -> tuple[web.Response | None, dict[str, str]]:
        """A refusal, or None, and the headers that go with the answer."""
        if request.path.startswith("/v4/"):
            return self._dydx()
        if request.path.startswith(("/fapi/", "/api/")):
            return self._binance(request)
        return None, {}

    def _dydx(self) -> tuple[web.Response | None, dict[str, str]]:
        now = self.clock_ms()
        while self.dydx and self.dydx[0] <= now - 10_000:
            self.dydx.popleft()
        reset = (self.dydx[0] if self.dydx else now) + 10_000
        left = self.most_dydx - len(self.dydx)
        if left <= 0:
            self.refused += 1
            return too_many_dydx(reset - now, reset), {}
        self.dydx.append(now)
        return None, {
            "RateLimit-Limit": str(self.most_dydx),
            "RateLimit-Remaining": str(left - 1),
            "RateLimit-Reset": str(reset),
        }

    def _binance(self, request: web.Request) -> tuple[web.Response | None, dict[str, str]]:
        now = self.clock_ms()
        minute = now // 60_000
        while self.binance and self.binance[0][0] < minute:
            self.binance.popleft()
        cost = weight(request.path, int(request.query.get("limit", 500)))
        used = sum(spent for _, spent in self.binance) + cost
        self.peak_binance = max(self.peak_binance, used)
        if used > self.most_binance:
            self.refused += 1
            return too_many_binance(429, 60 - now // 1000 % 60), {}
        self.binance.append((minute, cost))
        return None, {"X-MBX-USED-WEIGHT-1M": str(used)}


def too_many_dydx(wait_ms: int, reset_ms: int) -> web.Response:
    """429 with Retry-After in MILLISECONDS."""
    headers = {
        "Retry-After": str(wait_ms),
        "RateLimit-Remaining": "0",
        "RateLimit-Reset": str(reset_ms),
    }
    body = {"errors": [{"msg": "Too many requests"}]}
    return web.json_response(body, status=429, headers=headers)


def too_many_binance(status: int, wait_s: int) -> web.Response:
    """429, or the ban 418, with Retry-After in SECONDS."""
    body = {"code": -1003, "msg": "Too many requests; current limit of IP is 2400 per minute."}
    return web.json_response(body, status=status, headers={"Retry-After": str(wait_s)})
