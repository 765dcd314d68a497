"""Where the looks of all commands are counted: beside the runs."""

from pathlib import Path

from sweeps.ledger import Ledger

__all__ = ["LEDGER", "ledger_of"]

LEDGER = "looks.jsonl"


def ledger_of(runs: Path) -> Ledger:
    """The ledger of a folder of runs."""
    return Ledger(runs / LEDGER)
