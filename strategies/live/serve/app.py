"""The routes: who asks, what they say, and an answer that is JSON whatever it is."""

import ipaddress
from collections.abc import Awaitable, Callable
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from research.errors import LeadfollowError, LiveError, OrderError
from strategies.live.serve.desk import Desk
from strategies.live.serve.token import is_bearer
from strategies.live.serve.wire import Asked, Minutes, Result

__all__ = ["gate_app"]

Answer = Callable[[Request], Awaitable[JSONResponse]]
Body = TypeVar("Body", bound=BaseModel)


def gate_app(desk: Desk, token: str, *, max_body_bytes: int) -> Starlette:
    """The application: ``/v1/decide``, ``/v1/minutes``, ``/v1/closed`` and ``/v1/health``."""

    async def decide(request: Request) -> JSONResponse:
        return JSONResponse(desk.decide(await _body(request, Asked, max_body_bytes)))

    async def minutes(request: Request) -> JSONResponse:
        # a thousand minutes are 400 KB: history may be as large as sixteen questions
        return JSONResponse(desk.minutes(await _body(request, Minutes, 16 * max_body_bytes)))

    async def closed(request: Request) -> JSONResponse:
        return JSONResponse(desk.closed(await _body(request, Result, max_body_bytes)))

    async def health(request: Request) -> JSONResponse:
        del request
        return JSONResponse(desk.health())

    made = Starlette(
        routes=[
            Route("/v1/decide", _guarded(decide, token), methods=["POST"]),
            Route("/v1/minutes", _guarded(minutes, token), methods=["POST"]),
            Route("/v1/closed", _guarded(closed, token), methods=["POST"]),
            Route("/v1/health", _guarded(health, token), methods=["GET"]),
        ],
        exception_handlers={HTTPException: _told, LeadfollowError: _refused},
    )
    made.router.redirect_slashes = False  # a bot that spells a route wrong is told so
    return made


def _guarded(answer: Answer, token: str) -> Answer:
    """``answer`` for those who bring the token and speak to this machine by its own name.

    The name: a page in a browser may be led here by the name of another host.
    """

    async def asked(request: Request) -> JSONResponse:
        if not _is_loopback(request.headers.get("host", "")):
            raise HTTPException(421, "this gate answers to 127.0.0.1 and localhost only")
        header = request.headers.get("authorization", "").encode("latin-1")
        if not is_bearer(header, token):
            raise HTTPException(401, "a token is needed", headers={"WWW-Authenticate": "Bearer"})
        return await answer(request)

    return asked


def _is_loopback(host: str) -> bool:
    name = host.rpartition(":")[0] if not host.endswith("]") and ":" in host else host
    name = name.strip("[]")
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


async def _body(request: Request, model: type[Body], most: int) -> Body:
    data = bytearray()
    try:
        async for chunk in request.stream():
            data += chunk
            if len(data) > most:
                raise HTTPException(413, f"at most {most:,} bytes")
    except ClientDisconnect:
        raise HTTPException(400, "the body ended too early") from None
    try:
        return model.model_validate_json(bytes(data))
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "body"
        raise HTTPException(422, f"{where}: {first['msg']}") from None
    except (ValueError, RecursionError):  # half a character in a text, nesting without end
        raise HTTPException(422, "body: not JSON that can be read") from None


def _told(request: Request, error: Exception) -> JSONResponse:
    del request
    if not isinstance(error, HTTPException):
        raise error
    words = error.detail.encode("utf-8", "replace").decode()
    return JSONResponse({"error": words}, error.status_code, headers=error.headers)


def _refused(request: Request, error: Exception) -> JSONResponse:
    """Doubt of our own: a minute out of order is the client's, a full disk nobody's to trade on."""
    del request
    status = 409 if isinstance(error, OrderError | LiveError) else 503
    return JSONResponse({"error": f"{type(error).__name__}: {error}"}, status)
