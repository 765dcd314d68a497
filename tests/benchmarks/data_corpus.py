"""Malformed files and bodies, made here and seeded: read soundly or refused, never a traceback."""

import collections
import gzip
import json
import random
import signal
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx

from research.clock import Clock
from research.data.files.read import FundingReading, read_source
from research.data.store.manifest import NEXT_BOOK
from research.data.store.store import Store
from research.data.tables.schema import MINUTE_MS, Venue
from research.data.tables.spans import Span
from research.data.venues.binance import BinanceClient, binance_http
from research.data.venues.dydx import DydxClient, dydx_http
from research.errors import LeadfollowError
from tests.exchange.archive import Archive, zipped
from tests.exchange.arrange import FIRST_MS, exchange_of, settings_for, tree
from tests.exchange.binance import kline
from tests.exchange.dydx import candle, payment
from tests.exchange.minutes import VenueMinutes, make_minutes

ROWS = 300
MOST_SECONDS = 20  # of one file; more is a hang

Corpus = Iterator[tuple[str, Venue, bytes]]


def run(count: int | None = None) -> dict[str, Any]:
    """``count`` files and bodies (400), half of each."""
    figures: collections.Counter[str] = collections.Counter()
    wanted = count or 400
    signal.signal(signal.SIGALRM, _hang)
    with tempfile.TemporaryDirectory() as folder:
        for number, (name, venue, data) in enumerate(_corpus(wanted)):
            root = Path(folder, str(number))
            judge = _as_file if number % 2 else _as_body
            figures[_outcome(judge, root, name, venue, data)] += 1
            figures["half_written"] += _has_leftovers(root)
    failures = figures["traceback"] + figures["hang"] + figures["half_written"]
    names = ("read", "refused", "traceback", "hang", "half_written")
    return {"files": wanted} | {name: figures[name] for name in names} | {"failures": failures}


def _has_leftovers(root: Path) -> bool:
    """Whether a change was begun and not ended: a temporary file, a book to come."""
    return any(
        path.name == NEXT_BOOK or path.name.startswith(".")
        for path in root.rglob("*")
        if path.is_file()
    )


def _outcome(
    judge: Callable[[Path, str, Venue, bytes], None], root: Path, name: str, venue: Venue,
    data: bytes,
) -> str:  # fmt: skip
    signal.alarm(MOST_SECONDS)
    try:
        judge(root, name, venue, data)
    except LeadfollowError as error:
        return "refused" if not tree(root / "store") and str(error) else "half_written"
    except TimeoutError:
        return "hang"
    except Exception:
        return "traceback"
    finally:
        signal.alarm(0)
    return "read"


def _as_file(root: Path, name: str, venue: Venue, data: bytes) -> None:
    root.mkdir()
    path = root / name
    path.write_bytes(data)
    reading = read_source(path, venue)
    store = Store(root / "store")
    if isinstance(reading, FundingReading):
        store.add_funding("X", reading.rates, source=reading.source)
    else:
        store.add("X", venue, reading.candles, source=reading.source)


def _as_body(root: Path, name: str, venue: Venue, data: bytes) -> None:
    nowhere = exchange_of(1)
    nowhere.url = "http://127.0.0.1:9"
    settings = settings_for(nowhere, attempts=1, attempts_unsound=1, most_body_mib=1)
    transport = httpx.MockTransport(lambda request: _response(name, data))
    span = Span(FIRST_MS, FIRST_MS + ROWS * MINUTE_MS)
    clock = Clock(sleep=lambda seconds: None)
    if venue == "binance":
        with binance_http(settings, clock=clock, transport=transport) as http:
            BinanceClient(http).minutes("BTCUSDT", span)
    else:
        with dydx_http(settings, clock=clock, transport=transport) as http:
            DydxClient(http).minutes("BTC-USD", span)


def _response(name: str, data: bytes) -> httpx.Response:
    if name.endswith(".gz"):
        return httpx.Response(
            200, stream=httpx.ByteStream(data), headers={"Content-Encoding": "gzip"}
        )
    return httpx.Response(200, content=data)


def _corpus(wanted: int) -> Corpus:
    chance = random.Random(17)
    sound = list(_sound(make_minutes(first_ms=FIRST_MS, minutes=ROWS, seed=3)))
    yield from _bombs()
    for number in range(wanted - 6):
        name, venue, data = sound[number % len(sound)]
        spoil = _SPOILERS[number // len(sound) % len(_SPOILERS)]
        yield name, venue, spoil(data, chance)


def _sound(held: VenueMinutes) -> Corpus:
    rows = [kline(held, row) for row in range(ROWS)]
    lines = "\n".join(",".join(map(str, row)) for row in rows).encode()
    yield "bulk.csv", "binance", lines
    yield "klines.json", "binance", json.dumps(rows).encode()
    candles = [candle(held, row, "BTC-USD") for row in reversed(range(ROWS))]
    yield "candles.json", "dydx", json.dumps({"candles": candles}).encode()
    paid = [payment(held, row, "BTC-USD") for row in reversed(range(len(held.funding)))]
    yield "funding.json", "dydx", json.dumps({"historicalFunding": paid}).encode()
    day = make_minutes(first_ms=FIRST_MS, minutes=1440, seed=3)
    site = Archive({"BTCUSDT": day}, lambda: FIRST_MS + 10**10)
    made = site._make("futures/um", "BTCUSDT", "2025-12-01")
    assert made is not None
    yield "BTCUSDT-1m-2025-12-01.zip", "binance", made
    table = held.binance_table()
    with tempfile.TemporaryDirectory() as folder:
        table.reset_index().to_parquet(Path(folder, "x.parquet"))
        table.reset_index().to_feather(Path(folder, "x.feather"))
        yield "x.parquet", "binance", Path(folder, "x.parquet").read_bytes()
        yield "x.feather", "binance", Path(folder, "x.feather").read_bytes()


def _bombs() -> Corpus:
    yield "bomb.zip", "binance", zipped("BTCUSDT-1m-2025-12.csv", b"0" * (600 * 2**20))
    yield "bomb.gz", "dydx", gzip.compress(b"0" * (64 * 2**20), 1)
    yield "deep.json", "binance", b"[" * 500_000
    yield "deep.json", "dydx", b'{"candles":' * 100_000
    yield "digits.json", "binance", b"[[" + b"9" * 100_000 + b"]]"
    yield "zeros.json", "dydx", b"\0" * 2**20


def _cut(data: bytes, chance: random.Random) -> bytes:
    return data[: chance.randrange(len(data))]


def _flip(data: bytes, chance: random.Random) -> bytes:
    broken = bytearray(data)
    for _ in range(chance.choice((1, 3, 50))):
        broken[chance.randrange(len(broken))] ^= 1 << chance.randrange(8)
    return bytes(broken)


def _replace_number(data: bytes, chance: random.Random) -> bytes:
    absurd = (b"1e999", b"-1", b"0", b"NaN", b"9" * 40, b"null", b'""', b"0x10", b"1_000", b"\xff")
    digits = [at for at in range(len(data)) if data[at : at + 1].isdigit()]
    at = chance.choice(digits or [0])
    return data[:at] + chance.choice(absurd) + data[at + chance.randrange(1, 14) :]


def _other_head(data: bytes, chance: random.Random) -> bytes:
    heads = (
        b"PK\x03\x04", b"PAR1", b"ARROW1\0\0", b"\x1f\x8b", b"<html><title>Login</title>",
        b"open_time,open\n", b"time;o;h;l;c\n", b"\xef\xbb\xbf", b"# comment only\n", b"FEA1",
    )  # fmt: skip
    return chance.choice(heads) + data[chance.choice((0, 4, len(data))) :]


def _mixed_units(data: bytes, chance: random.Random) -> bytes:
    stamp = b"17645"
    found = [at for at in range(len(data)) if data.startswith(stamp, at)]
    if not found:
        return _flip(data, chance)
    at = chance.choice(found)
    return data[: at + 13] + chance.choice((b"000", b"000000", b"")) + data[at + 13 :]


def _spliced(data: bytes, chance: random.Random) -> bytes:
    low, high = sorted(chance.randrange(len(data)) for _ in range(2))
    return data[:high] + data[low:]


def _hang(*_: object) -> None:
    raise TimeoutError


_SPOILERS = (_cut, _flip, _replace_number, _other_head, _mixed_units, _spliced)
