"""Sections of what was asked and found: the verdict, winners, why the rest fell."""

from collections.abc import Iterator, Mapping
from typing import Any

from sweeps.report.page.html import Html, element, joined, table
from sweeps.report.page.run_folder import RunFolder
from sweeps.report.page.section import Section
from sweeps.report.page.together import together

__all__ = ["asked", "fallen", "winners"]


def asked(run: RunFolder) -> Section:
    """What was asked, and the answer in a sentence."""
    report, told = run.report, run.report["provenance"]
    verdict = report["verdict"]
    enabled = [name for name, each in verdict.items() if each["enabled"]]
    if not verdict:
        answer = "No verdict was reached."
    elif enabled:
        answer = (
            f"{len(enabled)} of {len(verdict)} claims are proven and may trade: "
            f"{', '.join(enabled)}."
        )
    else:
        answer = f"Nothing survived: none of {len(verdict)} claims is proven to earn its costs."
    doubts = [element("p", f"RED: {doubt}", class_="alarm") for doubt in report["findings"]]
    if report["synthetic"]:
        text = "SYNTHETIC market, with a planted lead. Nothing here may be traded."
        doubts.insert(0, element("p", text, class_="alarm"))
    body = joined(
        [
            *doubts,
            element("p", answer, class_="answer"),
            element(
                "p",
                "Asked: does 'Binance leads, dYdX follows' earn money after costs, when, and with "
                f"which parameters? On {run.label}, by ",
                element("code", told["command"]),
                ".",
            ),
        ]
    )
    return Section("verdict", "The verdict", body)


def winners(run: RunFolder) -> Section | None:
    """Each claim that may trade, with the evidence of its decision."""
    verdict = run.json("verdict.json")
    if verdict is None or not verdict["enabled"]:
        return None
    parts: list[Html] = []
    all_of_them = together(run, verdict["enabled"])
    if all_of_them is not None:
        parts.append(all_of_them)
    for name in verdict["enabled"]:
        claim = verdict["claims"][name]
        told = run.report["verdict"].get(name, {})
        parts.append(element("h3", name))
        parts.append(element("p", claim["reason"]))
        parts.append(element("p", _parameters(claim), class_="set"))
        parts.append(_parts_of_time(name, told))
        lines = [line for line in verdict["lines"] if line["claim"] == name]
        parts.append(
            table(
                f"Every check of {name}; those that decide are marked",
                ("check", "decides", "number", "needs", "passed", "what it says"),
                [_line(line) for line in lines],
            )
        )
        parts.append(element("p", f"vectorbt: {told.get('vectorbt') or 'not replayed'}"))
    return Section("winners", "Winners, with their evidence", joined(parts))


def fallen(run: RunFolder) -> Section | None:
    """The claims that may not trade: the reason of each, and how near they came."""
    verdict = run.json("verdict.json")
    if verdict is None:
        return None
    rest = {name: each for name, each in verdict["claims"].items() if not each["enabled"]}
    if not rest:
        return None
    near = sorted(rest.items(), key=lambda pair: (pair[1].get("p_after_gates", 1.0), pair[0]))
    sides = [(n, c) for n, c in near if n.endswith(".all")]
    segments = [(n, c) for n, c in near if not n.endswith(".all")]
    head = ("claim", "trades", "mean %", "lower %", "p after gates", "why it fell")
    body = [table("Whole sides", head, [_fallen(*pair) for pair in sides])] if sides else []
    if segments:
        summary = element("summary", f"{len(segments)} claims about segments, all refused")
        inner = table("Segments, nearest to proof first", head, [_fallen(*p) for p in segments])
        body.append(element("details", summary, inner))
    return Section("fallen", "Why the rest fell", joined(body))


def _fallen(name: str, claim: Mapping[str, Any]) -> tuple[str, ...]:
    return (
        name,
        f"{claim['trades']:,}",
        signed(claim.get("mean_pct")),
        signed(claim.get("lower_pct")),
        "-" if claim["p_after_gates"] is None else f"{claim['p_after_gates']:.4f}",
        claim["reason"],
    )


def _parameters(claim: Mapping[str, Any]) -> str:
    values = claim["parameters"] or {}
    return ", ".join(f"{name} {value:g}" for name, value in values.items()) or "no set"


def _parts_of_time(name: str, told: Mapping[str, Any]) -> Html:
    rows = [
        (title.replace("_", " "), *_report(told[title]))
        for title in ("in_sample", "out_of_sample", "holdout")
        if told.get(title)
    ]
    head = ("minutes", "trades", "win rate %", "mean net %", "lower bound %", "break-even bps")
    return table(f"{name} in sample and out of it", (*head, "max drawdown %"), rows)


def _report(told: Mapping[str, Any]) -> Iterator[str]:
    yield f"{told['events']:,}"
    if not told["events"]:
        yield from ("-",) * 5
        return
    yield "-" if told["win_rate"] is None else f"{told['win_rate']:.1f}"
    for name in ("avg_pnl", "lcb_pnl"):
        yield signed(told[name])
    yield "-" if told["breakeven_bps"] is None else f"{told['breakeven_bps']:+.1f}"
    yield "-" if told.get("max_drawdown") is None else f"{told['max_drawdown']:.3f}"


def _line(line: Mapping[str, Any]) -> tuple[str, ...]:
    number = "-" if line["number"] is None else f"{line['number']:.4g} {line['unit']}".strip()
    passed = {None: "", True: "yes", False: "NO"}[line["passed"]]
    decides = "decides" if line["decides"] else ""
    return (line["check"], decides, number, line["needs"], passed, line["sentence"])


def signed(value: float | None) -> str:
    """A percentage with its sign, ``-`` where unknown."""
    return "-" if value is None else f"{value:+.4f}"
