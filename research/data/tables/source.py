"""Where stored minutes came from."""

from dataclasses import dataclass

__all__ = ["Source"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One file, body or generator that gave minutes to a store.

    ``sha256`` is of the bytes that were read. None stands for a stream of many bodies: a store
    adds such sources of one name and layout up into a single entry.
    """

    name: str
    layout: str  # what was recognised, as a sentence
    rows: int
    sha256: str | None = None
    is_synthetic: bool = False
    notes: tuple[str, ...] = ()
