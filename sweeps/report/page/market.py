"""Sections of the minutes: data and quality, plain beside executable, spread and basis."""

import base64

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from research.errors import StoreError
from sweeps.report.lead import LEAD
from sweeps.report.page.arrays import block
from sweeps.report.page.findings import signed
from sweeps.report.page.html import Html, element, joined, table
from sweeps.report.page.run_folder import RunFolder
from sweeps.report.page.section import Section
from sweeps.report.seen import MINUTES

__all__ = ["data", "lead", "models", "spread"]

_SHOWN = (
    ("events", "trades"),
    ("win_rate", "win rate %"),
    ("avg_pnl", "mean net %"),
    ("lcb_pnl", "lower bound %"),
    ("total_pnl", "total %"),
    ("breakeven_bps", "break-even bps"),
    ("max_drawdown", "max drawdown %"),
)


def data(run: RunFolder) -> Section:
    """Which minutes, what quality says of them, what was left out."""
    told, report = run.report["provenance"]["data"], run.report
    facts = [
        ("minutes", f"{told['first_minute']} .. {told['last_minute']}"),
        ("sources", ", ".join(told["sources"]) or "the embedded synthetic market"),
        ("left out by", told["exclusion_rule"] or "no rule"),
        ("left out", "; ".join(told["exclusions"]) or "nothing"),
        ("minutes with a print not believed", f"{report['bad_print_minutes']:,}"),
        ("quality", "; ".join(report["findings"]) or "nothing against these minutes"),
        ("content", f"sha256 {told['content_sha256']}"),
    ]
    rows = [element("dt", name) + element("dd", text) for name, text in facts]
    return Section("data", "Data and quality", element("dl", *map(Html, rows)))


def models(run: RunFolder) -> Section | None:
    """The usual parameters in both models, one below the other."""
    rows = []
    for name, found in run.report["analyses"].items():
        for model, reports in found.items():
            all_ = reports["all"]
            cells = [_cell(key, all_.get(key)) for key, _ in _SHOWN]
            rows.append((f"{name}, {model}", *cells))
    if not rows:
        return None
    head = ("usual parameters", *(title for _, title in _SHOWN))
    words = (
        "Plain fills at closes that are known only when they are gone; executable fills at the "
        "next open, within the minute, with fees, slippage and funding. The difference is the "
        "point."
    )
    body = joined([element("p", words), table("Plain beside executable", head, rows)])
    return Section("models", "Plain beside executable", body)


def _cell(name: str, value: float | None) -> str:
    if value is None:
        return "-"
    if name in ("avg_pnl", "lcb_pnl"):
        return signed(value)
    return f"{value:,.0f}" if name == "events" else f"{value:.2f}"


def spread(run: RunFolder) -> Section | None:
    """Spread and basis over time, and the spread's distribution; drawn by the page itself."""
    path = run.path / MINUTES
    if not path.exists():
        return None
    try:
        found = pq.read_table(path)
        columns = {name: found[name].to_numpy() for name in found.column_names}
    except (OSError, pa.ArrowException) as error:
        raise StoreError(f"{path}: cannot be read ({error}); make the run again") from None
    minute = columns.pop("minute").astype(np.int32)
    body = joined(
        [
            element(
                "p",
                "Spread is (dYdX - Binance) / Binance in percent; the basis is its slow "
                "trailing median, thresholds count the excess over it.",
            ),
            element("figure", id="spread-time"),
            element("figure", id="spread-histogram"),
        ]
    )
    return Section(
        "spread", "Spread and basis over time", body, block("minutes", {"minute": minute} | columns)
    )


def lead(run: RunFolder) -> Section | None:
    """Lead-lag and event study: what they say, and their pictures."""
    told = run.json(str(LEAD))
    if told is None:
        return None
    parts = []
    for name, study in told["studies"].items():
        parts.append(element("h3", name))
        parts.append(element("ul", *(element("li", words) for words in study["says"])))
        if study["picture"] is not None:
            packed = base64.b64encode(study["picture"].encode()).decode()
            source = f"data:image/svg+xml;base64,{packed}"
            words = f"Picture of the {name}; the sentences above say what it shows"
            parts.append(element("figure", element("img", src=source, alt=words, class_="sheet")))
    return Section("lead", "Does Binance lead?", joined(parts))
