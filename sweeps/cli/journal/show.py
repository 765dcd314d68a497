"""How the journal commands print: a few events, and what they say most often."""

from collections import Counter
from typing import Any

import pyarrow as pa
from rich.table import Table

from research.journal.events.events import EventCounts
from sweeps.cli.terminal import console, say

__all__ = ["Preview", "show_counts"]


class Preview:
    """Keeps the first ``rows`` events of a table and prints them."""

    def __init__(self, rows: int) -> None:
        self.rows = rows
        self.kept: list[dict[str, Any]] = []

    def add(self, batch: pa.RecordBatch) -> None:
        """Takes from ``batch`` what is still wanted."""
        if len(self.kept) < self.rows:
            self.kept += batch.slice(0, self.rows - len(self.kept)).to_pylist()

    def show(self) -> None:
        """Prints the events kept."""
        if not self.kept:
            return
        table = Table("line", "ts (UTC)", "state", "decision", "diff buy", "diff sell", "why")
        for column in (0, 4, 5):
            table.columns[column].justify = "right"
        for row in self.kept:
            table.add_row(
                f"{row['line']:,}",
                f"{row['ts']:%Y-%m-%d %H:%M:%S.%f}"[:-3],
                row["risk_state"] or "",
                row["decision"] or "",
                _percent(row["effective_diff_signed_buy"]),
                _percent(row["effective_diff_signed_sell"]),
                row["halt_reason"] or "; ".join(row["reasons"] or ()),
            )
        console.print(table)


def show_counts(counts: EventCounts, top: int) -> None:
    """States, decisions and the most frequent reasons."""
    if not counts.events:
        say("no record passes the filter")
        return
    say(f"{counts.events:,} events")
    for name, counter in (("states", counts.states), ("decisions", counts.decisions)):
        if counter:
            parts = [f"{word} {count:,}" for word, count in counter.most_common()]
            say(f"  {name}: {', '.join(parts)}")
    _show_top("top refusal reasons", counts.refusals, top)
    _show_top("top HALT reasons", counts.halts, top)


def _show_top(title: str, counter: Counter[str], top: int) -> None:
    if not counter:
        return
    say(f"  {title}:")
    for word, count in counter.most_common(top):
        say(f"    {count:>9,}  {word}")
    if len(counter) > top:
        say(f"    {len(counter) - top:,} more; --top {len(counter)} shows all")


def _percent(fraction: float | None) -> str:
    return "" if fraction is None else f"{100 * fraction:+.2f} %"
