"""How ``leadfollow halts`` prints and draws."""

from collections.abc import Sequence
from math import isnan
from pathlib import Path

from rich.progress import track
from rich.table import Table

from research.halts import CauseCounts, Halt, SweepRow, summarise
from research.halts.replay import CAUSES
from sweeps.cli.halts.session import HaltSession
from sweeps.cli.journal.logs import about, digests_of, show_reading
from sweeps.cli.terminal import console, say

__all__ = ["draw", "show"]

_MOST_ROWS = 50


def show(session: HaltSession, found: list[Halt], rows: list[SweepRow], *, in_full: bool) -> None:
    """HALTs, causes by session and regime, the sweep, and what was read."""
    if not found:
        say("no HALT in these records")
    else:
        _show_halts(found)
        for halt in found if in_full else ():
            _show_in_full(halt)
        _show_causes(summarise(found))
    _show_sweep(rows)
    if not any((line.worst_diff[~line.is_halt] >= 0).any() for line in session.lines):
        say("no record outside HALT has a diff: thresholds below the one in force show no more")
    show_reading(session.reader)
    if session.quote_report is not None:
        say(f"quotes: {session.quote_report.sentence()}")


def draw(
    folder: Path,
    session: HaltSession,
    found: list[Halt],
    rows: list[SweepRow],
    *,
    horizon_min: float,
    command: Sequence[str],
) -> None:
    """A picture per HALT and one of all, into ``folder``."""
    from research.plots.figure import save_figure
    from research.plots.halt import draw_halt, halt_info
    from research.plots.halts import draw_summary, summary_info

    given = {"horizon_min": horizon_min, "tolerance_ms": session.rules.tolerance_ms}
    origin = about(
        digests_of(session.logs), session.reader, parameters=given, command=list(command[1:])
    )
    drawn = track(found, "drawing", console=console, transient=True, disable=len(found) < 4)
    for halt in drawn:
        line = session.line_of(halt)
        info = halt_info(halt, line, session.quotes_of(line))
        save_figure(draw_halt(info), folder / f"halt-{halt.number:04d}.png", origin)
    info_all = summary_info(
        summarise(found),
        rows,
        label=_label(session, found),
        horizon_min=horizon_min,
        in_force=_in_force(found),
    )
    save_figure(draw_summary(info_all), folder / "halts.png", origin)
    say(f"wrote {folder}: {len(found)} picture{'' if len(found) == 1 else 's'} and halts.png")


def _show_halts(found: list[Halt]) -> None:
    table = Table(
        "#", "ts (UTC)", "side", "diff", "mid", "fill", "latency", "cause", "share", "prevented by",
        title="HALTs: the diff and its parts, percent of the Binance mid",
    )  # fmt: skip
    for column in (0, 3, 4, 5, 6, 8):
        table.columns[column].justify = "right"
        table.columns[column].no_wrap = True
    for halt in found[:_MOST_ROWS]:
        parts = halt.parts
        table.add_row(
            f"{halt.number}",
            halt.record.ts[:19].replace("T", " "),
            halt.question.side or "?",
            *(
                _percent(value)
                for value in (halt.question.diff, parts.mid, parts.fill, parts.latency)
            ),
            halt.diagnosis.cause,
            "" if isnan(halt.diagnosis.share) else f"{halt.diagnosis.share:.0%}",
            _brief(halt.prevention.words),
        )
    console.print(table)
    if len(found) > _MOST_ROWS:
        say(f"... {len(found) - _MOST_ROWS:,} more; --out halts.json has them all")


def _show_in_full(halt: Halt) -> None:
    question = halt.question
    say(f"HALT {halt.number}, {halt.log}:{halt.line}, {halt.record.ts}")
    say(f"  the bot said: {halt.told or '(nothing)'}")
    say(f"  cause: {halt.diagnosis.cause}: {halt.diagnosis.why}")
    say(f"  ages: Binance {_ms(question.binance_age_ms)}, dYdX {_ms(question.dydx_age_ms)}")
    say(f"  would have prevented it: {halt.prevention.words}")
    for note in halt.notes:
        say(f"  note: {note}")


def _show_causes(counts: list[CauseCounts]) -> None:
    table = Table("", "HALTs", *CAUSES, title="Causes")
    for column in table.columns[1:]:
        column.justify = "right"
    for row in counts:
        name = "all" if row.group == "all" else f"{row.group} {row.label}"
        shares = (f"{row.counts[cause]} ({row.share(cause):.0f} %)" for cause in CAUSES)
        table.add_row(name, f"{row.halts}", *shares)
    console.print(table)


def _show_sweep(rows: list[SweepRow]) -> None:
    table = Table(
        "threshold", "HALTs", "move known", "went against us", "mean", "sum avoided",
        title="Other HALT thresholds: how often, and the adverse move avoided",
    )  # fmt: skip
    for column in table.columns:
        column.justify = "right"
    for row in rows:
        table.add_row(
            f"{row.threshold_pct:g} %",
            f"{row.halts:,}",
            f"{row.known:,}",
            f"{row.adverse:,}",
            _percent(row.mean_adverse_pct / 100),
            _percent(row.sum_adverse_pct / 100),
        )
    console.print(table)


def _label(session: HaltSession, found: list[Halt]) -> str:
    markets = sorted({line.market or "(no market)" for line in session.lines})
    made_up = ", SYNTHETIC" if any(name.startswith("SYNTH") for name in markets) else ""
    span = f", {found[0].record.ts[:16]}Z .. {found[-1].record.ts[:16]}Z" if found else ""
    return f"{', '.join(markets)}{span}{made_up}"


def _in_force(found: list[Halt]) -> float:
    limits = {halt.question.gates.halt_diff for halt in found}
    return limits.pop() if len(limits) == 1 else float("nan")


def _brief(words: str) -> str:
    return words.split("; or a HALT")[0].split(", if slippage")[0]


def _percent(fraction: float) -> str:
    return "" if isnan(fraction) else f"{100 * fraction:+.2f}"


def _ms(age: float) -> str:
    return "unknown" if isnan(age) else f"{age:,.0f} ms"
