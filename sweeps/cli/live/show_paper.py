"""How the report of a paper run looks on the terminal."""

from collections.abc import Mapping
from pathlib import Path

from rich.table import Table

from strategies.live.paper import PaperReport
from sweeps.cli.terminal import console, say

__all__ = ["show_report"]

_MOST = 10


def show_report(report: PaperReport, folder: Path) -> None:
    """Prints the report as tables."""
    table = Table("figure", "value", title="Paper run", title_justify="left")
    for name, value in (*_of_orders(report), *_of_money(report), *_of_time(report)):
        table.add_row(name, value)
    console.print(table)
    _show_counts("refusal, first reason", report.refusals)
    _show_counts("unfilled, because", report.unfilled)
    _show_comparison(report)
    say(f"wrote {folder / 'report.json'}; every decision is in {folder / 'journal'}")


def _of_orders(report: PaperReport) -> list[tuple[str, str]]:
    lost, still_open = sum(report.unfilled.values()), len(report.open_positions)
    fills = "unknown"
    if report.fill_bps is not None and report.worst_fill_bps is not None:
        fills = f"{report.fill_bps:+.2f} mean, {report.worst_fill_bps:+.2f} worst"
    return [
        ("span", f"{report.span_sec / 3600:,.2f} h"),
        ("signals, of sets that do not act", _numbers(report.signals, report.passed)),
        ("allowed, refused", _numbers(report.allowed, report.refused)),
        ("orders, entries, unfilled", _numbers(report.orders, report.entries, lost)),
        ("trades, wins, still open", _numbers(report.trades, report.wins, still_open)),
        ("exits", ", ".join(f"{name} {count:,}" for name, count in report.exits.items())),
        ("fills against expected, bps", fills),
    ]


def _of_money(report: PaperReport) -> list[tuple[str, str]]:
    money = report.money
    return [
        ("gross", f"{money.gross_usdt:+,.4f}"),
        ("- slippage", f"{-money.slippage_usdt:+,.4f}"),
        ("- fees", f"{-money.fees_usdt:+,.4f}"),
        ("- funding", f"{-money.funding_usdt:+,.4f}"),
        ("+ leg on Binance", f"{money.hedge_usdt:+,.4f}"),
        ("= net", f"{money.net_usdt:+,.4f}"),
    ]


def _of_time(report: PaperReport) -> list[tuple[str, str]]:
    return [
        ("time in risk states", _shares(report.state_sec, report.span_sec)),
        ("feeds up", _shares(report.up_sec, report.span_sec)),
    ]


def _show_counts(title: str, counts: Mapping[str, int]) -> None:
    if counts:
        table = Table(title, "times")
        for name, count in list(counts.items())[:_MOST]:
            table.add_row(name, f"{count:,}")
        console.print(table)


def _show_comparison(report: PaperReport) -> None:
    found = report.comparison
    source = "law, by the backtest" if found.source == "backtest" else "law, by the stream"
    table = Table("the same span", "trades", "net %", "net % of the shared")
    for name, trades, whole, shared in (
        (source, found.law_trades, found.law_net_pct, found.shared_law_net_pct),
        ("paper", found.paper_trades, found.paper_net_pct, found.shared_paper_net_pct),
    ):
        table.add_row(name, f"{trades:,}", f"{whole:+.4f}", f"{shared:+.4f}")
    console.print(table)
    if found.stream_differences:
        say(f"{found.stream_differences:,} trades of the stream are not those of the backtest")
    _show_counts("in the law only, because", found.missing_by_reason)
    for each in [each for each in found.differences if each.what != "missing"][:_MOST]:
        say(f"{each.what}: {each.id}: {each.why}")


def _numbers(*values: int) -> str:
    return ", ".join(f"{value:,}" for value in values)


def _shares(seconds: Mapping[str, float], span: float) -> str:
    whole = max(span, 1e-9)
    return ", ".join(f"{name} {each / whole:.1%}" for name, each in seconds.items()) or "none"
