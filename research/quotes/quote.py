"""Recorded quotes: one JSON line per quote of a venue, with the exchange's and our own clock.

The format of ``leadfollow data record``::

    {"channel":"quote","venue":"binance","market":"BTCUSDT","ts_ms":1767611101120,
     "received_ms":1767611101161,"age_ms":41,"bid":91040.1,"bid_size":2.5,"ask":91040.2,
     "ask_size":0.8,"oracle":null}

``ts_ms`` is the exchange's moment, ``received_ms`` ours. Lines of another channel are passed over
and counted. Standard library only.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Final

from research.errors import FormatError
from research.journal.blocks import read_blocks
from research.journal.faults import Fault, ReadReport
from research.journal.fields import CLEANERS, FieldError
from research.journal.sequence import log_files

__all__ = ["CHANNEL", "Quote", "base_of", "read_quotes"]

CHANNEL: Final = "quote"
_QUOTED: Final = ("USDT", "USDC", "USD")


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """Best bid and ask of one market at one moment; None where unknown."""

    venue: str  # binance or dydx
    market: str  # the venue's own name of it
    ts_ms: int  # the exchange's clock, ms since 1970
    received_ms: int  # our clock
    bid: float
    ask: float
    age_ms: float | None = None  # received_ms - ts_ms; below 0: clocks that differ
    bid_size: float | None = None  # base units
    ask_size: float | None = None
    oracle: float | None = None

    @property
    def mid(self) -> float:
        """Halfway between bid and ask."""
        return (self.bid + self.ask) / 2

    def to_line(self) -> str:
        """The quote as one line of JSON, without the newline."""
        return json.dumps({"channel": CHANNEL} | asdict(self), allow_nan=False)


def base_of(market: str) -> str:
    """``BTC`` of ``BTCUSDT``, ``BTC-USD`` or ``btc``: what both venues' names share."""
    name = market.upper().split("-")[0]
    return next((name.removesuffix(end) for end in _QUOTED if name.endswith(end)), name)


def read_quotes(paths: Iterable[Path], report: ReadReport) -> Iterator[Quote]:
    """Yields the quotes of recordings; memory stays bounded.

    ``report`` counts lines of other channels as rejected under the rule ``other channel``, and
    everything else that is no quote. A bid that is no price or above its ask is rejected too:
    its mid would be none.

    Raises
    ------
    StoreError
        A file is missing or cannot be read.
    FormatError
        No line is a quote.
    """
    paths = log_files(paths)
    for path in paths:
        for block in read_blocks(path):
            for line, raw in enumerate(block.lines or [b""], start=block.first_line):
                found = _parse(raw)
                is_quote = isinstance(found, Quote)
                faults = () if is_quote else (found,)
                report.add(path.name, line, faults, is_record=is_quote)  # type: ignore[arg-type]
                if isinstance(found, Quote):
                    yield found
    if not report.records:
        names = ", ".join(path.name for path in paths[:3])
        first = f"; first: {report.kept[0]}" if report.kept else ""
        raise FormatError(f"{names}: none of {report.lines:,} lines is a recorded quote{first}")


_KINDS: Final = {"venue": "text", "market": "text", "ts_ms": "whole", "received_ms": "whole"}
_NEEDED: Final = ("venue", "market", "ts_ms", "received_ms", "bid", "ask")


def _parse(raw: bytes) -> Quote | Fault:
    try:
        payload = json.loads(raw)
    except (ValueError, RecursionError):
        return Fault("(line)", "not JSON", "not JSON, or longer than any quote")
    if not isinstance(payload, dict) or payload.get("channel", CHANNEL) != CHANNEL:
        return Fault("channel", "other channel", f"must be {CHANNEL!r}")
    try:
        quote = Quote(**_clean(payload))
    except FieldError as error:
        name, _, rule = str(error).partition(" ")
        return Fault(name, "wrong type", rule)
    if not 0 < quote.bid <= quote.ask:
        rule = "not a price" if min(quote.bid, quote.ask) <= 0 else "crossed"
        return Fault("bid", rule, f"bid {quote.bid:g}, ask {quote.ask:g}")
    return quote


def _clean(payload: dict[str, Any]) -> dict[str, Any]:
    cleaned: dict[str, Any] = {}
    for item in fields(Quote):
        value = payload.get(item.name)
        try:
            known = None if value is None else CLEANERS[_KINDS.get(item.name, "number")](value)
        except FieldError as error:
            raise FieldError(f"{item.name} {error}") from None
        if known is None and item.name in _NEEDED:
            raise FieldError(f"{item.name} must be there")
        cleaned[item.name] = known
    return cleaned
