"""Broken, hostile and unauthorised requests to the served gate: none may break it or get in."""

import json
import random
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from tests.benchmarks.live_served import TOKEN, Connection, asked, closed_minutes, served

PATHS = ("/v1/decide", "/v1/minutes", "/v1/closed")
ODD: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1, 2**63, -(2**63), 10**400, 1e308, -1e308, 5e-324, 0.1),
    *("", "short", "x" * 5000, "\u0000", "\ud800", "1e5", "NaN", [], {}, [[]], [[1.0, 1.0]]),
    *(float("nan"), float("inf"), -float("inf"), [[0.0, 0.0]] * 200, [[1.0, 1.0]] * 300),
)
TOKENS = ("", "x", TOKEN[:-1], TOKEN + "x", TOKEN.upper(), " " + TOKEN[1:], "\xff" * 20)


def _body(path: str) -> dict[str, Any]:
    if path == "/v1/decide":
        return asked()
    return closed_minutes(2) if path == "/v1/minutes" else {"net_usdt": -1.0}


def _changed(rng: random.Random, value: Any) -> Any:
    """One place somewhere in ``value`` made odd, left out, or given another name."""
    if isinstance(value, dict) and value and rng.random() < 0.8:
        made, name = dict(value), rng.choice(list(value))
        way = rng.random()
        if way < 0.6:
            made[name] = _changed(rng, value[name])
        elif way < 0.75:
            del made[name]
        elif way < 0.85:
            made[name + "x"] = made.pop(name)
        else:
            made[name] = rng.choice(ODD)
        return made
    if isinstance(value, list) and value and rng.random() < 0.8:
        made_list, place = list(value), rng.randrange(len(value))
        made_list[place] = _changed(rng, made_list[place])
        return made_list
    return rng.choice(ODD)


def _spoilt(rng: random.Random, path: str) -> bytes:
    way = rng.random()
    body = _body(path)
    for _ in range(rng.randint(1, 4)):
        body = _changed(rng, body)
    data = json.dumps(body).encode("utf-8", "surrogatepass")
    if way < 0.6:
        return data
    if way < 0.7:
        return data[: rng.randrange(len(data) + 1)]
    if way < 0.8:
        return bytes(rng.randrange(256) for _ in range(rng.randrange(2000)))
    if way < 0.9:
        torn = bytearray(data or b" ")
        for _ in range(rng.randint(1, 20)):
            torn[rng.randrange(len(torn))] = rng.randrange(256)
        return bytes(torn)
    opening = rng.choice([b"[", b'{"a":', b'{"minutes":[', b"\xef\xbb\xbf", b" " * 1000])
    return opening * rng.choice([1, 100, 30_000]) + data


def _request(rng: random.Random, path: str, body: bytes, authorization: str | None) -> bytes:
    method, named = "POST", path
    if rng.random() < 0.05:
        method = rng.choice(["GET", "PUT", "DELETE", "OPTIONS", "BREW"])
    if rng.random() < 0.05:
        named = rng.choice([path + "/", path + "?x=1", "/", "/../etc", "/%2e%2e/v1"])
    lines = [f"{method} {named} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(body)}"]
    if authorization is not None:
        lines.append(f"Authorization: {authorization}")
    if rng.random() < 0.3:
        kinds = ["text/plain", "application/xml", "x" * 200, "application/json; charset=utf-7"]
        lines.append(f"Content-Type: {rng.choice(kinds)}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + body


def fuzz(count: int) -> dict[str, Any]:
    """``count`` bodies with the token, and as many whole questions without a right one."""
    rng, told = random.Random(7), Counter[str]()
    with tempfile.TemporaryDirectory() as folder, served(Path(folder)) as port:
        for _ in range(count):
            path = rng.choice(PATHS)
            data = _request(rng, path, _spoilt(rng, path), f"Bearer {TOKEN}")
            _count(told, "status", _sent(port, data))
        for _ in range(count):
            path = rng.choice(PATHS)
            wrong = rng.choice(TOKENS)
            scheme = rng.choice(["Bearer", "bearer", "Basic", "Token", ""])
            header = None if rng.random() < 0.2 else f"{scheme} {wrong}"
            good = json.dumps(_body(path)).encode()
            status = _sent(port, _request(rng, path, good, header))
            told["unauthorised_accepted"] += 200 <= status < 300
            _count(told, "unauthorised", status)
        connection = Connection(port)
        status, _ = connection.ask("/v1/decide", json.dumps(asked()).encode())
        connection.close()
    return {
        "five_hundreds": told["five_hundreds"],
        "unauthorised_accepted": told["unauthorised_accepted"],
        "answers_afterwards": status == 200,
        "unanswered": told["status 0"] + told["unauthorised 0"],
        "bodies": count,
        "by_status": {name: told[name] for name in sorted(told) if " " in name},
    }


def _count(told: Counter[str], name: str, status: int) -> None:
    told[f"{name} {status}"] += 1
    told["five_hundreds"] += status >= 500


def _sent(port: int, data: bytes) -> int:
    connection = Connection(port)
    try:
        return connection.send(data)[0]
    except ConnectionError:
        return 0  # ended before all of it was read
    finally:
        connection.close()
