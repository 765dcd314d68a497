"""The report of a paper run, made of its ledger alone: what was asked, done, earned and missed."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from strategies.live.paper.compare import Comparison, compared
from strategies.live.paper.ledger import positions_of

__all__ = ["Money", "PaperReport", "report_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """Sums over closed trades, quote units; costs are positive. Funding of open ones is in it."""

    gross_usdt: float
    slippage_usdt: float
    fees_usdt: float
    funding_usdt: float
    hedge_usdt: float
    net_usdt: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperReport:
    """One span.

    Attributes
    ----------
    signals
        Triggers of acting sets; ``passed`` those of sets that others were acting before.
    refusals
        Reason -> how often it came first.
    fill_bps, worst_fill_bps
        Fills against the prices expected at the decision, basis points: mean and worst; positive
        is dearer. None without a fill.
    state_sec, up_sec
        Seconds in each risk state, and for which each venue's feed stood.
    """

    first_ms: float | None
    last_ms: float | None
    signals: int
    passed: int
    allowed: int
    refused: int
    refusals: Mapping[str, int]
    orders: int
    entries: int
    unfilled: Mapping[str, int]
    trades: int
    wins: int
    open_positions: tuple[dict[str, Any], ...]
    money: Money
    exits: Mapping[str, int]
    fill_bps: float | None
    worst_fill_bps: float | None
    state_sec: Mapping[str, float]
    up_sec: Mapping[str, float]
    span_sec: float
    comparison: Comparison

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        return asdict(self)


def report_of(
    lines: Iterable[Mapping[str, Any]],
    *,
    until_ms: float | None = None,
    backtest: Sequence[Mapping[str, Any]] | None = None,
) -> PaperReport:
    """The report over the lines of a ledger.

    Parameters
    ----------
    until_ms
        The end of the span, where no line says so; left out, the last line's moment.
    backtest
        The span's trades by the backtest; left out, the stream's stand in for them.
    """
    facts = list(lines)
    spans = _spans(facts, until_ms)
    kinds: dict[str, list[Mapping[str, Any]]] = {}
    for line in facts:
        kinds.setdefault(line["kind"], []).append(line)
    signals, closes = kinds.get("signal", []), kinds.get("close", [])
    opens, unfilled = kinds.get("open", []), kinds.get("unfilled", [])
    actions = Counter(line["action"] for line in signals)
    refused = actions["refuse"]
    passed = actions["pass"]
    bps = [*map(_entry_bps, opens), *(each for each in map(_exit_bps, closes) if each is not None)]
    return PaperReport(
        first_ms=spans[0][0] if spans else None,
        last_ms=spans[-1][1] if spans else None,
        signals=len(signals) - passed,
        passed=passed,
        allowed=len(signals) - passed - refused,
        refused=refused,
        refusals=_counted(
            str(line["reasons"][0]).partition(":")[0] for line in signals
            if line["action"] == "refuse" and line["reasons"]
        ),
        orders=len(opens) + len(unfilled) + len(closes),
        entries=len(opens),
        unfilled=_counted(line["reason"] for line in unfilled),
        trades=len(closes),
        wins=sum(line["net_usdt"] > 0 for line in closes),
        open_positions=tuple(asdict(each) for each in positions_of(facts).values()),
        money=_money(closes, kinds.get("funding", [])),
        exits=_counted(line["reason"] for line in closes),
        fill_bps=sum(bps) / len(bps) if bps else None,
        worst_fill_bps=max(bps, default=None),
        state_sec=_lasting(facts, spans, "state"),
        up_sec=_lasting(facts, spans, "feed"),
        span_sec=sum(until - since for since, until in spans) / 1000,
        comparison=compared(facts, backtest),
    )  # fmt: skip


def _spans(facts: list[Mapping[str, Any]], until_ms: float | None) -> list[tuple[float, float]]:
    """From each beginning to its end; a run that was killed ends with its last line."""
    found: list[tuple[float, float]] = []
    since = last = None
    for line in facts:
        if line["kind"] == "begin":
            if since is not None and last is not None:
                found.append((since, last))
            since = line["at_ms"]
        last = max(line["at_ms"], since or line["at_ms"])
        if line["kind"] == "end" and since is not None:
            found.append((since, last))
            since = None
    if since is not None and last is not None:
        found.append((since, max(last, until_ms or last)))
    return found


def _lasting(
    facts: list[Mapping[str, Any]], spans: list[tuple[float, float]], kind: str
) -> dict[str, float]:
    """Seconds of each state, or of each venue's feed being up, within the spans."""
    found: defaultdict[str, float] = defaultdict(float)
    for since, until in spans:
        standing: dict[str, tuple[str, float]] = {}
        for line in facts:
            if line["kind"] != kind or not since <= line["at_ms"] <= until:
                continue
            key = line.get("venue", "state")
            if key in standing:
                name, began = standing[key]
                found[name] += line["at_ms"] - began
            name = line["state"] if kind == "state" else f"{key}{'' if line['is_up'] else ' down'}"
            standing[key] = (name, line["at_ms"])
        for name, began in standing.values():
            found[name] += until - began
    return {name: ms / 1000 for name, ms in sorted(found.items())}


def _money(closes: list[Mapping[str, Any]], funding: list[Mapping[str, Any]]) -> Money:
    total: dict[str, float] = {
        name: sum(line[name] for line in closes)
        for name in ("gross_usdt", "slippage_usdt", "fees_usdt", "hedge_usdt")
    }
    paid = sum(line["usdt"] for line in funding)
    costs = total["slippage_usdt"] + total["fees_usdt"] + paid
    net = total["gross_usdt"] + total["hedge_usdt"] - costs
    return Money(**total, funding_usdt=paid, net_usdt=net)


def _entry_bps(line: Mapping[str, Any]) -> float:
    return float(line["side"] * (line["price"] / line["expected"] - 1) * 1e4)


def _exit_bps(line: Mapping[str, Any]) -> float | None:
    wanted = line["exit_expected"]
    return None if wanted is None else -line["side"] * (line["exit_price"] / wanted - 1) * 1e4


def _counted(names: Iterable[str]) -> dict[str, int]:
    return dict(Counter(names).most_common())
