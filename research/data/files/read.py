"""A file on disk -> checked candles or funding; the layout is told by the content alone."""

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pandas as pd

from research.data.files.archive import Blob, read_blob
from research.data.files.arrowfile import read_feather, read_parquet
from research.data.files.contract import check_name, ticker_of
from research.data.files.csvfile import read_csv_source
from research.data.files.jsonfile import RawFunding, read_json
from research.data.files.unpack import unpacked
from research.data.parse.columns import RawCandles
from research.data.parse.order import finish
from research.data.tables.schema import MINUTE_MS, Venue, candle_table, iso_minute, minutes_ms
from research.data.tables.source import Source
from research.errors import FormatError

__all__ = ["FundingReading", "Reading", "moved", "read_candles", "read_source"]

_MOST_BYTES = 512 * 2**20  # a year of 12-column minutes is 50 MB
_FEWEST_IDLE = 30  # minutes without any volume that no large market has in a row
_HEADS: tuple[tuple[bytes, str], ...] = (
    (b"PAR1", "parquet"),
    (b"ARROW1", "feather"),
    (b"FEA1", "old feather"),
    (b"\xd0\xcf\x11\xe0", "old workbook"),
    (b"7z\xbc\xaf", "7z"),
    (b"Rar!", "rar"),
    (b"\x89HDF", "hdf5"),
    (b"\x80\x04\x95", "pickle"),
    (b"\x80\x05\x95", "pickle"),
    (b"SQLite format 3", "sqlite"),
    (b"\x93NUMPY", "numpy"),
    (b"%PDF", "pdf"),
    (b"\xff\xff\xff\xff", "arrow stream"),
)


@dataclass(frozen=True, slots=True)
class Reading:
    """Candles of one file, checked, and what was recognised on the way."""

    candles: pd.DataFrame  # candle table, see research.data.tables.schema
    layout: str  # a sentence for people
    name: str  # of the file, without its folder
    sha256: str  # of the file as it lies on disk
    notes: tuple[str, ...] = ()
    ticker: str | None = None  # the market's name inside the file
    is_synthetic: bool = False

    @property
    def source(self) -> Source:
        """The reading as an entry of a store's manifest."""
        return Source(
            name=self.name,
            sha256=self.sha256,
            layout=self.layout,
            rows=len(self.candles),
            is_synthetic=self.is_synthetic,
            notes=self.notes,
        )


@dataclass(frozen=True, slots=True)
class FundingReading:
    """dYdX funding of one file, and what was recognised on the way."""

    rates: pd.Series  # fraction per hour, index minute
    layout: str
    name: str
    sha256: str
    ticker: str | None = None

    @property
    def source(self) -> Source:
        """The reading as an entry of a store's manifest."""
        return Source(name=self.name, sha256=self.sha256, layout=self.layout, rows=len(self.rates))


def read_candles(path: Path, venue: Venue, *, now: datetime | None = None) -> Reading:
    """Checked candles of one file.

    Parameters
    ----------
    path : Path
        Binance bulk CSV or ZIP, REST klines JSON; dYdX indexer JSON or CSV; OHLCV of the usual
        recorders as CSV, JSON, Feather or Parquet; packed or not.
    venue : {"binance", "dydx"}
        Whose minutes these are: many layouts do not say.
    now : datetime, optional
        Minutes that are not over by then are dropped and noted.

    Raises
    ------
    FormatError, ChecksumError, PriceError, OrderError, ConflictError
        Bytes, layout or candles that cannot be used, with row, value and cure.
    """
    reading = read_source(path, venue, now=now)
    if isinstance(reading, FundingReading):
        raise FormatError(f"{path.name}: {reading.layout}; expected candles")
    return reading


def read_source(
    path: Path, venue: Venue, *, now: datetime | None = None
) -> Reading | FundingReading:
    """As :func:`read_candles`, but a body of dYdX funding is read as well."""
    blob = read_blob(path, most_bytes=_MOST_BYTES)
    place = path.name
    data, inside, layers = unpacked(blob.data, place=place, most_bytes=_MOST_BYTES)
    for name in (path.name, inside):
        check_name(name, place=place)
    # what is packed carries its own check of every byte
    raw, is_synthetic = _read(data, venue, place, is_whole=blob.is_verified or bool(layers))
    if not isinstance(raw, RawCandles):
        return _funding(raw, path, blob)
    candles, notes = finish(raw.table, place=place, now=now)
    return Reading(
        candles=candles,
        layout=_sentence(layers + raw.layout, candles.index, "minutes", blob),
        name=path.name,
        sha256=blob.sha256,
        notes=raw.notes + notes + _idle_note(candles, venue),
        ticker=raw.ticker or ticker_of(inside) or ticker_of(path.name),
        is_synthetic=is_synthetic,
    )


def _idle_note(candles: pd.DataFrame, venue: Venue) -> tuple[str, ...]:
    if venue != "binance" or len(candles) < _FEWEST_IDLE or (candles["volume"] != 0).any():
        return ()
    return (
        "volume is 0 in every minute: a mark, index or premium price, not trades; fetch the "
        "contract's klines",
    )


def moved(reading: Reading, minutes: int) -> Reading:
    """The same candles with every stamp moved by whole ``minutes``, and a note of it.

    The cure for a feed that is off by an hour (-60) or stamped by close time (-1).
    """
    if minutes == 0:
        return reading
    stamps = minutes_ms(reading.candles.index) + minutes * MINUTE_MS
    columns = {name: reading.candles[name].to_numpy() for name in reading.candles.columns}
    candles = candle_table(stamps, columns)
    note = f"stamps moved by {minutes:+d} min"
    return dataclasses.replace(reading, candles=candles, notes=(*reading.notes, note))


def _kind(data: bytes) -> str:
    for head, kind in _HEADS:
        if data.startswith(head):
            return kind
    begin = data[:512].removeprefix(b"\xef\xbb\xbf").replace(b"\0", b"").lstrip(b"\xff\xfe \t\r\n")
    if begin.startswith(b"<") and b"<open>" not in begin.lower():
        return "html"
    if begin[:1] in (b"{", b"["):
        return "json"
    return "csv"


def _read(
    data: bytes, venue: Venue, place: str, *, is_whole: bool
) -> tuple[RawCandles | RawFunding, bool]:
    kind = _kind(data)
    if kind == "json":
        return read_json(data, venue, place=place), False
    if kind == "parquet":
        return read_parquet(data, venue, place=place)
    if kind == "feather":
        return read_feather(data, venue, place=place)
    if kind == "csv":
        return read_csv_source(data, venue, place=place, is_whole=is_whole), False
    raise FormatError(f"{place}: {_REFUSED[kind]}{_quoted(data) if kind == 'html' else ''}")


_REFUSED: Mapping[str, str] = {
    "old feather": "Feather version 1; write it again with pandas to_feather",
    "old workbook": "an old Excel workbook (.xls); save the sheet as CSV (UTF-8)",
    "7z": "a 7z archive; unpack it first",
    "rar": "a RAR archive; unpack it first",
    "hdf5": "HDF5; write the table again with pandas to_parquet",
    "pickle": "a Python pickle, which is never opened; write the table again with to_parquet",
    "sqlite": "an SQLite database; export the table of candles as CSV",
    "numpy": "a NumPy array without column names; save a table as Parquet or CSV",
    "pdf": "a PDF; fetch the data itself",
    "arrow stream": "an Arrow stream; write it again as a Feather or Parquet file",
    "html": "a web page or an XML answer instead of data; the address or the login is wrong, "
    "fetch the file itself: ",
}


def _quoted(data: bytes) -> str:
    text = data[:4096].decode("utf-8-sig", errors="replace")
    found = re.search(r"<(title|Code|Message)[^>]*>\s*([^<]{1,80})", text, re.IGNORECASE)
    return repr(found.group(2).strip() if found else " ".join(text.split())[:60])


def _funding(raw: RawFunding, path: Path, blob: Blob) -> FundingReading:
    rates, ticker = raw
    layout = _sentence("dYdX hourly funding", rates.index, "payments", blob)
    return FundingReading(
        rates=rates, layout=layout, name=path.name, sha256=blob.sha256, ticker=ticker
    )


def _sentence(layout: str, index: pd.Index, what: str, blob: Blob) -> str:
    minutes = minutes_ms(index)
    span = f"{iso_minute(int(minutes[0]))} .. {iso_minute(int(minutes[-1]))}"
    verified = ", checksum verified" if blob.is_verified else ""
    return f"{layout}, {len(minutes):,} {what} {span}{verified}"
