"""A pre-flight on a terminal and into files."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import typer
from rich.table import Table
from rich.text import Text

from research.atomic import write_json, write_text
from research.provenance import versions
from strategies.bot.preflight.line import Line
from sweeps.cli.bot.flight import Flight
from sweeps.cli.terminal import console, say
from sweeps.report.page.page import PAGE, write_page

__all__ = ["SCHEMA", "show_lines", "write_lines"]

SCHEMA = "leadfollow.preflight/1"


def show_lines(lines: Sequence[Line], flight: Flight) -> None:
    """The table, then one sentence."""
    table = Table(title=f"Pre-flight of {flight.file}", title_justify="left", title_style="bold")
    for name in ("", "check", "number"):
        table.add_column(name, no_wrap=True, justify="right" if name == "number" else "left")
    table.add_column("needs", max_width=18)
    table.add_column("what it says", ratio=1)
    for line in lines:
        word = Text("pass", "green") if line.passed else Text("FAIL", "bold red")
        cells = (line.check, _number(line), line.needs, line.sentence)
        table.add_row(word, *(Text(cell) for cell in cells))
    console.print(table)
    say(_summary(lines))


def write_lines(
    lines: Sequence[Line], flight: Flight, json_out: str | None, *, command: Sequence[str]
) -> None:
    """JSON where it was asked for, and beside a run's config. Raises StoreError."""
    made = _json(lines, flight, command)
    if json_out == "-":
        typer.echo(json.dumps(made, indent=2, allow_nan=False, ensure_ascii=False))
    elif json_out is not None:
        write_json(Path(json_out), made)
        say(f"wrote {json_out}")
    folder = flight.file.parent
    if (folder / "verdict.json").exists():
        write_json(folder / "preflight.json", made)
        write_text(folder / "preflight.md", "\n".join(_markdown(lines, flight)) + "\n")
        if (folder / PAGE).exists():
            write_page(folder)
        if json_out != "-":
            say(f"wrote {folder}/preflight.md, preflight.json")


def _json(lines: Sequence[Line], flight: Flight, command: Sequence[str]) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "config": str(flight.file),
        "evidence_sha256": flight.config.evidence_sha256,
        "synthetic": flight.config.synthetic,
        "as_of": f"{flight.now:%Y-%m-%dT%H:%M:%SZ}",
        "days": flight.days,
        "passed": all(line.passed for line in lines),
        "failed": [line.check for line in lines if not line.passed],
        "lines": [line.to_json() for line in lines],
        "versions": versions(),
        "command": " ".join(command),
    }


def _markdown(lines: Sequence[Line], flight: Flight) -> Iterator[str]:
    yield f"# Pre-flight of {flight.file.name}, {flight.now:%Y-%m-%d %H:%M} UTC"
    yield ""
    yield f"**{_summary(lines)}**"
    yield ""
    yield "| | check | number | needs | what it says |"
    yield "|---|---|--:|---|---|"
    for line in lines:
        word = "pass" if line.passed else "**FAIL**"
        cells = (word, line.check, _number(line), line.needs, line.sentence.replace("|", "\\|"))
        yield f"| {' | '.join(cells)} |"


def _summary(lines: Sequence[Line]) -> str:
    failed = [line.check for line in lines if not line.passed]
    if not failed:
        return f"all {len(lines)} checks hold: it may fly"
    return f"IT MAY NOT FLY: {len(failed)} of {len(lines)} checks fail: {', '.join(failed)}"


def _number(line: Line) -> str:
    if line.number != line.number:
        return "-"
    is_whole = float(line.number).is_integer()
    return f"{line.number:,.0f} {line.unit}" if is_whole else f"{line.number:.4g} {line.unit}"
