"""Journals broken in every way we could think of, and the lines in them that are still good."""

import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from research.halts.planted.journal import synthesise
from research.journal.record import DecisionRecord

Breaker = Callable[[random.Random, str], bytes]


@dataclass(frozen=True)
class BrokenJournal:
    data: bytes
    good: dict[int, DecisionRecord]  # by line, counted from 1


@cache
def sample_records(halts: int = 3) -> tuple[DecisionRecord, ...]:
    return tuple(synthesise(halts=halts, seed=11).records)


def broken_journal(seed: int, lines: int = 25) -> BrokenJournal:
    rng = random.Random(seed)
    parts: list[bytes] = []
    good: dict[int, DecisionRecord] = {}
    for number in range(1, lines + 1):
        record = rng.choice(sample_records())
        if rng.random() < 0.5:
            parts.append(rng.choice(BREAKERS)(rng, record.to_line()).replace(b"\n", b" "))
        else:
            parts.append(rng.choice(REWRITERS)(rng, record.to_line()))
            good[number] = record
    data = b"\n".join(parts) + b"\n"
    if rng.random() < 0.5:  # killed while writing
        line = rng.choice(sample_records()).to_line().encode()
        data += line[: rng.randrange(1, len(line))]
    return BrokenJournal(data, good)


def torn(rng: random.Random, line: str) -> bytes:
    return line.encode()[: rng.randrange(len(line))]


def flipped(rng: random.Random, line: str) -> bytes:
    raw = bytearray(line.encode())
    for _ in range(rng.randint(1, 5)):
        raw[rng.randrange(len(raw))] ^= 1 << rng.randrange(8)
    return bytes(raw)


def nul_filled(rng: random.Random, line: str) -> bytes:
    raw, at = line.encode(), rng.randrange(len(line))
    return raw[:at] + bytes(rng.randint(1, 400)) + raw[at + 3 :]


def glued(rng: random.Random, line: str) -> bytes:
    return torn(rng, line) + line.encode()


def two_in_one(_rng: random.Random, line: str) -> bytes:
    return f"{line} {line}".encode()


def changed(rng: random.Random, line: str) -> bytes:
    payload = json.loads(line)
    payload[rng.choice([*payload, "thresholds", "order_intent"])] = rng.choice(STRANGE)
    return json.dumps(payload).encode()


def literal(rng: random.Random, line: str) -> bytes:
    word = rng.choice(["NaN", "Infinity", "-Infinity", "1e999", "-1e400", "0x10", "01", "1.", ".5"])
    return line.replace('"dydx_age_ms":', f'"dydx_age_ms":{word},"x":', 1).encode()


def doubled(_rng: random.Random, line: str) -> bytes:
    return ('{"schema":1,"binance_mid":1.0,' + line[1:]).encode()


def other_schema(rng: random.Random, line: str) -> bytes:
    schema = rng.choice(["2", "0", "null", '"1"', "true", "1.5", "[1]"])
    return line.replace('"schema":1', f'"schema":{schema}', 1).encode()


def misspelt(_rng: random.Random, line: str) -> bytes:
    return line.replace('"binance_mid"', '"binace_mid"', 1).encode()


def half_character(rng: random.Random, line: str) -> bytes:
    text = rng.choice(['"\\ud800"', '"\\udfff x"'])
    return line.replace('"market":"SYNTH-USD"', f'"market":{text}', 1).encode()


def bad_utf8(rng: random.Random, line: str) -> bytes:
    byte = rng.choice([b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xf8\x88"])
    return line.encode().replace(b"SYNTH", b"SY" + byte + b"TH", 1)


def something_else(rng: random.Random, _line: str) -> bytes:
    return rng.choice(OTHERS)


def no_moment(rng: random.Random, line: str) -> bytes:
    payload = json.loads(line)
    payload["ts"] = rng.choice(
        ["", "yesterday", "2026-02-30T00:00:00.000Z", "2026-01-05T00:00:00.000", "0001-01-01"]
    )
    return json.dumps(payload).encode()


def as_it_is(_rng: random.Random, line: str) -> bytes:
    return line.encode()


def spaced(_rng: random.Random, line: str) -> bytes:
    return json.dumps(json.loads(line)).encode()


def shuffled(rng: random.Random, line: str) -> bytes:
    items = list(json.loads(line).items())
    rng.shuffle(items)
    return json.dumps(dict(items), separators=(",", ":")).encode()


def with_nulls(_rng: random.Random, line: str) -> bytes:
    return line.replace('{"schema":1', '{"schema":1,"halt_reason":null', 1).encode() if (
        "halt_reason" not in line
    ) else line.encode()  # fmt: skip


def escaped(_rng: random.Random, line: str) -> bytes:
    return line.replace("SYNTH-USD", "SYNTH\\u002dUSD", 1).encode()


def with_windows_ending(_rng: random.Random, line: str) -> bytes:
    return line.encode() + b"\r"


def offset_zone(_rng: random.Random, line: str) -> bytes:
    payload = json.loads(line)
    payload["ts"] = payload["ts"].replace("Z", "+00:00")
    return json.dumps(payload).encode()


STRANGE = (
    [], {}, "", "text", True, False, -1, 0, 1e308, 2**70, 10**400, [1], ["a", None], {"a": []},
    {"a": "b"}, {"side": 1}, {"side": "up"}, {"size_base": "1"}, [[]], "\u0000", "\u2028", "停",
)  # fmt: skip
OTHERS = (
    b"", b" ", b"\t", b"[]", b"1", b"null", b"{}", b'"text"', b"{", b"}", b"[" * 100_000, b"{}{}",
    b"\xef\xbb\xbf{}", b'{"a":1}', b"HALT diff: 3%+", b'{"schema":1}', b"-", b"9" * 5_000,
    b'{"schema":1,"ts":null}', b'{"' + b"k" * 5_000 + b'":1}', b"\x00" * 64,
    b'{"time":1767571200,"bn_mid":91000.5}',
)  # fmt: skip
BREAKERS: tuple[Breaker, ...] = (
    torn, flipped, nul_filled, glued, two_in_one, changed, changed, literal, doubled, other_schema,
    misspelt, half_character, bad_utf8, something_else, something_else, no_moment,
)  # fmt: skip
REWRITERS: tuple[Breaker, ...] = (
    as_it_is, as_it_is, as_it_is, spaced, shuffled, with_nulls, escaped, with_windows_ending,
    offset_zone,
)  # fmt: skip
