"""A made-up journal on disk: records, quotes and, beside them, the truth."""

import json
import tempfile
from pathlib import Path

from research.errors import StoreError
from research.halts.planted.journal import SyntheticJournal, synthesise
from research.journal.writer import JournalWriter
from research.quotes.quote import Quote

__all__ = ["write_synthetic"]


def write_synthetic(folder: Path, *, halts: int = 20, seed: int = 7) -> SyntheticJournal:
    """Writes ``journal-*.jsonl``, ``truth.jsonl`` and ``quotes.jsonl``; all of it or nothing.

    Raises
    ------
    StoreError
        ``folder`` is there already and not empty, or cannot be written.
    ParamError
        Fewer than one HALT, or a seed below 0.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise StoreError(f"{folder}: is there already; name a folder that is new or empty")
    made = synthesise(halts=halts, seed=seed)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as beside:
            whole = Path(beside) / "whole"
            _write(whole, made)
            whole.replace(folder)
    except OSError as error:
        raise StoreError(
            f"{folder}: cannot be written ({error.strerror or error}); choose another folder"
        ) from error
    return made


def _write(folder: Path, made: SyntheticJournal) -> None:
    with JournalWriter(folder, fsync="never") as writer:
        for record in made.records:
            writer.append(record)
    truth = "".join(json.dumps(row) + "\n" for row in made.truth_rows())
    (folder / "truth.jsonl").write_text(truth, encoding="utf-8")
    with (folder / "quotes.jsonl").open("w", encoding="utf-8") as file:
        for ts_ms, mid in made.quotes():
            file.write(_quote(ts_ms, mid).to_line() + "\n")


def _quote(ts_ms: int, mid: float) -> Quote:
    return Quote(
        venue="binance",
        market="SYNTHUSDT",
        ts_ms=ts_ms,
        received_ms=ts_ms + 40,
        age_ms=40,
        bid=mid,  # a spread of 0 keeps the mid exact
        bid_size=1.0,
        ask=mid,
        ask_size=1.0,
    )
