"""Asking an exchange politely and believing nothing: one sound answer or a typed error.

Transport errors, 5xx, limits and bodies that make no sense are asked for again, with jitter
(stamina) and never before the moment that the venue named. What stays wrong is reported with
the request that it answers.
"""

import json
import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import httpx
import stamina

from research.clock import Clock
from research.data.venues.body import page_title, retry_after_s
from research.data.venues.pace import Pace
from research.errors import DataError, FormatError, LimitError, RefusedError, UnreachableError
from research.settings.fetch import FetchSettings

__all__ = ["Dialect", "Http"]

T = TypeVar("T")
Params = Mapping[str, str | int]

# without a handler every retry would be printed to stderr, through the progress bar
logging.getLogger("stamina").addHandler(logging.NullHandler())

_HEADERS = {"User-Agent": "leadfollow", "Accept": "application/json, */*"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How one venue speaks about limits and errors.

    Attributes
    ----------
    retry_after_s : float
        Seconds in one unit of its ``Retry-After``.
    explain : body -> message
        The venue's own words in a JSON error body, None if there are none.
    heed : (headers, pace, now in s) -> None
        Slows ``pace`` down where the headers say that the budget is nearly spent.
    """

    venue: str
    base_url: str
    retry_after_s: float
    explain: Callable[[Any], str | None]
    heed: Callable[[httpx.Headers, Pace, float], None]


class _MissingError(Exception):
    """Status 404, in the venue's words."""


class _AgainError(Exception):
    """One attempt failed in a way that may pass; ``cause`` is set if an answer made no sense."""

    def __init__(self, reason: str, cause: DataError | None = None) -> None:
        super().__init__(reason)
        self.cause = cause


class Http:
    """Requests to one venue. Threads may share it. Close it, or use it as a context manager."""

    def __init__(
        self,
        dialect: Dialect,
        settings: FetchSettings,
        pace: Pace,
        *,
        clock: Clock,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.dialect, self.clock = dialect, clock
        self.requests = self.retries = 0
        self._settings, self._pace = settings, pace
        self._counting = threading.Lock()
        self._client = httpx.Client(
            headers=_HEADERS, timeout=settings.timeout_s, transport=transport, http2=False
        )

    def __enter__(self) -> "Http":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connections."""
        self._client.close()

    def get(
        self, path: str, params: Params, read: Callable[[bytes, str], T], *, cost: float = 1.0
    ) -> T:
        """What ``read(body, place)`` makes of the answer.

        Parameters
        ----------
        read : callable
            May raise DataError: the request is then repeated a few times.
        cost : float
            What the request takes from the venue's budget.

        Raises
        ------
        RefusedError
            4xx other than a limit, or a redirection.
        LimitError
            The venue bans us for longer than ``fetch.longest_retry_after_s``.
        UnreachableError
            No answer after ``fetch.attempts``.
        DataError
            As ``read`` raised it, after ``fetch.attempts_unsound``.
        """
        try:
            return self._ask(path, params, read, cost)
        except _MissingError as error:
            raise RefusedError(str(error)) from None

    def get_if_there(self, path: str, read: Callable[[bytes, str], T]) -> T | None:
        """As :meth:`get`, but None where the venue has no such file (status 404)."""
        try:
            return self._ask(path, {}, read, 1.0)
        except _MissingError:
            return None

    def _ask(self, path: str, params: Params, read: Callable[[bytes, str], T], cost: float) -> T:
        request = self._client.build_request(
            "GET", self.dialect.base_url + path, params=dict(params)
        )
        place = f"{self.dialect.venue}: GET {request.url}"
        try:
            for attempt in self._attempts():
                with attempt:
                    with self._counting:
                        self.retries += attempt.num > 1
                    body = self._once(request, place, cost)
                    return _read(read, body, place)
        except _AgainError as error:
            if error.cause is not None:
                raise error.cause from None
            raise UnreachableError(
                f"{place}: {error}, {self._settings.attempts} attempts; look at the connection "
                "and the venue's status page, then run it again: what was fetched is kept"
            ) from None
        raise AssertionError("stamina yields at least one attempt")

    def _attempts(self) -> Any:
        unsound = 0

        def worth(error: Exception) -> bool:
            nonlocal unsound
            if not isinstance(error, _AgainError):
                return False
            unsound += error.cause is not None
            return unsound < self._settings.attempts_unsound

        return stamina.retry_context(
            on=worth,
            attempts=self._settings.attempts,
            timeout=None,
            wait_initial=self._settings.first_wait_s,
            wait_max=self._settings.longest_wait_s,
            wait_jitter=self._settings.first_wait_s,
        )

    def _once(self, request: httpx.Request, place: str, cost: float) -> bytes:
        self._pace.take(cost)
        with self._counting:
            self.requests += 1
        try:
            response = self._client.send(request, stream=True)
            try:
                body = self._body(response, place)
            finally:
                response.close()
        except httpx.RequestError as error:
            raise _AgainError(f"{type(error).__name__} {error}".strip()) from None
        self.dialect.heed(response.headers, self._pace, self.clock.now())
        return self._judge(response, body, place)

    def _body(self, response: httpx.Response, place: str) -> bytes:
        most = int(self._settings.most_body_mib * 2**20)
        deadline = self.clock.monotonic() + 3 * self._settings.timeout_s
        pieces, size = [], 0
        for piece in response.iter_bytes():
            size += len(piece)
            if size > most:
                raise FormatError(
                    f"{place}: the answer is larger than {most:,} bytes; "
                    "look at the address, or raise fetch.most_body_mib"
                )
            pieces.append(piece)
            if self.clock.monotonic() > deadline:
                raise _AgainError(f"not finished after {3 * self._settings.timeout_s:g} s")
        return b"".join(pieces)

    def _judge(self, response: httpx.Response, body: bytes, place: str) -> bytes:
        status = response.status_code
        if status == 200:
            return body
        if status in (418, 429):
            self._wait_as_told(response, place)
            raise _AgainError(f"status {status}, limit")
        if status in (408, 425) or status >= 500:
            raise _AgainError(f"status {status} {page_title(body)}".strip())
        kind = _MissingError if status == 404 else RefusedError
        raise kind(f"{place}: status {status}: {self._words(response, body)}")

    def _wait_as_told(self, response: httpx.Response, place: str) -> None:
        seconds = retry_after_s(response.headers, self.dialect.retry_after_s, self.clock.now())
        if seconds > self._settings.longest_retry_after_s:
            raise LimitError(
                f"{place}: status {response.status_code}, asked to wait {seconds:,.0f} s "
                f"(fetch.longest_retry_after_s = {self._settings.longest_retry_after_s:g}); "
                "run it again after that: what was fetched is kept"
            )
        self._pace.pause(seconds)

    def _words(self, response: httpx.Response, body: bytes) -> str:
        if response.is_redirect:
            target = response.headers.get("location", "elsewhere")
            return f"sent on to {target}; set that address in [fetch] if you trust it"
        if response.status_code == 451:
            return "the venue does not serve this place; use a mirror or the bulk files"
        try:
            told = self.dialect.explain(json.loads(body))
        except (ValueError, RecursionError):
            told = None
        return told or page_title(body) or "no reason given; look at the address in [fetch]"


def _read(read: Callable[[bytes, str], T], body: bytes, place: str) -> T:
    try:
        return read(body, place)
    except DataError as error:
        raise _AgainError(str(error), error) from None
    except (ValueError, TypeError, KeyError, OverflowError) as error:
        # a body can be wrong in more ways than a reader thinks of
        strange = FormatError(
            f"{place}: the answer makes no sense ({type(error).__name__}: {error}); "
            "look at the address, or run it again later"
        )
        raise _AgainError(str(strange), strange) from None
