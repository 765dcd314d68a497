"""Sections at the end: studies, where everything came from."""

import json

from sweeps.report.page.findings import signed
from sweeps.report.page.html import element, joined, table
from sweeps.report.page.run_folder import RunFolder
from sweeps.report.page.section import Section

__all__ = ["provenance", "studies"]


def studies(run: RunFolder) -> Section | None:
    """The best of each search by optuna: for looking at, not for choosing."""
    found = run.report["searches"]
    if not found:
        return None
    takes = run.report.get("search_fallbacks", {})
    rows = [
        (name, "-", f"no set with enough trades{_instead(takes.get(name))}")
        if best is None
        else (name, f"{best['events']:,}", signed(best["lcb_pnl"]))
        for name, best in found.items()
    ]
    known = [best["lcb_pnl"] for best in found.values() if best is not None]
    good = sum(1 for value in known if value is not None and value > 0)
    words = f"{good} of {len(found)} searches found a set with a lower bound above 0, in sample."
    inner = table("Searches by optuna", ("search", "trades", "lower bound %"), rows)
    body = [element("p", words), element("details", element("summary", "All searches"), inner)]
    return Section("studies", "Studies", joined(body))


def _instead(parent: str | None) -> str:
    return "" if parent is None else f", falls back to {parent}"


def provenance(run: RunFolder) -> Section:
    """Data, parameters, seed, versions and command, as they were."""
    told = run.report["provenance"]
    versions = ", ".join(f"{name} {version}" for name, version in told["versions"].items())
    text = json.dumps(told["parameters"], indent=1, sort_keys=True)
    body = [
        element("p", "Command: ", element("code", told["command"]), f"; seed {told['seed']}."),
        element("p", versions),
        element(
            "details",
            element("summary", "Every setting in force"),
            element("pre", text, tabindex="0"),
        ),
    ]
    return Section("provenance", "Where it came from", joined(body))
