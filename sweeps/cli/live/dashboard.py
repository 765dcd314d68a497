"""The terminal dashboard of a paper run: state, books, minute, positions, money now."""

import time

from rich.table import Table

from strategies.live.paper import PaperRun
from strategies.live.risk import RiskState

__all__ = ["dashboard"]

_COLOURS = {
    RiskState.CAN_TRADE: "green",
    RiskState.SUSPECT: "yellow",
    RiskState.HALT: "red",
    RiskState.ESCAPE: "bold red",
}


def dashboard(run: PaperRun) -> Table:
    """A table of where ``run`` stands; changes nothing."""
    table = Table("paper", run.heard.market)
    state = run.gate.machine.memory.state
    table.add_row("risk state", f"[{_COLOURS[state]}]{state.value}[/]")
    now_ms = run.now_ms
    for name, book in run.heard.books.items():
        if now_ms is None or book.mid is None or not book.is_connected:
            table.add_row(name, "[red]down[/]")
            continue
        age = max(0.0, book.age_ms(now_ms)) / 1000
        table.add_row(name, f"{book.mid:,.2f}, {age:.1f} s old, {(book.spread or 0) * 1e4:.2f} bps")
    oracle = run.heard.oracle
    table.add_row("oracle", "unknown" if oracle is None else f"{oracle:,.2f}")
    latest = run.stream.latest
    if latest is None:
        table.add_row("last minute", "none yet")
    else:
        closed = time.strftime("%Y-%m-%d %H:%MZ", time.gmtime(latest.minute * 60))
        labels = f"{latest.session_name}, {latest.regime_name or 'regime unknown'}"
        table.add_row(
            "last minute", f"{closed}, {labels}, excess {latest.spread_excess_pct:+.4f} %"
        )
    held = list(run.ledger.positions.values())  # the run may change it meanwhile
    for position in held:
        side = "long" if position.side > 0 else "short"
        table.add_row(position.id, f"{side} {position.size_base:.6f} at {position.price:,.2f}")
    table.add_row("open, on their way", f"{len(held)}, {len(run.orders)}")
    guards = run.gate.guards.memory
    table.add_row("net today", f"{guards.day_net_usdt:+,.4f} USDT, {guards.losses} losses in a row")
    return table
