"""Records as rows of Arrow columns.

``thresholds`` and ``order_intent`` are flattened to ``thresholds.halt_diff`` and so on; only the
names that the schema knows become columns. ``log`` and ``line`` say where a row came from.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pyarrow as pa

from research.journal.fields import INTENT_FACTS
from research.journal.instants import iso_of, ms_of
from research.journal.record import KINDS, THRESHOLDS, DecisionRecord

__all__ = ["COLUMNS", "batch_of_records", "free_names", "record_of_row"]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MOMENT: Final = pa.timestamp("ms", "UTC")
_TYPES: Final = {"time": _MOMENT, "whole": pa.int64(), "sign": pa.int64()} | {
    "text": pa.string(),
    "price_kind": pa.string(),
    "texts": pa.list_(pa.string()),
}
_INNER: Final = {
    "thresholds": {name: pa.float64() for name in THRESHOLDS},
    "order_intent": {
        name: pa.string() if kind == "text" else pa.float64() for name, kind in INTENT_FACTS.items()
    },
}


def _schema() -> pa.Schema:
    columns: dict[str, Any] = {"log": pa.string(), "line": pa.int64()}
    for name, kind in KINDS.items():
        if name in _INNER:
            columns |= {f"{name}.{inner}": kind for inner, kind in _INNER[name].items()}
        else:
            columns[name] = _TYPES.get(kind, pa.float64())
    return pa.schema(list(columns.items()))


COLUMNS: Final = _schema()


def batch_of_records(log: str, records: list[tuple[int, DecisionRecord]]) -> pa.RecordBatch:
    """Rows of (line, record) pairs, in order."""
    rows = [_row(log, line, record) for line, record in records]
    return pa.RecordBatch.from_pylist(rows, schema=COLUMNS)


def free_names(record: DecisionRecord) -> set[str]:
    """Dotted names in ``thresholds`` and ``order_intent`` that have no column."""
    return {
        f"{root}.{name}"
        for root, table in (
            ("thresholds", record.thresholds),
            ("order_intent", record.order_intent),
        )
        for name in (table or {})
        if name not in _INNER[root]
    }


def record_of_row(row: Mapping[str, Any]) -> DecisionRecord:
    """The record of a row as ``batch.to_pylist()`` gives it, less the names without a column."""
    known: dict[str, Any] = {}
    for name, value in row.items():
        root, _, inner = name.partition(".")
        if value is None or root in ("log", "line"):
            continue
        if inner:
            known.setdefault(root, {})[inner] = value
        else:
            known[name] = iso_of(_ms(value)) if KINDS[name] == "time" else value
    return DecisionRecord(**known)


def _ms(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def _row(log: str, line: int, record: DecisionRecord) -> dict[str, Any]:
    row: dict[str, Any] = {"log": log, "line": line}
    for name, value in record.to_dict().items():
        if name in _INNER:
            row |= {f"{name}.{inner}": item for inner, item in value.items()}
        elif KINDS.get(name) == "time":
            row[name] = ms_of(value)
        else:
            row[name] = value
    return row
