"""What a run goes on from: its memory beside the lengths of ledger and journal at that moment.

A replay that was killed goes back to the checkpoint and does the same again, to the byte. A live
run cannot: there the ledger is believed whole, and only the memory is taken from the checkpoint.
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from research.atomic import write_json
from research.errors import LiveError, StoreError
from strategies.live.paper.run import PaperRun
from strategies.live.stream import write_snapshot

__all__ = ["FILE", "cut_journal", "read_checkpoint", "save"]

FILE = "paper.json"
_SCHEMA = 2
_KIND = "leadfollow.paper_checkpoint"


def save(run: PaperRun, folder: Path, identity: Mapping[str, str]) -> None:
    """Writes the checkpoint; what was there before stays whole until it is. Raises StoreError."""
    stream = None
    if run.stream.last_minute is not None:
        stream = f"stream-{run.consumed}-{run.stream.last_minute}.json"
        if not (folder / stream).exists():
            write_snapshot(run.stream, folder / stream)
    body = {
        "kind": _KIND,
        "schema": _SCHEMA,
        "identity": dict(identity),
        "stream": stream,
        "ledger_bytes": run.ledger.size,
        "journal_bytes": {path.name: path.stat().st_size for path in _journals(folder)},
        "run": run.to_dict(),
    }
    write_json(folder / FILE, body)
    for old in folder.glob("stream-*.json"):
        if old.name != stream:
            old.unlink()


def read_checkpoint(folder: Path, identity: Mapping[str, str]) -> dict[str, Any] | None:
    """The checkpoint in ``folder``; None: nothing was begun there.

    Raises
    ------
    LiveError
        It is damaged, or of another config, recording or settings.
    """
    path = folder / FILE
    if not path.exists():
        ledger = folder / "ledger.jsonl"
        if ledger.exists() and ledger.stat().st_size:
            raise LiveError(f"{path}: missing beside a ledger; move {folder} away and begin anew")
        return None
    try:
        body = json.loads(path.read_bytes())
        kind, schema, known = body["kind"], body["schema"], body["identity"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise LiveError(
            f"{path}: no checkpoint can be read ({error}); move {folder} away and begin anew"
        ) from None
    if (kind, schema) != (_KIND, _SCHEMA):
        raise LiveError(f"{path}: {kind} of schema {schema}, not of this leadfollow; begin anew")
    for name, value in identity.items():
        if known.get(name) != value:
            raise LiveError(
                f"{folder}: a run of another {name} ({known.get(name)!s:.60}, now {value:.60}); "
                "give another folder with --out"
            )
    return dict(body)


def cut_journal(folder: Path, sizes: Mapping[str, int]) -> None:
    """Takes from the journal what was written after the checkpoint. Raises StoreError."""
    try:
        for path in _journals(folder):
            if path.name not in sizes:
                path.unlink()
            else:
                os.truncate(path, sizes[path.name])
    except OSError as error:
        raise StoreError(f"{folder}: the journal cannot be cut ({error.strerror})") from None


def _journals(folder: Path) -> list[Path]:
    return sorted((folder / "journal").glob("journal-*.jsonl"))
