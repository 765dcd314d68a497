"""The pre-flight of what a run exported: its lines, or how to make it."""

from sweeps.report.page.html import element, joined, table
from sweeps.report.page.run_folder import RunFolder
from sweeps.report.page.section import Section

__all__ = ["preflight"]


def preflight(run: RunFolder) -> Section:
    """Each check with its number, the failed ones first; the command where there was none yet."""
    told = run.json("preflight.json")
    if told is None:
        command = element("code", "leadfollow preflight bot_config.json")
        body = [
            element("p", "Not made yet; before any of it trades: ", command, " in this folder.")
        ]
        return Section("preflight", "Pre-flight", joined(body))
    lines = sorted(told["lines"], key=lambda line: bool(line["passed"]))
    rows = [
        (
            line["check"],
            "pass" if line["passed"] else "FAIL",
            "-" if line["number"] is None else f"{line['number']:.6g} {line['unit']}".strip(),
            line["needs"],
            line["sentence"],
        )
        for line in lines
    ]
    failed = ", ".join(told["failed"])
    words = "Every check holds" if told["passed"] else f"It may not fly: {failed}"
    body = [
        element(
            "p",
            f"{words}, as of {told['as_of']}. As text: ",
            element("a", "preflight.md", href="preflight.md"),
            ".",
        ),
        table("Pre-flight", ("check", "", "number", "needs", "what it says"), rows),
    ]
    return Section("preflight", "Pre-flight", joined(body))
