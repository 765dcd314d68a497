"""A journal of any size as Arrow batches, and a count of everything that was not read.

Big files go through the scanner, two blocks ahead of the reader; each line that the scanner
leaves, and each with an oddity, is read by :mod:`research.journal.parse`. Both roads give the same
rows and the same counts (a test compares them).
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from research.arrays import Bools
from research.errors import FormatError
from research.journal.blocks import Block, read_blocks
from research.journal.faults import ReadReport
from research.journal.mapping import FieldMap
from research.journal.reader import check_readable, nothing_read, read_block
from research.journal.record import DecisionRecord
from research.journal.scan import zstd  # noqa: F401 (teaches the reader Zstandard)
from research.journal.scan.rows import batch_of_records, free_names
from research.journal.sequence import Doubles, in_time_order, log_files

__all__ = ["BatchReader", "is_scanned"]

_SCAN_FROM_BYTES: Final = 8 << 20  # below it, compiling and loading kernels costs more
_AHEAD: Final = 3


@dataclass(slots=True, kw_only=True)
class BatchReader:
    """Reads journals as batches of :data:`research.journal.scan.rows.COLUMNS`.

    ``report`` fills while reading. ``free`` gathers names inside ``thresholds`` and
    ``order_intent`` that have no column. ``scans``: True or False to force a road, None to choose
    by the size of the files.
    """

    report: ReadReport = field(default_factory=ReadReport)
    mapping: FieldMap | None = None
    scans: bool | None = None
    free: frozenset[str] = frozenset()
    progress: Callable[[int], None] | None = None  # called with bytes read

    def read(self, paths: Iterable[Path]) -> Iterator[pa.RecordBatch]:
        """Yields one batch per block, rows in the order of the lines.

        Raises
        ------
        StoreError, FormatError
            As :func:`research.journal.reader.read_journal`.
        """
        paths = in_time_order(log_files(paths), self.mapping)
        doubles = Doubles()
        scans = is_scanned(paths, self.mapping) if self.scans is None else self.scans
        work = self._scanned if scans and self.mapping is None else self._exact
        for path in paths:
            for block, batch in _ahead(path, doubles, work, 1 + scans):
                made = batch(self.report)
                if self.progress is not None:
                    self.progress(len(block.data) or block.too_long_bytes)
                if made.num_rows:
                    yield made
                check_readable(path, self.report, self.mapping)
        if not self.report.records:
            raise FormatError(nothing_read(paths, self.report))

    def _exact(self, log: str, block: Block, doubled: frozenset[int]) -> "_Batch":
        return lambda report: self._rows(log, block, doubled, report)

    def _rows(
        self, log: str, block: Block, doubled: frozenset[int], report: ReadReport
    ) -> pa.RecordBatch:
        records = list(read_block(log, block, report, self.mapping, doubled))
        self._keep_free(record for _, record in records)
        return batch_of_records(log, records)

    def _keep_free(self, records: Iterable[DecisionRecord]) -> None:
        found = {name for record in records for name in free_names(record)}
        self.free |= found  # a new set: threads read the old one meanwhile

    def _scanned(self, log: str, block: Block, doubled: frozenset[int]) -> "_Batch":
        from research.journal.scan.columns import scan_block  # here: it loads the compiler

        scanned = scan_block(log, block, self.free)
        if scanned is None:
            return self._exact(log, block, doubled)
        batch, is_plain = scanned
        is_new = np.ones(len(is_plain), dtype=np.bool_)
        is_new[list(doubled)] = False
        return lambda report: self._merged(log, block, batch, is_plain & is_new, is_new, report)

    def _merged(
        self,
        log: str,
        block: Block,
        batch: pa.RecordBatch,
        is_plain: Bools,
        is_new: Bools,
        report: ReadReport,
    ) -> pa.RecordBatch:
        report.add_clean(int(is_plain.sum()))
        report.add_doubled(int((~is_new).sum()))
        others = np.flatnonzero(~is_plain & is_new)
        if is_plain.all():
            return batch
        lines = block.lines
        exact: list[tuple[int, DecisionRecord]] = []
        for row in map(int, others):
            exact += read_block(log, Block(block.first_line + row, lines[row] + b"\n"), report)
        self._keep_free(record for _, record in exact)
        both = pa.concat_batches([batch.filter(pa.array(is_plain)), batch_of_records(log, exact)])
        return both.take(pc.sort_indices(both["line"]))


_Batch = Callable[[ReadReport], pa.RecordBatch]
_Work = Callable[[str, Block, frozenset[int]], _Batch]


def is_scanned(paths: Iterable[Path], mapping: FieldMap | None) -> bool:
    """Whether files of this size are worth the scanner's start; foreign logs never are."""
    return mapping is None and sum(path.stat().st_size for path in paths) >= _SCAN_FROM_BYTES


def _ahead(
    path: Path, doubles: Doubles, work: "_Work", threads: int
) -> Iterator[tuple[Block, _Batch]]:
    waiting: deque[tuple[Block, Future[_Batch]]] = deque()
    with ThreadPoolExecutor(threads) as pool:
        for block in read_blocks(path):
            waiting.append((block, pool.submit(work, path.name, block, doubles.of(block))))
            if len(waiting) > _AHEAD:
                first, made = waiting.popleft()
                yield first, made.result()
        while waiting:
            first, made = waiting.popleft()
            yield first, made.result()
