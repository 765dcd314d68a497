"""What would have prevented a HALT: only what its record can support."""

from dataclasses import dataclass
from math import isnan, nan

from research.halts.causes import Diagnosis
from research.halts.question import Question
from research.journal.record import DecisionRecord

__all__ = ["Prevention", "prevention_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prevention:
    """Each number alone would have prevented the HALT; NaN where the record cannot say.

    ``size_below_base`` assumes that slippage grows with size in proportion; 0 means no size would
    have done, because mid and latency alone pass the threshold.
    """

    age_gate_below_ms: float = nan
    age_venue: str = ""
    size_below_base: float = nan
    threshold_above: float = nan  # fraction
    words: str = ""  # what fits the cause


def prevention_of(record: DecisionRecord, question: Question, diagnosis: Diagnosis) -> Prevention:
    """What each knob would have had to be."""
    venue, age_ms = _older(question)
    numbers = Prevention(
        age_gate_below_ms=age_ms,
        age_venue=venue,
        size_below_base=_size(record, question, diagnosis),
        threshold_above=abs(question.diff),
    )
    words = {
        "latency": _age_words(question, venue, age_ms),
        "fill": _size_words(record, numbers.size_below_base),
        "mid": _mid_words(record, diagnosis),
        "unknown": f"log {', '.join(question.missing)}" if question.missing else _more_words(),
    }[diagnosis.cause]
    if not isnan(numbers.threshold_above):
        words += f"; or a HALT threshold above {numbers.threshold_above:.2%}"
    return Prevention(
        age_gate_below_ms=numbers.age_gate_below_ms,
        age_venue=numbers.age_venue,
        size_below_base=numbers.size_below_base,
        threshold_above=numbers.threshold_above,
        words=words,
    )


def _older(question: Question) -> tuple[str, float]:
    ages = {"dYdX": question.dydx_age_ms, "Binance": question.binance_age_ms}
    known = {venue: age for venue, age in ages.items() if age > 0}
    if not known:
        return "", nan
    venue = max(known, key=lambda name: known[name])
    return venue, known[venue]


def _size(record: DecisionRecord, question: Question, diagnosis: Diagnosis) -> float:
    size, limit, fill = record.fill_size_base, question.gates.halt_diff, diagnosis.parts.fill
    if size is None or not size > 0 or isnan(limit) or isnan(fill) or isnan(question.diff):
        return nan
    sign = 1.0 if question.diff > 0 else -1.0
    if sign * fill <= 0:
        return nan  # the fill worked against the diff: a smaller size would not help
    rest = question.diff - fill
    return size * min(max((limit - sign * rest) / (sign * fill), 0.0), 1.0)


def _age_words(question: Question, venue: str, age_ms: float) -> str:
    if isnan(age_ms):
        return "an age gate, if the record had ages"
    gates = question.gates
    limit = gates.max_dydx_age_ms if venue == "dYdX" else gates.max_binance_age_ms
    force = "none in force" if isnan(limit) else f"{limit:,.0f} in force"
    return f"a {venue} age gate below {age_ms:,.0f} ms ({force})"


def _size_words(record: DecisionRecord, size: float) -> str:
    if isnan(size):
        return "a smaller size (the record lacks fill_size_base or the HALT threshold to say which)"
    if size == 0:
        return "no size: mid and latency alone pass the threshold"
    return (
        f"a size below {size:.4g} (was {record.fill_size_base:.4g}), "
        "if slippage grows with size in proportion"
    )


def _mid_words(record: DecisionRecord, diagnosis: Diagnosis) -> str:
    kind, mid, oracle = record.dydx_mid_kind, record.dydx_mid, record.dydx_oracle
    if kind not in (None, "mid"):
        return f"the mid of the book in place of the {kind} price"
    if mid is None or oracle is None or oracle <= 0 or record.binance_mid is None:
        return "a second dYdX price to check the mid by (the record has no oracle)"
    off = (mid - oracle) / oracle
    if abs(off) > abs(diagnosis.parts.mid) / 2:
        return f"a check of the mid by the oracle: it was {off:+.2%} from its oracle {oracle:,.1f}"
    return f"nothing about the data: the oracle {oracle:,.1f} agrees that dYdX traded there"


def _more_words() -> str:
    return "record Binance beside the bot (`leadfollow data record`) and give --quotes"
