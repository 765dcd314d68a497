"""The verdict on a terminal and into files."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.table import Table

from research.atomic import write_json, write_text
from research.errors import StoreError
from research.provenance import provenance
from sweeps.cli.session import Session
from sweeps.cli.terminal import console, say
from sweeps.verdict.lines import Line
from sweeps.verdict.table import SCHEMA, opened_words, verdict_json, verdict_table
from sweeps.verdict.verdict import Verdict

__all__ = ["show_run", "show_verdict", "write_verdict"]


def show_verdict(found: Verdict) -> None:
    """Every shown claim, line by line, then what may trade."""
    walk = found.walk
    say(f"{walk.panel.frame.label}: {len(walk.panel):,} minutes")
    say(f"model: {walk.model.describe()}")
    say(
        f"{walk.kind} walk-forward, {len(walk.steps)} searches of {walk.sets:,} sets, and a holdout"
    )
    for words in opened_words(found):
        say(words.replace("**", ""))
    for judged in found.shown:
        _table(judged.name, found.lines_of(judged))
    say("checks in capitals decide; the others inform")
    for judged in found.enabled:
        say(f"MAY TRADE {judged.name}: {judged.reason}")
    if not found.enabled:
        say("nothing may trade:")
        for judged in found.shown:
            say(f"  {judged.name}: {judged.reason}")
            for line in found.lines_of(judged):
                if line.check == "days needed":
                    say(f"    {line.sentence}")


def show_run(folder: Path) -> None:
    """What a run wrote down. Raises :class:`StoreError` where it is damaged or too old."""
    file = folder / "verdict.json"
    try:
        text = json.loads(file.read_text())
        lines = [Line(**_numbers(line)) for line in text["lines"]]
        if text["schema"] != SCHEMA:
            raise ValueError(text["schema"])
        enabled, claims = text["enabled"], text["claims"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StoreError(
            f"{file}: no verdict of this version ({error}); make the run anew with "
            "`leadfollow run`, or judge the market with `leadfollow verdict --market ...`"
        ) from None
    say(f"model: {text['model']}")
    for name in dict.fromkeys(line.claim for line in lines):
        _table(name, [line for line in lines if line.claim == name])
    for name in enabled:
        say(f"MAY TRADE {name}: {claims[name]['reason']}")
    if not enabled:
        say("nothing may trade; each table says why")
    say(f"numbers: {file}")


def _numbers(line: dict[str, Any]) -> dict[str, Any]:
    return line | {"number": float("nan") if line["number"] is None else line["number"]}


def write_verdict(
    found: Verdict, session: Session, folder: Path, *, command: Sequence[str]
) -> None:
    """``verdict.json`` and ``verdict.md`` into ``folder``. Raises :class:`StoreError`."""
    about = provenance(
        origin=session.frame.origin,
        parameters=session.settings.model_dump(mode="json", include={"verdict", "study", "axes"}),
        command=command,
        seed=session.settings.study.seed,
    )
    write_json(folder / "verdict.json", verdict_json(found, about))
    write_text(folder / "verdict.md", verdict_table(found))
    say(f"wrote {folder}/verdict.json, verdict.md")


def _table(title: str, lines: Sequence[Line]) -> None:
    table = Table(title=title, title_justify="left", title_style="bold")
    for name in ("check", "number", "needs", ""):
        table.add_column(name, no_wrap=True, justify="right" if name == "number" else "left")
    table.add_column("what it says")
    for line in lines:
        number = "-" if line.number != line.number else f"{line.number:.4g} {line.unit}".strip()
        passed = {None: "", True: "yes", False: "NO"}[line.passed]
        check = line.check.upper() if line.decides else line.check
        table.add_row(check, number, line.needs, passed, line.sentence)
    console.print(table)
