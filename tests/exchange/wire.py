"""Time stamps as the wire formats write them."""

from datetime import UTC, datetime


def iso(ms: int) -> str:
    """``2025-12-08T16:11:00.000Z``."""
    moment = datetime.fromtimestamp(ms / 1000, tz=UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{ms % 1000:03d}Z"


def parse_iso(text: str | None, default: int) -> int:
    """Milliseconds of an ISO time; ``default`` where none is given."""
    if text is None:
        return default
    return round(datetime.fromisoformat(text).timestamp() * 1000)
