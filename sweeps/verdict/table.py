"""The verdict as a table, as JSON, and its trades as a CSV file."""

from collections.abc import Iterator
from typing import Any

import pandas as pd

from research.features.labels import REGIMES, SESSIONS
from research.outcomes import REASONS
from research.strict_json import finite_or_none
from sweeps.verdict.judgement import Judged
from sweeps.verdict.lines import Line
from sweeps.verdict.verdict import Verdict
from sweeps.verdict.walk import Step, Walk

__all__ = [
    "SCHEMA",
    "opened_words",
    "side_rows",
    "trades_table",
    "verdict_json",
    "verdict_table",
]

SCHEMA = "leadfollow.verdict/1"


def verdict_table(verdict: Verdict) -> str:
    """One Markdown table a claim: check, number, what it must be, whether it is, in words."""
    parts = [*_head(verdict), "", *side_rows(verdict)]
    for judged in verdict.shown:
        word = "may trade" if judged.enabled else "may not trade"
        parts += ["", f"## {judged.name}: {word}", "", judged.reason, ""]
        parts += ["| check | number | needs | passed | what it says |", "|---|--:|---|---|---|"]
        parts += [_row(line) for line in verdict.lines_of(judged)]
    parts += ["", "Lines in bold decide; the others inform."]
    return "\n".join(parts) + "\n"


def _head(verdict: Verdict) -> Iterator[str]:
    walk, frame = verdict.walk, verdict.walk.panel.frame
    index, held = frame.table.index, walk.last.test.start
    yield f"# Verdict: {frame.label}"
    if frame.is_synthetic:
        yield ""
        yield "> **SYNTHETIC market.** Nothing here says anything about a real exchange."
    yield ""
    yield (
        f"- {walk.kind} walk-forward: {len(walk.steps)} searches of {walk.sets:,} sets, each frozen"
        f" and traded on what comes next, {index[walk.pooled_rows.start]:%Y-%m-%d %H:%M} .. "
        f"{index[held - 1]:%Y-%m-%d %H:%M}"
    )
    yield f"- holdout: {index[held]:%Y-%m-%d %H:%M} .. {index[-1]:%Y-%m-%d %H:%M}"
    yield f"- model: {walk.model.describe()}"
    yield f"- sets looked at on these minutes, over all searches: {verdict.sets_searched:,}"
    yield from (f"- {words}" for words in opened_words(verdict))


def opened_words(verdict: Verdict) -> Iterator[str]:
    """Whether the holdout had been opened before."""
    if not verdict.opened_before:
        yield "the holdout was opened for the first time"
        return
    times, searches = len(verdict.opened_before), {x.identity for x in verdict.opened_before}
    yield (
        f"**the holdout was opened before**: {times} time{'s' * (times > 1)}, by {len(searches)} "
        f"search{'es' * (len(searches) > 1)}, first at {verdict.opened_before[0].at}; it confirms "
        "less each time that somebody chooses after looking"
    )


def side_rows(verdict: Verdict) -> Iterator[str]:
    """The claims that are shown, one row each: trades, mean, p, holdout, verdict."""
    yield ("| claim | trades | days | mean % | lower % | p | p after gates | holdout | verdict |")
    yield "|---|--:|--:|--:|--:|--:|--:|---|---|"
    for judged in verdict.shown:
        yield f"| {judged.name} | {_evidence(judged)} | {_holdout(judged)} | {_word(judged)} |"


def _evidence(judged: Judged) -> str:
    test = judged.proof.test
    if test is None:
        return f"{len(judged.trades)} | - | - | - | - | -"
    return (
        f"{test.trades} | {test.days} | {test.mean:+.4f} | {test.lower:+.4f} | "
        f"{test.p_value:.4f} | {judged.proof.p_adjusted:.4f}"
    )


def _holdout(judged: Judged) -> str:
    if judged.held_out is None:
        return "no set"
    net = judged.held_out.net_pct
    return f"{net.size} trades, {net.mean():+.4f} %" if net.size else "no trade"


def _word(judged: Judged) -> str:
    return "**enabled**" if judged.enabled else f"refused: {judged.reason}"


def _row(line: Line) -> str:
    number = "-" if line.number != line.number else f"{line.number:.4g} {line.unit}".strip()
    passed = {None: "", True: "yes", False: "**no**"}[line.passed]
    check = f"**{line.check}**" if line.decides else line.check
    return f"| {check} | {number} | {line.needs} | {passed} | {line.sentence} |"


def verdict_json(verdict: Verdict, about: dict[str, Any]) -> dict[str, Any]:
    """Everything that the table says, and every claim that it does not show; NaN is null.

    Parameters
    ----------
    about
        Where it came from: :func:`research.provenance.provenance`.
    """
    walk = verdict.walk
    return {
        "schema": SCHEMA,
        "provenance": about,
        "synthetic": walk.panel.frame.is_synthetic,
        "model": walk.model.describe(),
        "walk": {
            "kind": walk.kind,
            "sets": walk.sets,
            "longest_hold_min": walk.longest_hold,
            "steps": [_span(step) for step in walk.steps],
            "last": _span(walk.last),
        },
        "sets_searched": verdict.sets_searched,
        "holdout_opened_before": [look.at for look in verdict.opened_before],
        "enabled": [judged.name for judged in verdict.enabled],
        "claims": {judged.name: _claim(verdict, judged) for judged in verdict.judged},
        "lines": [line.to_json() for line in verdict.lines],
    }


def _span(step: Step) -> dict[str, Any]:
    minutes = step.panel.frame.table.index
    return {
        name: [
            f"{minutes[rows.start]:%Y-%m-%dT%H:%MZ}",
            f"{minutes[rows.stop - 1]:%Y-%m-%dT%H:%MZ}",
        ]
        for name, rows in (("train", step.train), ("test", step.test))
    } | {"edges": [finite_or_none(step.panel.edges.low), finite_or_none(step.panel.edges.high)]}


def _claim(verdict: Verdict, judged: Judged) -> dict[str, Any]:
    proof, test = judged.proof, judged.proof.test
    known = (
        {}
        if test is None
        else {
            "mean_pct": test.mean,
            "lower_pct": test.lower,
            "upper_pct": test.upper,
            "std_error_pct": test.std_error,
            "days": test.days,
            "p": test.p_value,
            "method": test.method,
        }
    )
    return {
        "enabled": judged.enabled,
        "reason": judged.reason,
        "trades": len(judged.trades),
        **known,
        "family_p": finite_or_none(proof.gate_p),
        "p_after_gates": proof.p_adjusted,
        "borrowed_mean_pct": finite_or_none(verdict.borrowed.get(judged.claim, float("nan"))),
        "parameters": None
        if judged.params is None
        else {name: getattr(judged.params, name) for name in judged.strategy.axes},
    }


def trades_table(walk: Walk, judged: Judged, *, is_text: bool = True) -> pd.DataFrame:
    """The pooled trades of one claim: times, side, prices, pnl, reason, labels, step.

    Parameters
    ----------
    is_text
        ISO-8601 UTC texts for times, for files.
    """
    trades, index = judged.trades, walk.panel.frame.table.index
    positions = trades.positions
    names = ("entry_price", "exit_price", "gross_pct", "funding_pct", "net_pct")
    table = pd.DataFrame({name: positions[name] for name in names})
    for at, name in enumerate(("entry", "exit")):
        times = pd.DatetimeIndex(index[positions[name]])
        table.insert(at, f"{name}_time", times.strftime("%Y-%m-%dT%H:%M:%SZ") if is_text else times)
    table.insert(2, "side", ["long" if side > 0 else "short" for side in positions["side"]])
    table["reason"] = [REASONS[code] for code in positions["reason"]]
    table["session"] = [SESSIONS[code] for code in trades.session]
    table["regime"] = [REGIMES[code] if code >= 0 else "" for code in trades.regime]
    table["step"] = trades.step
    return table
