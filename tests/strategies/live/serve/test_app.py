"""The routes: who is let in, what is refused and how, and that a bot's day works through them."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("starlette", reason="the extra [live] is not installed")
pytest.importorskip("httpx", reason="the extra [live] is not installed")

import httpx

from research.errors import LiveError
from research.journal import JournalWriter
from strategies.live.serve.app import gate_app
from strategies.live.serve.desk import Desk
from strategies.live.serve.token import load_token
from strategies.live.stream import LiveMinute, Stream
from tests.samples.gates import MINUTE, NOW, calm_gate, config, market

TOKEN = "a-token-of-tests-only"
KEY = {"Authorization": f"Bearer {TOKEN}"}
BASE = "http://127.0.0.1:8377"


def desk_in(folder: Path) -> Desk:
    return Desk(
        Stream.of_config(config()),
        calm_gate(),
        now_ms=lambda: NOW,
        journal=JournalWriter(folder / "journal", fsync="never"),
        state=folder / "state",
    )


class Client:
    """Asks the application as a server would, without a socket."""

    def __init__(self, app: Any) -> None:
        self._app = app

    def post(self, path: str, **given: Any) -> httpx.Response:
        return self._ask("POST", path, **given)

    def get(self, path: str, **given: Any) -> httpx.Response:
        return self._ask("GET", path, **given)

    def _ask(self, method: str, path: str, **given: Any) -> httpx.Response:
        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(self._app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:
                return await client.request(method, path, **given)

        return asyncio.run(ask())


@pytest.fixture
def client(tmp_path: Path) -> Client:
    return Client(gate_app(desk_in(tmp_path), TOKEN, max_body_bytes=65_536))


def book() -> dict[str, Any]:
    quote = market().dydx
    return {
        "bids": quote.bids,
        "asks": quote.asks,
        "exchange_ms": quote.exchange_ms,
        "received_ms": quote.received_ms,
    }


def asked(**changes: Any) -> dict[str, Any]:
    known = {"market": "BTC-USD", "binance": book(), "dydx": book(), "side": "short"}
    return known | {"oracle": 100_000.0, "oracle_ms": NOW - 1000} | changes


def one_minute(minute: int) -> dict[str, float]:
    prices = {"open": 100.0, "high": 101.0, "low": 99.0, "close": 100.0}
    made: dict[str, float] = {"minute": minute, "funding_rate": 1e-5}
    for venue in ("binance", "dydx"):
        made |= {f"{venue}_{name}": value for name, value in prices.items()}
        made |= {f"{venue}_volume": 1.0, f"{venue}_trades": 3.0}
    return made


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer wrong-token-of-tests"},
        {"Authorization": TOKEN},
        {"Authorization": f"Basic {TOKEN}"},
        {"Authorization": f"Bearer {TOKEN}x"},
        {"Authorization": f"Bearer {TOKEN[:-1]}"},
    ],
)
def test_nobody_is_let_in_without_the_token(client: Client, headers: dict[str, str]) -> None:
    for path in ("/v1/decide", "/v1/minutes", "/v1/closed"):
        assert client.post(path, headers=headers, json=asked()).status_code == 401
    found = client.get("/v1/health", headers=headers)
    assert found.status_code == 401
    assert "token" in found.json()["error"]


@pytest.mark.parametrize("host", ["example.com", "127.0.0.1.example.com:8377", "10.0.0.5", ""])
def test_another_name_of_this_machine_is_refused(client: Client, host: str) -> None:
    assert client.get("/v1/health", headers=KEY | {"Host": host}).status_code == 421


@pytest.mark.parametrize("host", ["127.0.0.1:8377", "localhost", "localhost:1", "[::1]:80"])
def test_its_own_names_are_not(client: Client, host: str) -> None:
    assert client.get("/v1/health", headers=KEY | {"Host": host}).status_code == 200


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "body"),
        (b"{", "body"),
        (b"[]", "body"),
        (b'{"market": "\xff"}', "body"),
        (b"[" * 50_000, "body"),
        (json.dumps(asked(extra=1)).encode(), "extra"),
        (json.dumps(asked(side="up")).encode(), "side"),
        (json.dumps(asked(open_positions=-1)).encode(), "open_positions"),
        (json.dumps(asked(oracle="100")).encode(), "oracle"),
        (json.dumps(asked(oracle=float("nan"))).encode(), "oracle"),
        (json.dumps(asked(oracle=1e300)).encode(), "oracle"),
        (json.dumps(asked(dydx=book() | {"bids": [[1.0]]})).encode(), "dydx.bids"),
        (json.dumps(asked(dydx=book() | {"bids": [[1.0, 1.0]] * 201})).encode(), "dydx.bids"),
    ],
)
def test_what_cannot_be_read_is_named(client: Client, body: bytes, words: str) -> None:
    found = client.post("/v1/decide", headers=KEY, content=body)
    assert found.status_code == 422
    assert words in found.json()["error"]


def test_a_body_without_end_is_refused(client: Client) -> None:
    found = client.post("/v1/decide", headers=KEY, content=b" " * 70_000)
    assert found.status_code == 413


def test_other_routes_and_methods_are_named(client: Client) -> None:
    assert client.get("/", headers=KEY).status_code == 404
    assert client.get("/v1/decide", headers=KEY).status_code == 405


def test_a_question_is_answered_and_written_down(client: Client, tmp_path: Path) -> None:
    found = client.post("/v1/decide", headers=KEY, json=asked())
    assert found.status_code == 200
    answer = found.json()
    assert answer["action"] == "refuse"
    assert answer["risk_state"] == "CAN_TRADE"
    assert answer["reasons"][0].startswith("NO_MINUTE: ")
    (path,) = (tmp_path / "journal").iterdir()
    assert json.loads(path.read_text())["reasons"] == answer["reasons"]


def test_minutes_make_features_and_an_old_one_is_a_conflict(client: Client) -> None:
    body = {"minutes": [one_minute(MINUTE - 1), one_minute(MINUTE)]}
    found = client.post("/v1/minutes", headers=KEY, json=body)
    assert found.json() == {"last_minute": MINUTE, "events": []}
    again = client.post("/v1/minutes", headers=KEY, json=body)
    assert again.status_code == 409
    assert "once and in order" in again.json()["error"]
    answer = client.post("/v1/decide", headers=KEY, json=asked()).json()
    assert "NO_SIGNAL" in answer["reasons"][0]


def test_losses_are_told_and_health_says_where_it_stands(client: Client) -> None:
    for losses in (1, 2):
        found = client.post("/v1/closed", headers=KEY, json={"net_usdt": -1.5})
        assert found.json() == {"losses_in_a_row": losses}
    health = client.get("/v1/health", headers=KEY).json()
    assert health == {"risk_state": "CAN_TRADE", "last_minute": None, "market": "BTC-USD"}


def test_a_disk_that_is_full_is_no_answer_to_trade_on(
    client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*given: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.write", full)
    found = client.post("/v1/decide", headers=KEY, json=asked())
    assert found.status_code == 503
    assert found.json()["error"].startswith("StoreError: ")


def test_a_desk_goes_on_where_it_ended(tmp_path: Path) -> None:
    first = desk_in(tmp_path)
    first.warm([LiveMinute(MINUTE - 1), LiveMinute(MINUTE)])
    first.save()
    second = desk_in(tmp_path)
    assert second.restore()
    assert second.health() == first.health()
    (tmp_path / "state" / "gate.json").write_text("{")
    with pytest.raises(LiveError, match="cannot be read"):
        desk_in(tmp_path).restore()


def test_a_token_is_long_and_nobody_elses(tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text(f"{TOKEN}\n")
    path.chmod(0o644)
    with pytest.raises(LiveError, match="chmod 600"):
        load_token(path, {})
    path.chmod(0o600)
    assert load_token(path, {}) == TOKEN
    assert load_token(None, {"LEADFOLLOW_GATE_TOKEN": TOKEN}) == TOKEN
    for text in ("short", "spaces in a token are none", "\u00e4" * 20):
        path.write_text(text)
        with pytest.raises(LiveError, match="printable letters"):
            load_token(path, {})
    with pytest.raises(LiveError, match="no token"):
        load_token(None, {})
    with pytest.raises(LiveError, match="cannot be read"):
        load_token(tmp_path / "none", {})
