"""Why did it halt: the part with the largest share, if the record and a history can tell."""

from dataclasses import dataclass
from typing import Literal

from research.halts.history import PriceAt
from research.halts.parts import PARTS, PartName, Parts, take_apart
from research.halts.question import Question

__all__ = ["Cause", "Diagnosis", "judge"]

Cause = Literal["mid", "fill", "latency", "unknown"]


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """The cause of a HALT, its share of the diff, and the reason for it in words."""

    cause: Cause
    share: float  # of the diff; NaN where the parts are not known
    parts: Parts
    why: str


def judge(
    question: Question, answer: PriceAt | None, nearest: PriceAt | None, tolerance_ms: float
) -> Diagnosis:
    """The cause by the rule of SEMANTICS.md, section 9.

    Parameters
    ----------
    question
        What the record says about the side that halted.
    answer
        Binance at ``dydx_ts``; None where no history knows it.
    nearest
        The nearest price that was too old to settle it, for the words only.
    """
    parts = _parts(question, answer.price if answer else float("nan"))
    if question.missing:
        return Diagnosis(
            "unknown", float("nan"), parts, f"not known: {', '.join(question.missing)}"
        )
    if answer is None:
        return _unsettled(question, parts, _no_price(nearest, tolerance_ms))
    if parts.total == 0:
        return Diagnosis("unknown", float("nan"), parts, "the diff is 0: it was not about the diff")
    cause = _largest(parts)
    bounds = [_largest(_parts(question, price)) for price in (answer.low, answer.high)]
    if any(bound != cause for bound in bounds):
        words = f"minute bars leave Binance between {answer.low:g} and {answer.high:g} at dydx_ts"
        return _unsettled(question, parts, words)
    share = parts.shares()[cause]
    return Diagnosis(cause, share, parts, _largest_words(cause, share, answer))


def _parts(question: Question, binance_then: float) -> Parts:
    return take_apart(
        binance_mid=question.binance_mid,
        dydx_mid=question.dydx_mid,
        expected_fill=question.expected_fill,
        binance_then=binance_then,
    )


def _largest(parts: Parts) -> PartName:
    shares = parts.shares()
    return max(PARTS, key=lambda name: shares[name])


def _unsettled(question: Question, parts: Parts, words: str) -> Diagnosis:
    late = question.late_quote()
    if late is None:
        return Diagnosis("unknown", float("nan"), parts, f"{words}; mid and latency stay together")
    venue, age_ms, gate_ms = late
    why = f"the {venue} quote was {age_ms:,.0f} ms old (gate {gate_ms:,.0f} ms), and {words}"
    return Diagnosis("latency", float("nan"), parts, why)


def _no_price(nearest: PriceAt | None, tolerance_ms: float) -> str:
    limit = f"no Binance price within {tolerance_ms:,.0f} ms before dydx_ts"
    if nearest is None:
        return limit
    return f"{limit} (the nearest, from the {nearest.source}, is {nearest.age_ms:,} ms older)"


def _largest_words(cause: PartName, share: float, answer: PriceAt) -> str:
    known = f"Binance at dydx_ts from the {answer.source}"
    coarse = ", one-minute bars" if answer.resolution_ms else ""
    return f"{cause} is {share:.0%} of the diff ({known}, {answer.age_ms:,} ms before{coarse})"
