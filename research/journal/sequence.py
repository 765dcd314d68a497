"""Log files in the order of their time, and records that stand in two of them.

Rotation renames files (``journal-2026-01-05.jsonl.1`` is OLDER than ``journal-2026-01-05.jsonl``)
and packs some; the first moment inside says which comes first. A file that was copied, or packed
and kept, gives every record twice: the second is passed over and counted.
"""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from research.errors import StoreError
from research.journal.blocks import Block, read_blocks
from research.journal.mapping import FieldMap
from research.journal.parse import parse_line

__all__ = ["Doubles", "in_time_order", "log_files"]

_ROTATED: Final = re.compile(
    r"journal-.+\.jsonl(?:[.-]\d+)?(?:\.(?:gz|bz2|xz|zst))?|journal-.+\.jsonl[.-]\d+"
)
_LINES_TRIED: Final = 50
_HEAD_BYTES: Final = 1 << 18
_MOST_SEEN: Final = 4_000_000  # lines remembered: 300 MB; then the memory begins anew
_SHORTEST: Final = 20  # bytes; what is shorter holds no record


def log_files(paths: Iterable[Path]) -> list[Path]:
    """Files to read: a folder stands for its ``journal-*.jsonl``, rotated and packed ones too.

    Raises
    ------
    StoreError
        A path that is not there, or a folder without a journal.
    """
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            days = sorted(each for each in path.iterdir() if _ROTATED.fullmatch(each.name))
            if not days:
                raise StoreError(f"{path}: no journal-*.jsonl in this folder; name the log files")
            found += days
        elif path.exists():
            found.append(path)
        else:
            raise StoreError(f"{path}: no such file; name a journal or the folder of its days")
    return list(dict.fromkeys(found))


def in_time_order(paths: list[Path], mapping: FieldMap | None = None) -> list[Path]:
    """``paths`` by the first moment in each; one without any stays behind the one before it."""
    keyed: list[tuple[str, int, Path]] = []
    moment = ""
    for place, path in enumerate(paths):
        moment = _first_moment(path, mapping) or moment
        keyed.append((moment, place, path))
    return [path for _, _, path in sorted(keyed)]


def _first_moment(path: Path, mapping: FieldMap | None) -> str | None:
    tried = 0
    for block in read_blocks(path, block_bytes=_HEAD_BYTES):
        for line in block.lines:
            record = parse_line(line, mapping).record
            if record is not None:
                return record.ts
            tried += 1
            if tried >= _LINES_TRIED:
                return None
    return None


class Doubles:
    """Remembers every line, to tell those that come again."""

    def __init__(self) -> None:
        self._seen: set[int] = set()

    def of(self, block: Block) -> frozenset[int]:
        """Places in ``block.lines`` of lines that were there before, to the byte."""
        doubled = []
        for place, line in enumerate(block.lines):
            if len(line) < _SHORTEST:
                continue
            key = hash(line)
            if key in self._seen:
                doubled.append(place)
            else:
                self._seen.add(key)
        if len(self._seen) > _MOST_SEEN:
            self._seen.clear()
        return frozenset(doubled)
