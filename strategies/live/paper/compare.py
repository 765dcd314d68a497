"""The comparison that matters: the backtest of the span, and which of its trades paper has not.

The stream closes every trade of every armed set as the backtest would, whatever the gate says;
its trades stand in the ledger as ``law``, and answer where no backtest can be made. What paper
did not do has its reason there, too.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["Comparison", "Difference", "compared"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A trade that the law and paper do not share, or share at another result."""

    id: str  # set @ minute of the signal
    what: str  # missing, extra, exit
    why: str
    law_net_pct: float | None
    paper_net_pct: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Law against paper over the same span; percent of the entry notional.

    ``law_trades`` are those of acting sets; ``shared`` were done by both.

    Attributes
    ----------
    source
        Where the law's trades come from: ``backtest``, or ``stream``.
    stream_differences
        Trades of the stream that the backtest makes otherwise or not at all, and the other way
        round, where the stream heard their minutes. None: there is no backtest.
    """

    source: str
    stream_differences: int | None
    law_trades: int
    paper_trades: int
    shared: int
    law_net_pct: float
    paper_net_pct: float
    shared_law_net_pct: float
    shared_paper_net_pct: float
    missing_by_reason: Mapping[str, int]
    differences: tuple[Difference, ...]


def compared(
    facts: Iterable[Mapping[str, Any]], backtest: Sequence[Mapping[str, Any]] | None = None
) -> Comparison:
    """Law against paper by the lines of a ledger.

    Parameters
    ----------
    backtest
        Lines of the same form as ``law`` ones, which the backtest of the span makes.
    """
    lines = list(facts)
    asked = {line["id"]: line for line in lines if line["kind"] == "signal"}
    late = {line["id"]: line["reason"] for line in lines if line["kind"] == "unfilled"}
    opened = {line["id"] for line in lines if line["kind"] == "open"}
    streamed = [line for line in lines if line["kind"] == "law"]
    law = {
        line["id"]: line
        for line in (streamed if backtest is None else backtest)
        if asked.get(line["id"], {}).get("action") != "pass"
    }
    paper = {line["id"]: line for line in lines if line["kind"] == "close"}
    shared = law.keys() & paper.keys()
    missing = {name: _why_missing(name, asked, late, opened) for name in law if name not in paper}
    differences = [
        *(_difference(name, "missing", why, law[name], None) for name, why in missing.items()),
        *(
            _difference(name, "extra", paper[name]["reason"], None, paper[name])
            for name in paper
            if name not in law
        ),
        *(
            _difference(name, "exit", _exits(law[name], paper[name]), law[name], paper[name])
            for name in law
            if name in shared and law[name]["reason"] != paper[name]["reason"]
        ),
    ]
    return Comparison(
        source="stream" if backtest is None else "backtest",
        stream_differences=None if backtest is None else _unlike(streamed, backtest, asked),
        law_trades=len(law),
        paper_trades=len(paper),
        shared=len(shared),
        law_net_pct=sum(map(_law_pct, law.values())),
        paper_net_pct=sum(map(_paper_pct, paper.values())),
        shared_law_net_pct=sum(_law_pct(law[name]) for name in sorted(shared)),
        shared_paper_net_pct=sum(_paper_pct(paper[name]) for name in sorted(shared)),
        missing_by_reason=dict(
            Counter(why.partition(":")[0] for why in missing.values()).most_common()
        ),
        differences=tuple(differences),
    )


def _unlike(
    streamed: Sequence[Mapping[str, Any]],
    backtest: Sequence[Mapping[str, Any]],
    asked: Mapping[str, Any],
) -> int:
    ours, theirs = ({line["id"]: line for line in lines} for lines in (streamed, backtest))
    last = max((line["exit_minute"] for line in backtest), default=-1)
    names = ("exit_minute", "side", "reason", "net_pct")
    return sum(
        name not in ours
        or name not in theirs
        or any(ours[name][each] != theirs[name][each] for each in names)
        for name in ours.keys() | (theirs.keys() & asked.keys())
        if name in theirs or ours[name]["exit_minute"] < last
    )


def _why_missing(
    name: str,
    asked: Mapping[str, Mapping[str, Any]],
    late: Mapping[str, str],
    opened: set[str],
) -> str:
    if name in opened:
        return "STILL_OPEN: not left yet"
    if name in late:
        return f"UNFILLED: {late[name]}"
    if name not in asked:
        return "UNSEEN: no event told of its signal (a hole, or before the start)"
    reasons = asked[name]["reasons"]
    return str(reasons[0]) if reasons else "UNKNOWN: allowed, but no order is known of"


def _difference(
    name: str,
    what: str,
    why: str,
    law: Mapping[str, Any] | None,
    paper: Mapping[str, Any] | None,
) -> Difference:
    return Difference(
        id=name,
        what=what,
        why=why,
        law_net_pct=None if law is None else _law_pct(law),
        paper_net_pct=None if paper is None else _paper_pct(paper),
    )


def _exits(law: Mapping[str, Any], paper: Mapping[str, Any]) -> str:
    return f"the law left by {law['reason']}, paper by {paper['reason']}"


def _law_pct(line: Mapping[str, Any]) -> float:
    return float(line["net_pct"] or 0.0)


def _paper_pct(line: Mapping[str, Any]) -> float:
    return float(line["net_usdt"] / (line["entry_price"] * line["size_base"]) * 100)
