"""A foreign log without a map: which of its keys probably are which of our fields."""

import difflib
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from research.journal.diff_unit import with_unit_of_prices
from research.journal.fields import printable
from research.journal.instants import canonical
from research.journal.mapping import MappedField, flat_keys
from research.journal.record import KINDS

__all__ = ["foreign_message", "suggest_map"]

# words that logs use for the same thing, ours first
_WORDS: Final = {
    "binance": ("binance", "bn", "bnc", "bin", "lead", "cex"),
    "dydx": ("dydx", "dx", "dy", "follow", "dex"),
    "mid": ("mid", "price", "px", "midprice"),
    "ts": ("ts", "time", "timestamp", "datetime", "at"),
    "age": ("age", "lag", "delay", "staleness"),
    "fill": ("fill", "vwap", "exec"),
    "buy": ("buy", "ask", "long"),
    "sell": ("sell", "bid", "short"),
    "diff": ("diff", "deviation", "effective", "gap"),
    "state": ("state", "status", "risk"),
    "reason": ("reason", "reasons", "why", "msg"),
    "halt": ("halt", "stop"),
    "previous": ("previous", "prev", "old", "from"),
    "oracle": ("oracle", "index"),
    "last": ("last", "trade"),
    "market": ("market", "symbol", "pair", "ticker"),
    "size": ("size", "qty", "amount", "quantity"),
    "decision": ("decision", "action"),
    "score": ("score", "signal"),
}
_DIFFS: Final = ("effective_diff_signed_buy", "effective_diff_signed_sell")
_PLAIN: Final = {word: first for first, words in _WORDS.items() for word in words}
_UNIT_WORDS: Final = ("ms", "pct", "percent", "bps", "s", "sec", "us", "ns", "signed", "expected")
# what a field is called once its words are made the same
_TOKENS: Final[dict[str, frozenset[str]]] = {
    "ts": frozenset({"ts"}),
    "market": frozenset({"market"}),
    "binance_mid": frozenset({"binance", "mid"}),
    "binance_last": frozenset({"binance", "last"}),
    "binance_ts": frozenset({"binance", "ts"}),
    "binance_age_ms": frozenset({"binance", "age"}),
    "dydx_mid": frozenset({"dydx", "mid"}),
    "dydx_oracle": frozenset({"dydx", "oracle"}),
    "dydx_ts": frozenset({"dydx", "ts"}),
    "dydx_age_ms": frozenset({"dydx", "age"}),
    "expected_fill_buy": frozenset({"fill", "buy"}),
    "expected_fill_sell": frozenset({"fill", "sell"}),
    "fill_size_base": frozenset({"size"}),
    "effective_diff_signed_buy": frozenset({"diff", "buy"}),
    "effective_diff_signed_sell": frozenset({"diff", "sell"}),
    "risk_state": frozenset({"state"}),
    "previous_state": frozenset({"previous", "state"}),
    "halt_reason": frozenset({"halt", "reason"}),
    "thresholds.halt_diff": frozenset({"halt", "diff"}),
    "decision": frozenset({"decision"}),
    "reasons": frozenset({"reason"}),
    "signal_score": frozenset({"score"}),
    "order_intent.side": frozenset({"side"}),
}


def suggest_map(
    sample: Mapping[str, Any], lines: Sequence[Mapping[str, Any]] = ()
) -> list[MappedField]:
    """The likeliest map for a line such as ``sample``: one of their keys per field of ours.

    ``lines``: some whole lines, from whose prices the unit of a diff is told where its key does
    not say it.
    """
    flat = flat_keys(sample)
    keys = {name: flat[name] for name in flat if name.isprintable() and "=" not in name}
    found: dict[str, MappedField] = {}
    scored = sorted(
        ((score, ours, theirs) for theirs in keys for score, ours in _candidates(theirs)),
        key=lambda item: (-item[0], item[1], item[2]),
    )
    taken: set[str] = set()
    for _, ours, theirs in scored:
        if ours not in found and theirs not in taken:
            taken.add(theirs)
            found[ours] = MappedField(theirs, ours, _units(theirs, ours, keys[theirs]))
    for ours in _DIFFS:
        if ours in found and not set(found[ours].units) & {"percent", "bps"}:
            found[ours] = with_unit_of_prices(found[ours], found, lines or (sample,))
    return sorted(found.values(), key=lambda item: list(keys).index(item.theirs))


def foreign_message(
    log: str, sample: Mapping[str, Any], lines: Sequence[Mapping[str, Any]] = ()
) -> str:
    """What to say about a log that is no decision journal: the keys found and a map to try."""
    keys = ", ".join(printable(name) for name in flat_keys(sample))
    likely = suggest_map(sample, lines)
    options = " ".join(f"--map {item}" for item in likely) or "--map THEIRS=OURS[:UNIT]"
    needs = "" if any(item.ours == "ts" for item in likely) else " (ts, the moment, is needed)"
    return (
        f'{log}: no decision journal: no line has the field "schema"; '
        f"keys found: {keys or 'none'}; name our fields{needs}, for instance: {options}"
    )


def _candidates(theirs: str) -> list[tuple[float, str]]:
    if theirs in KINDS:
        return [(2.0, theirs)]
    words = _words(theirs)
    found = [(len(words & tokens) / len(words | tokens), ours) for ours, tokens in _TOKENS.items()]
    likely = [(score, ours) for score, ours in found if score >= 0.6]
    if likely:
        return likely
    if words == {"diff"}:  # without a side: the buy is the one that most bots log
        return [(0.5, "effective_diff_signed_buy")]
    near = difflib.get_close_matches(theirs.lower(), KINDS, n=1, cutoff=0.8)
    return [(0.5, near[0])] if near else []


def _words(theirs: str) -> frozenset[str]:
    split = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", theirs).lower()
    words = [word for word in re.split(r"[^a-z0-9]+", split) if word]
    return frozenset(_PLAIN.get(word, word) for word in words if word not in _UNIT_WORDS)


def _units(theirs: str, ours: str, value: Any) -> tuple[str, ...]:
    units: list[str] = []
    kind = KINDS.get(ours, "number")
    if isinstance(value, str) and kind not in ("time", "text", "texts", "price_kind"):
        units += ["number"] if _is_number(value) else []
        if value.rstrip().endswith(("%", "bps")) and "diff" in ours:
            return ("bps",) if value.rstrip().endswith("bps") else ("percent",)
    if kind == "time":
        units += _time_units(value)
    elif kind == "texts" and isinstance(value, str):
        units.append("list")
    last = re.split(r"[^a-z]+", theirs.lower())[-1]
    if "diff" in ours and last in ("pct", "percent", "bps"):
        units.append("bps" if last == "bps" else "percent")
    if kind == "age" and last in ("s", "sec", "us", "ns"):
        units.append("s" if last == "sec" else last)
    return tuple(units)


def _time_units(value: Any) -> list[str]:
    if isinstance(value, str):
        if _is_number(value):
            return ["number", *_time_units(float(value))]
        try:
            canonical(value)
        except ValueError:
            return ["utc"]
        return []
    if isinstance(value, int | float):
        limits = ((1e11, "epoch_s"), (1e14, "epoch_ms"), (1e17, "epoch_us"))
        return [next((unit for limit, unit in limits if value < limit), "epoch_ns")]
    return []


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
