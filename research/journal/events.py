"""The event table: which rows to keep, what they say most often, and the file it goes to."""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from research.atomic import atomic_path
from research.errors import SettingsError
from research.journal.columns import COLUMNS
from research.journal.instants import ms_of

__all__ = ["EventCounts", "EventFilter", "EventSink", "event_sink"]

REFUSALS: Final = ("refuse", "refused", "skip", "reject", "rejected", "block", "no_trade")
_TEXTS: Final = [item.name for item in COLUMNS if pa.types.is_string(item.type)]
_ROWS_PER_GROUP: Final = 1 << 16


@dataclass(frozen=True, slots=True, kw_only=True)
class EventFilter:
    """Which records the table shows; None lets everything through.

    ``state`` and ``market`` ignore case; ``reason`` is looked for inside ``halt_reason`` and
    ``reasons``; ``since_ms`` counts, ``until_ms`` does not.
    """

    state: str | None = None
    reason: str | None = None
    market: str | None = None
    since_ms: int | None = None
    until_ms: int | None = None

    @classmethod
    def of(
        cls,
        *,
        state: str | None = None,
        reason: str | None = None,
        market: str | None = None,
        since: str | None = None,
        until: str | None = None,
    ) -> "EventFilter":
        """A filter with its moments as ISO 8601 text. Raises :class:`SettingsError`."""
        return cls(
            state=state,
            reason=reason,
            market=market,
            since_ms=_moment("--since", since),
            until_ms=_moment("--until", until),
        )

    def apply(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """The rows of ``batch`` that pass."""
        for mask in self._masks(batch):
            batch = batch if mask is None else batch.filter(mask(batch))
        return batch

    def _masks(self, batch: pa.RecordBatch) -> list[Callable[[Any], Any] | None]:
        return [
            _same_word("risk_state", self.state),
            _same_word("market", self.market),
            None if self.reason is None else _says(self.reason),
            None if self.since_ms is None else _compared(pc.greater_equal, self.since_ms),
            None if self.until_ms is None else _compared(pc.less, self.until_ms),
        ]


@dataclass(slots=True)
class EventCounts:
    """What the rows of a table say most often."""

    events: int = 0
    states: Counter[str] = field(default_factory=Counter)
    decisions: Counter[str] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)  # reasons of refused decisions
    halts: Counter[str] = field(default_factory=Counter)  # halt_reason

    def add(self, batch: pa.RecordBatch) -> None:
        """Counts the rows of ``batch``."""
        self.events += batch.num_rows
        _count(self.states, batch["risk_state"])
        _count(self.halts, batch["halt_reason"])
        decisions = _count(self.decisions, batch["decision"])
        refusing = [word for word in decisions if word.lower() in REFUSALS]
        reasons = batch["reasons"]
        if sum(decisions[word] for word in refusing) < batch.num_rows:
            reasons = reasons.filter(pc.is_in(batch["decision"], pa.array(refusing, pa.string())))
        _count(self.refusals, pc.list_flatten(reasons))


class EventSink:
    """Takes batches until its block ends. ``about`` says where the rows come from; set it late."""

    def __init__(self, write: Callable[[pa.RecordBatch], None]) -> None:
        self.add = write
        self.about: Mapping[str, Any] = {}


@contextmanager
def event_sink(path: Path) -> Iterator[EventSink]:
    """Yields a sink; the file appears, whole, when the block succeeds.

    Parameters
    ----------
    path
        ``.parquet``, ``.csv`` (lists joined by ``; ``) or ``.json`` (``{"events": [...],
        "about": ...}``, one event per line, unknown fields left out). ``about`` is kept in the
        metadata of Parquet; CSV has no place for it.

    Raises
    ------
    SettingsError
        Another ending.
    StoreError
        The file cannot be written.
    """
    sinks = {".parquet": _parquet, ".csv": _csv, ".json": _json}
    if path.suffix not in sinks:
        raise SettingsError(f"--out {path}: must end in .csv, .json or .parquet")
    with atomic_path(path) as temporary, sinks[path.suffix](temporary) as sink:
        yield sink


@contextmanager
def _parquet(path: Path) -> Iterator[EventSink]:
    waiting: list[pa.RecordBatch] = []
    # dictionaries of numbers that hardly repeat cost more time than they save room
    with pq.ParquetWriter(
        path, COLUMNS, use_dictionary=_TEXTS, write_statistics=["ts"], compression="snappy"
    ) as writer:

        def flush() -> None:
            if waiting:
                writer.write_table(pa.Table.from_batches(waiting))
                waiting.clear()

        def write(batch: pa.RecordBatch) -> None:
            waiting.append(batch)
            if sum(part.num_rows for part in waiting) >= _ROWS_PER_GROUP:
                flush()

        sink = EventSink(write)
        yield sink
        flush()
        writer.add_key_value_metadata({"leadfollow": json.dumps(sink.about)})


@contextmanager
def _csv(path: Path) -> Iterator[EventSink]:
    columns = {item.name: _as_text(item.type) for item in COLUMNS}
    schema = pa.schema([(name, kind) for name, (kind, _) in columns.items()])
    with pacsv.CSVWriter(path, schema) as writer:

        def write(batch: pa.RecordBatch) -> None:
            made = [change(batch[name]) for name, (_, change) in columns.items()]
            writer.write_batch(pa.RecordBatch.from_arrays(made, schema=schema))

        yield EventSink(write)


@contextmanager
def _json(path: Path) -> Iterator[EventSink]:
    encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode
    with path.open("w", encoding="utf-8") as file:
        file.write('{"events": [')
        before = "\n"

        def write(batch: pa.RecordBatch) -> None:
            nonlocal before
            for row in _iso_moments(batch).to_pylist():
                known = {name: value for name, value in row.items() if value is not None}
                file.write(before + encode(known))
                before = ",\n"

        sink = EventSink(write)
        yield sink
        file.write(f'\n],\n"about": {encode(sink.about)}}}\n')


def _as_text(kind: pa.DataType) -> tuple[pa.DataType, Callable[[Any], Any]]:
    if pa.types.is_timestamp(kind):
        return pa.string(), _iso
    if pa.types.is_list(kind):
        return pa.string(), lambda values: pc.binary_join(values, "; ")
    return kind, lambda values: values


def _iso(values: Any) -> Any:
    return pc.binary_join_element_wise(pc.strftime(values, "%Y-%m-%dT%H:%M:%S"), "Z", "")


def _iso_moments(batch: pa.RecordBatch) -> pa.RecordBatch:
    made = {
        item.name: _iso(batch[item.name]) if pa.types.is_timestamp(item.type) else batch[item.name]
        for item in COLUMNS
    }
    return pa.RecordBatch.from_pydict(made)


def _moment(option: str, text: str | None) -> int | None:
    if text is None:
        return None
    try:
        return ms_of(text if "T" in text else f"{text}T00:00:00Z")
    except ValueError:
        raise SettingsError(
            f"{option} {text}: must be a day or a moment in UTC, such as 2026-01-02 or "
            "2026-01-02T11:05:00Z"
        ) from None


def _same_word(column: str, word: str | None) -> Callable[[Any], Any] | None:
    if word is None:
        return None
    return lambda batch: pc.equal(pc.utf8_lower(batch[column]), word.lower())


def _says(words: str) -> Callable[[Any], Any]:
    def mask(batch: pa.RecordBatch) -> Any:
        joined = pc.binary_join(batch["reasons"], "\n")
        found = [
            pc.fill_null(pc.match_substring(texts, words, ignore_case=True), False)
            for texts in (batch["halt_reason"], joined)
        ]
        return pc.or_(*found)

    return mask


def _compared(compare: Callable[..., Any], ms: int) -> Callable[[Any], Any]:
    return lambda batch: compare(batch["ts"], pa.scalar(ms, pa.timestamp("ms", "UTC")))


def _count(counter: Counter[str], values: Any) -> Counter[str]:
    pairs = ((item["values"], item["counts"]) for item in pc.value_counts(values).to_pylist())
    found = Counter({word: count for word, count in pairs if word is not None})
    counter.update(found)
    return found
