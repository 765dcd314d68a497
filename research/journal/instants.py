"""Moments as the journal writes them: ISO 8601, UTC, ms (``2026-01-02T11:05:03.120Z``)."""

import re
from datetime import UTC, datetime, timedelta

__all__ = ["canonical", "iso_of", "ms_of", "respelled"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)
_SHAPE = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)", re.ASCII
).fullmatch


def ms_of(text: str) -> int:
    """Milliseconds since 1970 of an ISO 8601 text with a zone; what is finer is cut off.

    Raises
    ------
    ValueError
        No such date, or no zone. (The caller knows field and line, and says them.)
    """
    if _SHAPE(text) is None:
        raise ValueError("no ISO 8601 moment with a zone")
    return (datetime.fromisoformat(text) - _EPOCH) // _MS


def respelled(text: str) -> str:
    """``text`` as ISO 8601 where it is so but for its spelling.

    ``2026-01-05 00:01:00.974000+00:00`` (Python's ``str``), ``...+0000``, ``+00``, ``UTC``, a comma
    before the fraction. A text without a zone stays without.
    """
    found = _LOOSE(text.strip())
    if found is None:
        return text
    day, clock, fraction, zone = found.groups()
    if zone is None:
        zone = ""
    elif zone in ("Z", "z", "UTC", "GMT"):
        zone = "Z"
    else:
        digits = zone[1:].replace(":", "")
        zone = f"{zone[0]}{digits[:2]}:{digits[2:] or '00'}"
    return f"{day}T{clock}{'.' + fraction if fraction else ''}{zone}"


_LOOSE = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt ]\s*(\d\d:\d\d(?::\d\d)?)(?:[.,](\d{1,9}))?"
    r"\s*(Z|z|UTC|GMT|[+-]\d\d(?::?\d\d)?)?",
    re.ASCII,
).fullmatch


def iso_of(ms: int) -> str:
    """The journal's text for ``ms`` milliseconds since 1970, UTC.

    Raises
    ------
    ValueError, OverflowError
        Outside of the years 1 to 9999.
    """
    moment = (_EPOCH + ms * _MS).isoformat(timespec="milliseconds")
    return moment[:23] + "Z"


def canonical(text: str) -> str:
    """``text`` in UTC and milliseconds; a text that is so already comes back unchanged.

    Raises
    ------
    ValueError, OverflowError
        As :func:`ms_of` and :func:`iso_of`.
    """
    if len(text) == 24 and text[7] + text[10] + text[19] + text[23] == "-T.Z":
        datetime.fromisoformat(text)  # refuses what is no date; the shape is settled
        return text
    return iso_of(ms_of(text if _SHAPE(text) else respelled(text)))
