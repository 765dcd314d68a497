"""The ledger of a paper run: one JSON line a fact; positions are what its lines add up to."""

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from research.errors import LiveError, StoreError

__all__ = ["Ledger", "Position", "positions_of", "read_ledger"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """A simulated position on dYdX."""

    id: str  # set @ minute of its signal
    set_id: str
    minute: int  # epoch minute of its signal
    side: int  # +1 long, -1 short
    size_base: float
    entered_ms: float
    price: float  # of the fill
    expected: float  # of the book at the decision
    fees_usdt: float
    hedge: float | None = None  # price of the leg on Binance; None: there is none
    funding_usdt: float = 0.0  # paid since the entry, negative: received


class Ledger:
    """Appends lines; ``positions`` are those open by what has been written.

    Parameters
    ----------
    path
        A torn last line, of a kill, is cut away.
    keep_bytes
        What is kept of the file; None: all of it.
    is_synced
        Whether opening and closing lines reach the disk before anything goes on.

    Raises
    ------
    StoreError
        The file cannot be written.
    LiveError
        A whole line is no JSON: the file was changed by another hand.
    """

    def __init__(
        self, path: Path, *, keep_bytes: int | None = None, is_synced: bool = True
    ) -> None:
        self.path = path
        self._is_synced = is_synced
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
            known = path.read_bytes()
            whole = known.rfind(b"\n") + 1
            self.size = whole if keep_bytes is None else min(keep_bytes, whole)
            os.ftruncate(self._descriptor, self.size)
        except OSError as error:
            raise _refused(path, error) from None
        self.positions = positions_of(_facts(known[: self.size].splitlines(), path))

    def write(self, kind: str, at_ms: float, **facts: Any) -> None:
        """Appends one line. Raises :class:`StoreError`."""
        line = {"kind": kind, "at_ms": at_ms} | facts
        data = json.dumps(line, allow_nan=False).encode() + b"\n"
        try:
            if os.write(self._descriptor, data) != len(data):
                raise OSError("the disk is full")
            if self._is_synced and kind in ("open", "close"):
                os.fdatasync(self._descriptor)
        except OSError as error:
            raise _refused(self.path, error) from None
        self.size += len(data)
        _apply(self.positions, line)

    def close(self) -> None:
        """Ends the file; it is on the disk then."""
        os.fsync(self._descriptor)
        os.close(self._descriptor)


def read_ledger(path: Path) -> Iterator[dict[str, Any]]:
    """The lines of a ledger; a torn last one is left out.

    Raises
    ------
    StoreError
        The file cannot be read.
    LiveError
        A whole line is no JSON.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise StoreError(
            f"{path}: cannot be read ({error.strerror}); name the folder of a paper run"
        ) from None
    yield from _facts(data[: data.rfind(b"\n") + 1].splitlines(), path)


def positions_of(lines: Iterable[Mapping[str, Any]]) -> dict[str, Position]:
    """The positions that are open after ``lines``, by id."""
    found: dict[str, Position] = {}
    for line in lines:
        _apply(found, line)
    return found


def _apply(positions: dict[str, Position], line: Mapping[str, Any]) -> None:
    match line["kind"]:
        case "open":
            names = Position.__dataclass_fields__
            known = {name: line[name] for name in names if name in line}
            positions[line["id"]] = Position(**known, entered_ms=line["at_ms"])
        case "close":
            positions.pop(line["id"], None)
        case "funding" if line["id"] in positions:
            held = positions[line["id"]]
            facts = {name: getattr(held, name) for name in Position.__dataclass_fields__}
            paid = held.funding_usdt + line["usdt"]
            positions[line["id"]] = Position(**(facts | {"funding_usdt": paid}))


def _facts(lines: Iterable[bytes], path: Path) -> Iterator[dict[str, Any]]:
    for number, raw in enumerate(lines, start=1):
        try:
            line = json.loads(raw)
            if "kind" not in line or "at_ms" not in line:
                raise ValueError("no kind or moment")
        except (ValueError, TypeError):
            raise LiveError(
                f"{path}:{number}: no line of a ledger, so positions are unknown; mend that line, "
                "or move the folder away and begin anew"
            ) from None
        yield line


def _refused(path: Path, error: OSError) -> StoreError:
    return StoreError(
        f"{path}: cannot be written ({error.strerror or error}); make room or give another folder"
    )
