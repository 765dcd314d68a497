"""HALTs to a file: all of it as JSON, the HALTs alone as CSV or Parquet."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as pacsv

from research.atomic import atomic_path, write_json
from research.csv_text import plain_cells
from research.errors import SettingsError
from research.halts import HALT_COLUMNS, Halt, SweepRow, halt_row, summarise
from research.parquet import write_parquet
from sweeps.cli.halts.session import HaltSession
from sweeps.cli.journal.logs import about, digests_of
from sweeps.cli.terminal import say

__all__ = ["check_ending", "write_halts"]

_ENDINGS = (".json", ".csv", ".parquet")
_TYPES = {str: pa.string(), int: pa.int64(), float: pa.float64()}


def check_ending(out: Path) -> None:
    """Raises SettingsError unless ``out`` ends as a file that can be written."""
    if out.suffix not in _ENDINGS:
        raise SettingsError(f"--out {out}: must end in .json, .csv or .parquet")


def write_halts(
    out: Path,
    session: HaltSession,
    found: list[Halt],
    rows: list[SweepRow],
    *,
    command: list[str],
) -> None:
    """Writes HALTs; JSON holds the summary, the sweep and where all of it comes from as well.

    Raises
    ------
    SettingsError
        Another ending.
    StoreError
        The file cannot be written.
    """
    check_ending(out)
    origin = about(
        digests_of(session.logs), session.reader, parameters=_parameters(session), command=command
    )
    if out.suffix == ".json":
        body = {
            "halts": [halt_row(halt) for halt in found],
            "summary": [counts.to_dict() for counts in summarise(found)],
            "sweep": [row.to_dict() for row in rows],
            "about": origin,
        }
        write_json(out, body)
    else:
        _write_table(out, found, origin)
    say(f"wrote {out}: {len(found)} HALTs")


def _write_table(out: Path, found: list[Halt], origin: dict[str, Any]) -> None:
    table = _table(found)
    if out.suffix == ".parquet":
        write_parquet(out, table, origin)
        return
    with atomic_path(out) as temporary:
        pacsv.write_csv(plain_cells(table), temporary)


def _table(found: list[Halt]) -> pa.Table:
    schema = pa.schema([(name, _TYPES[kind]) for name, kind in HALT_COLUMNS.items()])
    return pa.Table.from_pylist([halt_row(halt) for halt in found], schema)


def _parameters(session: HaltSession) -> dict[str, Any]:
    rules = session.rules
    return {
        "tolerance_ms": rules.tolerance_ms,
        "session_hours": list(rules.session_hours),
        "quotes": sorted(session.quotes),
        "minutes": sorted(session.minutes),
    }
