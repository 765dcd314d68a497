"""The audit on a terminal and as JSON."""

import json
from collections.abc import Sequence
from pathlib import Path

from rich.table import Table

from research.atomic import write_json
from research.data.tables.schema import MINUTE_MS, iso_minute
from research.frame.frame import Frame
from research.provenance import provenance
from sweeps.cli.terminal import console, say
from sweeps.verdict.audit.findings import Audit, Finding
from sweeps.verdict.audit.report import audit_json

__all__ = ["show", "write"]


def show(found: Audit) -> None:
    """What was judged, then the warm-ups, then what was found in one line."""
    kinds = ", ".join(f"{count} {why}" for why, count in found.cuts_by_kind.items())
    say(f"{found.label}: {found.minutes:,} minutes, {len(found.cuts)} cuts ({kinds})")
    _show_findings(found.findings)
    _show_warmups(found)
    for note in found.notes:
        say(note)
    for leak in found.leaks:
        if leak.leak is not None:
            say(f"LEAK {leak.kind} {leak.name}: {leak.leak.sentence()}")
    for broken in found.broken:
        say(f"WARM-UP {broken.name}: {broken.sentence}")
    if found.is_clean:
        judged = [each for each in found.findings if each.verdict == "clean"]
        say(f"nothing looks ahead: {len(judged)} of {len(found.findings)} judged, all clean")


def write(found: Audit, frame: Frame, file: Path | None, *, command: Sequence[str]) -> None:
    """The report into ``file``, or printed. Raises :class:`StoreError`."""
    about = provenance(
        origin=frame.origin,
        parameters={"cuts": len(found.cuts)},
        command=command,
        seed=found.seed,
    )
    report = audit_json(found, about)
    if file is None:
        say(json.dumps(report, indent=2, allow_nan=False, ensure_ascii=False))
        return
    write_json(file, report)
    say(f"wrote {file}")


def _show_findings(findings: Sequence[Finding]) -> None:
    table = Table(title="what was known must not change")
    for name in ("name", "kind", "cuts", "verdict", "first leak"):
        table.add_column(name, justify="right" if name == "cuts" else "left", no_wrap=True)
    for each in findings:
        minute = "" if each.leak is None else iso_minute(each.leak.minute * MINUTE_MS)
        name = f"{each.name} ({each.note})" if each.note else each.name
        style = "bold red" if each.leak else "dim" if each.verdict != "clean" else None
        table.add_row(name, each.kind, f"{each.cuts}", each.verdict, minute, style=style)
    console.print(table)


def _show_warmups(found: Audit) -> None:
    if not found.warmups:
        say("warm-up: too few minutes to start them late")
        return
    table = Table(title="minutes of history that a feature needs, at the worst of several starts")
    for name in ("feature", "known after", "exact after", "within 1e-9 after", "what it means"):
        side = "left" if name in ("feature", "what it means") else "right"
        table.add_column(name, justify=side, no_wrap=name != "what it means")  # type: ignore[arg-type]
    for each in found.warmups:
        numbers = (each.known_after, each.exact_after, each.close_after)
        cells = ["-" if number is None else f"{number:,}" for number in numbers]
        table.add_row(
            each.name, *cells, each.sentence, style="bold red" if each.is_broken else None
        )
    console.print(table)
