"""The stream's memory in a file: versioned, whole or not at all, restored exactly."""

import base64
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from research.arrays import Records
from research.atomic import write_text
from research.errors import LiveError
from strategies.live.stream.stream import Stream

__all__ = ["restore_stream", "rules_digest", "write_snapshot"]

_SCHEMA = 2
_KIND = "leadfollow.stream_snapshot"


def write_snapshot(stream: Stream, path: Path) -> None:
    """Writes all that ``stream`` remembers; closed trades are not part of it.

    Raises
    ------
    StoreError
        The file cannot be written.
    """
    body: dict[str, Any] = {
        "kind": _KIND,
        "schema": _SCHEMA,
        "rules_sha256": rules_digest(stream),
        "first_minute": stream.first_minute,
        "last_minute": stream.last_minute,
        "silences": _silences(stream),
        "told": [[sorted(each.items()) for each in group.told] for group in stream.groups],
        "arrays": {name: _packed(array) for name, array in _arrays(stream)},
    }
    write_text(path, json.dumps(body | {"sha256": _digest(body)}) + "\n")


def restore_stream(stream: Stream, path: Path) -> None:
    """Gives ``stream``, made of the same sets and rules, the memory in ``path``.

    Raises
    ------
    LiveError
        Missing, damaged, of another schema, or of other sets or rules: the stream is untouched.
    """
    body = _read(path)
    if body["rules_sha256"] != rules_digest(stream):
        raise LiveError(
            f"{path}: a snapshot of other sets or rules than the config's; start anew from history"
        )
    arrays = dict(_arrays(stream))
    if {name: [*map(str, _form(array))] for name, array in arrays.items()} != {
        name: [packed["dtype"], packed["shape"]] for name, packed in body["arrays"].items()
    }:
        raise LiveError(f"{path}: a snapshot of another leadfollow; start anew from history")
    for name, array in arrays.items():
        data = base64.b64decode(body["arrays"][name]["data"])
        array[...] = np.frombuffer(data, array.dtype).reshape(array.shape)
    stream.first_minute, stream.last_minute = body["first_minute"], body["last_minute"]
    runs, settling, stream.intake.kept_minute = map(list, body["silences"])
    if stream.intake.silences is not None:
        stream.intake.silences.runs, stream.intake.silences.settling = runs, settling
    for group, told in zip(stream.groups, body["told"], strict=True):
        for known, pairs in zip(group.told, told, strict=True):
            known.clear()
            known.update({int(entry): bool(left) for entry, left in pairs})


def rules_digest(stream: Stream) -> str:
    """SHA-256 over the armed sets and the rules: whose memory it is."""
    return hashlib.sha256(repr((stream.sets, stream.rules)).encode()).hexdigest()


def _arrays(stream: Stream) -> Iterator[tuple[str, Records]]:
    intake = stream.intake
    memories = {"running": intake.running, "binance": intake.kept[0], "dydx": intake.kept[1]}
    for whose, memory in memories.items():
        for name, array in memory._asdict().items():
            yield f"{whose}.{name}", array
    yield "known", intake.known
    for group in stream.groups:
        yield f"{group.package}.records", group.records
        yield f"{group.package}.positions", group.positions


def _silences(stream: Stream) -> list[list[int]]:
    silences, kept = stream.intake.silences, stream.intake.kept_minute
    return [[0, 0], [0, 0], kept] if silences is None else [silences.runs, silences.settling, kept]


def _form(array: Records) -> tuple[str, tuple[int, ...]]:
    return str(array.dtype.descr), array.shape


def _packed(array: Records) -> dict[str, str]:
    dtype, shape = _form(array)
    data = base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()
    return {"dtype": dtype, "shape": str(shape), "data": data}


def _digest(body: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()


def _read(path: Path) -> dict[str, Any]:
    cure = "start anew from history"
    try:
        body = json.loads(path.read_bytes())
    except OSError as error:
        raise LiveError(f"{path}: cannot be read ({error.strerror}); {cure}") from None
    except ValueError:
        raise LiveError(f"{path}: not JSON, so no snapshot; {cure}") from None
    if not isinstance(body, dict) or body.get("kind") != _KIND:
        raise LiveError(f"{path}: not a snapshot of the stream; {cure}")
    if body.get("schema") != _SCHEMA:
        raise LiveError(
            f"{path}: a snapshot of schema {body.get('schema')}, this one reads {_SCHEMA}; {cure}"
        )
    if body.pop("sha256", None) != _digest(body):
        raise LiveError(f"{path}: damaged: its content differs from its own hash; {cure}")
    return body
