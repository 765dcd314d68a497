"""Sound files of every format that is read, what reads each, and seeded ways to change them.

A *spelling* says the same in another way: the reader must give the same, or refuse. *Damage* loses
or changes bytes: rows may be missing, none may be another. A *flip* changes bytes as a bad disk
does: a digit may have become another digit, so only a traceback counts.
"""

import bz2
import gzip
import json
import lzma
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as pq

from research.data.files.read import FundingReading, read_source
from research.data.tables.schema import Venue
from research.frame.frame import read_frame, write_frame
from research.halts.planted.files import write_synthetic
from research.journal.faults import ReadReport
from research.journal.scan.batches import BatchReader
from research.quotes.quote import read_quotes
from strategies.bot.config import load_bot_config
from strategies.lead_follow import LeadFollowParams
from sweeps.axes import grid_spec
from sweeps.export.bot_config import write_bot_config
from sweeps.grid.run import run_grid
from sweeps.grid.stored import file as grid_file
from sweeps.settings.file import load_settings
from sweeps.study.books import FolderBooks
from sweeps.study.listing import list_studies
from sweeps.study.study import run_study
from tests.samples.case_files import CASES
from tests.samples.markets import small_frame, small_panel
from tests.samples.minute_tables import BULK_HEADER, bulk_lines, candles
from tests.sweeps.export.test_bot_config import made_config
from tests.sweeps.study.test_study import spec

__all__ = ["Sample", "samples", "spoiled"]

NOW = datetime(2030, 1, 1, tzinfo=UTC)
Rows = dict[Any, tuple[Any, ...]]  # what was read, by what names it


@dataclass(frozen=True, slots=True)
class Sample:
    """A sound file, and what reads it into rows that can be compared (None: cannot be)."""

    name: str
    data: bytes
    read: Callable[[Path], Rows | None]
    kind: str  # table, lines or whole: which damage leaves what is left true


def samples(folder: Path) -> list[Sample]:
    """One sound file of every format."""
    return [*_minutes(folder), *_logs(folder), *_results(folder)]


def spoiled(sample: Sample, chance: random.Random) -> Iterator[tuple[str, bytes]]:
    """Endless (way, bytes): spelling, damage or flip of ``sample``, drawn by ``chance``."""
    ways = [_flip, _flip, _cut_out]
    if sample.kind in ("lines", "table"):
        ways += [_truncated, _packed]
    if sample.kind == "lines":
        ways += [_line_lost, _line_again, _line_ends, _marked]
    while True:
        yield chance.choice(ways)(sample.data, chance)


def _candles(venue: Venue) -> Callable[[Path], Rows]:
    def rows(path: Path) -> Rows:
        reading = read_source(path, venue, now=NOW)
        if isinstance(reading, FundingReading):
            return {at: (rate,) for at, rate in reading.rates.items()}
        table = reading.candles[["open", "high", "low", "close", "volume"]]
        return {row[0]: row[1:] for row in table.itertuples()}

    return rows


def _minutes(folder: Path) -> Iterator[Sample]:
    table = candles(300)
    bulk = "\n".join([BULK_HEADER, *bulk_lines(table), ""])
    ohlcv = table[["open", "high", "low", "close", "volume"]].reset_index(names="date")
    plain = ohlcv.to_csv(index=False)
    binance, dydx = _candles("binance"), _candles("dydx")
    yield Sample("bulk.csv", bulk.encode(), binance, "lines")
    yield Sample("plain.csv", plain.encode(), dydx, "lines")
    yield Sample("semicolon.csv", plain.replace(",", ";").encode(), dydx, "lines")
    rows = [[int(at.timestamp() * 1000), *row] for at, *row in ohlcv.itertuples(index=False)]
    yield Sample("ccxt.json", json.dumps(rows).encode(), binance, "whole")
    records = ohlcv.assign(date=ohlcv["date"].astype(str)).to_dict("records")
    yield Sample("rows.jsonl", "\n".join(map(json.dumps, records)).encode(), dydx, "lines")
    arrow = pa.Table.from_pandas(ohlcv, preserve_index=False)
    pq.write_table(arrow, folder / "a.parquet")
    feather.write_feather(arrow, folder / "a.feather")
    yield Sample("a.parquet", (folder / "a.parquet").read_bytes(), dydx, "table")
    yield Sample("a.feather", (folder / "a.feather").read_bytes(), dydx, "table")
    for name, venue in (
        ("07-dydx-pages/pages.jsonl", dydx), ("11-archives/a.tar", binance),
        ("11-archives/mac.zip", binance), ("31-funding-shapes/funding.csv", dydx),
        ("31-funding-shapes/body.json", dydx),
    ):  # fmt: skip
        is_lines = name.endswith(("jsonl", "csv"))
        data = (CASES / name).read_bytes()
        yield Sample(name.replace("/", "."), data, venue, "lines" if is_lines else "whole")


def _logs(folder: Path) -> Iterator[Sample]:
    write_synthetic(folder / "logs", halts=3, seed=7)
    (journal, *_) = sorted((folder / "logs").glob("journal-*.jsonl"))
    lines = journal.read_bytes().splitlines(keepends=True)[:60]
    yield Sample("journal.jsonl", b"".join(lines), _records, "lines")
    quotes = (folder / "logs/quotes.jsonl").read_bytes().splitlines(keepends=True)[:200]
    yield Sample("quotes.jsonl", b"".join(quotes), _quotes, "whole")


def _records(path: Path) -> Rows:
    reader = BatchReader()
    found = [row for batch in reader.read([path]) for row in batch.to_pylist()]
    names = ("binance_mid", "dydx_mid", "effective_diff_signed_buy", "risk_state")
    return {(row["ts"], row["market"]): tuple(row[name] for name in names) for row in found}


def _quotes(path: Path) -> None:
    for _ in read_quotes([path], ReadReport()):
        pass


def _results(folder: Path) -> Iterator[Sample]:
    write_bot_config(made_config(), folder / "bot.json")
    yield Sample("bot.json", (folder / "bot.json").read_bytes(), _unread(load_bot_config), "whole")
    toml = (
        b'market="BTC"\n[frame]\nhalt_min = 30\n[study]\ntrials=20\n[costs]\nslippage_bps = 1.0\n'
    )
    yield Sample("leadfollow.toml", toml, _unread(load_settings), "whole")
    run_study(small_panel(), spec(trials=5), FolderBooks(folder / "study"))
    (kept,) = (folder / "study").glob("*.journal")
    yield Sample(kept.name, kept.read_bytes(), _studies, "whole")
    axes = {"tp": [0.05, 0.1], "sl": [0.1, 0.2]}
    grid = run_grid(small_panel(), grid_spec(LeadFollowParams(mode="long"), axes))
    grid_file.write(grid, folder / "grid.parquet")
    data = (folder / "grid.parquet").read_bytes()
    yield Sample("grid.parquet", data, _unread(grid_file.read), "whole")
    write_frame(small_frame().last(500), folder / "frame.parquet")
    data = (folder / "frame.parquet").read_bytes()
    yield Sample("frame.parquet", data, _unread(read_frame), "whole")


def _unread(read: Callable[[Path], Any]) -> Callable[[Path], None]:
    def call(path: Path) -> None:
        read(path)

    return call


def _studies(path: Path) -> None:
    list_studies(FolderBooks(path.parent))


# ------------------------------------------------------------------ ways to change a file


def _flip(data: bytes, chance: random.Random) -> tuple[str, bytes]:
    changed = bytearray(data)
    for _ in range(chance.choice((1, 1, 3, 20))):
        changed[chance.randrange(len(changed))] = chance.randrange(256)
    return "flip", bytes(changed)


def _cut_out(data: bytes, chance: random.Random) -> tuple[str, bytes]:
    first = chance.randrange(len(data))
    return "flip", data[:first] + data[first + chance.randrange(1, 400) :]


def _truncated(data: bytes, chance: random.Random) -> tuple[str, bytes]:
    return "damage", data[: chance.randrange(1, len(data))]


def _packed(data: bytes, chance: random.Random) -> tuple[str, bytes]:
    pack = chance.choice((gzip.compress, bz2.compress, lzma.compress))
    packed = pack(data)
    if chance.random() < 0.3:
        return "damage", packed[: chance.randrange(20, len(packed))]
    return "spelling", packed


def _line_lost(data: bytes, chance: random.Random) -> tuple[str, bytes]:
    lines = data.splitlines(keepends=True)
    del lines[chance.randrange(1, len(lines))]
    return "damage", b"".join(lines)


def _line_again(data: bytes, chance: random.Random) -> tuple[str, bytes]:
    lines = data.splitlines(keepends=True)
    at = chance.randrange(0, len(lines))
    if not lines[at].endswith(b"\n"):
        lines[at] += b"\n"
    return "spelling", b"".join([*lines[: at + 1], lines[at], *lines[at + 1 :]])


def _line_ends(data: bytes, chance: random.Random) -> tuple[str, bytes]:
    return "spelling", data.replace(b"\n", b"\r\n")


def _marked(data: bytes, chance: random.Random) -> tuple[str, bytes]:
    if chance.random() < 0.5:
        return "spelling", data.decode().encode("utf-16")
    return "spelling", b"\xef\xbb\xbf" + data
