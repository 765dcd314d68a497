"""A block of lines -> Arrow columns by the scanner, and the rows that can be taken as they are."""

import json
from collections.abc import Iterable
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from research.arrays import Bools, Floats, Ints
from research.journal.blocks import Block
from research.journal.oddities import DIFF_TOLERANCE, RANGES, SIDES, looks_like_percent
from research.journal.record import KINDS, PRICE_KINDS, SCHEMA
from research.journal.scan.rows import COLUMNS
from research.journal.scan.scan import MOMENTS, NO_MOMENT, NUMBERS, SPANS, Scanned, gather, scan

__all__ = ["scan_block"]

_MOMENT: Final = pa.timestamp("ms", "UTC")


def scan_block(
    log: str, block: Block, learned: Iterable[str]
) -> tuple[pa.RecordBatch, Bools] | None:
    """(rows of all lines, which of them hold) or None where the block is nothing for the scanner.

    Rows that do not hold are of lines that the scanner left, or of records with an oddity.
    """
    if block.too_long_bytes or block.is_last or not _is_utf8(block.data):
        return None
    stops = np.array(block.stops)
    begins = np.concatenate(([0], stops[:-1] + 1))
    scanned = scan(block.data, begins, stops, learned)
    batch = _batch(log, block, scanned)
    return batch, scanned.is_read & _is_ordinary(scanned) & _has_known_words(batch)


def _batch(log: str, block: Block, scanned: Scanned) -> pa.RecordBatch:
    n = len(scanned.is_read)
    made: dict[str, Any] = {"log": pa.repeat(log, n), "line": np.arange(n) + block.first_line}
    made |= dict(zip(MOMENTS, np.ascontiguousarray(scanned.moments.T), strict=True))
    made |= dict(zip(NUMBERS, np.ascontiguousarray(scanned.numbers.T), strict=True))
    left = ~scanned.is_read
    scanned.starts[left], scanned.ends[left] = 0, 0  # a line left in the middle holds half spans
    starts, ends = np.ascontiguousarray(scanned.starts.T), np.ascontiguousarray(scanned.ends.T)
    for name, begins, stops in zip(SPANS, starts, ends, strict=True):
        made[name] = _texts(block.data, begins, stops)
    return pa.RecordBatch.from_arrays(
        [_column(made[field.name], field.type) for field in COLUMNS], schema=COLUMNS
    )


def _is_utf8(data: bytes) -> bool:
    try:
        return data.isascii() or bool(data.decode())
    except UnicodeDecodeError:
        return False


def _texts(data: bytes, starts: Ints, ends: Ints) -> pa.StringArray:
    offsets, letters = gather(data, starts, ends)
    buffers = [pa.py_buffer(offsets), pa.py_buffer(letters)]
    known = starts > 0
    if not known.all():
        buffers.append(pa.py_buffer(np.packbits(known, bitorder="little")))
    return pa.StringArray.from_buffers(len(starts), *buffers)


def _column(values: Any, kind: pa.DataType) -> pa.Array:
    if isinstance(values, pa.Array):
        return _lists(values) if pa.types.is_list(kind) else values
    if kind == _MOMENT:
        return pa.array(values, pa.int64(), mask=values == NO_MOMENT).cast(kind)
    column = pa.array(values, from_pandas=True)  # NaN becomes null
    return column if column.type == kind else column.cast(kind)


def _lists(inside: pa.StringArray) -> pa.ListArray:
    # the same few lists come again and again: each is read once
    coded = inside.dictionary_encode()
    lists = [json.loads(f"[{text}]") for text in coded.dictionary.to_pylist()]
    return pc.take(pa.array(lists, pa.list_(pa.string())), coded.indices)


def _is_ordinary(scanned: Scanned) -> Bools:
    """Rows without any oddity; the rules of :mod:`research.journal.oddities` in columns."""

    def number(name: str) -> Floats:
        return scanned.numbers[:, NUMBERS.index(name)]

    moment = {name: scanned.moments[:, place] for place, name in enumerate(MOMENTS)}
    good = (number("schema") == SCHEMA) & (moment["ts"] != NO_MOMENT)
    for name in NUMBERS:
        if KINDS.get(name) in RANGES:
            span, value = RANGES[KINDS[name]], number(name)
            good &= ~((value < span.low) | (value > span.high))
            if span.is_low_open:
                good &= value != span.low
    good &= (moment["binance_ts"] <= moment["ts"]) & (moment["dydx_ts"] <= moment["ts"])
    good &= ~(number("expected_fill_buy") < number("expected_fill_sell"))
    mid = number("binance_mid")
    for side in SIDES:
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):  # a mid of 0: odd above
            exact = (number(f"expected_fill_{side}") - mid) / mid
            apart = (number("dydx_mid") - mid) / mid
        diff = number(f"effective_diff_signed_{side}")
        good &= ~(np.abs(diff - exact) > DIFF_TOLERANCE)
        good &= ~(np.isnan(exact) & looks_like_percent(diff, apart))
    return np.asarray(good)


def _has_known_words(batch: pa.RecordBatch) -> Any:
    kinds = pc.is_in(batch["dydx_mid_kind"], pa.array([*PRICE_KINDS, None], pa.string()))
    sides = pc.is_in(batch["order_intent.side"], pa.array([*SIDES, None], pa.string()))
    return np.asarray(pc.and_(kinds, sides))
