"""The paper run of what a run exported, where one was written into ``paper`` of its folder."""

from collections.abc import Mapping
from typing import Any

from sweeps.report.page.html import Html, element, joined, table
from sweeps.report.page.run_folder import RunFolder
from sweeps.report.page.section import Section

__all__ = ["REPORT", "paper"]

REPORT = "paper/report.json"
_MOST = 10


def paper(run: RunFolder) -> Section | None:
    """Triggers, orders, refusals, pnl with its parts, states, and the law beside it."""
    told = run.json(REPORT)
    if told is None:
        return None
    money, law = told["money"], told["comparison"]
    span = max(told["span_sec"], 1e-9)
    words = (
        f"{told['span_sec'] / 3600:,.1f} h on paper: {told['signals']:,} triggers, "
        f"{told['allowed']:,} allowed, {told['trades']:,} trades, "
        f"{money['net_usdt']:+,.2f} USDT net. "
        f"The law by itself made {law['law_trades']:,} trades and {law['law_net_pct']:+.3f} %, "
        f"paper {law['paper_trades']:,} and {law['paper_net_pct']:+.3f} %."
    )
    parts = [(name.removesuffix("_usdt"), f"{value:+,.4f}") for name, value in money.items()]
    body: list[Html] = [
        element("p", words),
        table("Profit and loss, USDT", ("part", "sum"), parts),
        _counts("Refusals by their first reason", told["refusals"]),
        _counts("In the law only, because", law["missing_by_reason"]),
        table(
            "Share of the time",
            ("state or feed", "share"),
            [
                (name, f"{seconds / span:.1%}")
                for name, seconds in (*told["state_sec"].items(), *told["up_sec"].items())
            ],
        ),
    ]
    return Section("paper", "On paper", joined(body))


def _counts(caption: str, counts: Mapping[str, Any]) -> Html:
    rows = sorted(counts.items(), key=lambda item: -item[1])[:_MOST]
    return table(caption, ("reason", "times"), [(name, f"{count:,}") for name, count in rows])
