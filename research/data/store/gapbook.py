"""What a venue itself does not have: asked for twice, written down, not asked for again."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from research.atomic import write_json
from research.data.parse.stamps import iso_to_ms
from research.data.tables.schema import Venue, iso_minute
from research.data.tables.spans import Span, merged
from research.errors import FormatError, StoreError

__all__ = ["BOOK_OF_GAPS", "GapBook"]

BOOK_OF_GAPS = "gaps.json"
_SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class GapBook:
    """Remembered gaps of one kind of rows (``minutes`` or ``funding``), beside the month files.

    ``gaps.json`` lists ``[first, end)`` pairs of ISO minutes; the same gaps give the same bytes.
    """

    root: Path
    market: str
    venue: Venue
    kind: str

    @property
    def path(self) -> Path:
        """The file, shared by all kinds of one venue."""
        return self.root / self.market / self.venue / BOOK_OF_GAPS

    def gaps(self) -> list[Span]:
        """Remembered gaps, oldest first, disjoint. Raises StoreError."""
        return self._read().get(self.kind, [])

    def remember(self, gaps: Iterable[Span]) -> None:
        """Adds ``gaps``. Raises StoreError."""
        known = self.gaps()
        self.replace([*known, *gaps])

    def replace(self, gaps: Iterable[Span]) -> None:
        """Writes ``gaps`` in place of the remembered ones; nothing is written if none changes."""
        books = self._read()
        wanted = merged(gaps)
        if wanted == books.get(self.kind, []):
            return
        books[self.kind] = wanted
        told = {
            kind: [[iso_minute(gap.first_ms), iso_minute(gap.end_ms)] for gap in spans]
            for kind, spans in sorted(books.items())
            if spans
        }
        write_json(self.path, {"schema_version": _SCHEMA_VERSION, "gaps": told})

    def _read(self) -> dict[str, list[Span]]:
        try:
            raw = json.loads(self.path.read_text(encoding="utf-8"))
            if raw["schema_version"] != _SCHEMA_VERSION:
                raise ValueError(f"schema version {raw['schema_version']}")
            return {str(kind): _spans(pairs) for kind, pairs in raw["gaps"].items()}
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, KeyError, TypeError, AttributeError, FormatError) as error:
            raise StoreError(
                f"{self.path}: cannot be read ({error}); delete it: "
                "the gaps are asked for once more"
            ) from None


def _spans(pairs: list[list[str]]) -> list[Span]:
    if not pairs:
        return []
    texts = [text for pair in pairs for text in (pair[0], pair[1])]
    times, _ = iso_to_ms(texts, place=BOOK_OF_GAPS, column="gap")
    return [Span(int(first), int(end)) for first, end in np.reshape(times, (-1, 2))]
