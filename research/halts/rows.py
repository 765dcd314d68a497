"""A HALT as one flat row, for JSON and tables."""

from math import isnan
from typing import Any, Final

from research.halts.replay import Halt

__all__ = ["HALT_COLUMNS", "halt_row"]

HALT_COLUMNS: Final[dict[str, type]] = {
    "halt": int,
    "ts": str,
    "market": str,
    "side": str,
    "halt_reason": str,
    "diff": float,  # this and its parts: fractions of the Binance mid
    "fill": float,
    "latency": float,
    "mid": float,
    "mid_and_latency": float,  # known wherever the fill is
    "cause": str,
    "share": float,  # of the cause; shares are fractions of the diff
    "mid_share": float,
    "fill_share": float,
    "latency_share": float,
    "why": str,
    "history": str,
    "history_age_ms": int,
    "history_resolution_ms": int,
    "binance_age_ms": float,
    "dydx_age_ms": float,
    "halt_diff": float,
    "age_gate_below_ms": float,
    "age_gate_venue": str,
    "size_below_base": float,
    "threshold_above": float,
    "prevention": str,
    "session": str,
    "regime": str,
    "notes": str,
    "log": str,
    "line": int,
}


def halt_row(halt: Halt) -> dict[str, Any]:
    """The columns of :data:`HALT_COLUMNS`, in their order; None where unknown."""
    found = _told(halt) | _numbers(halt) | _prevented(halt)
    return {name: _known(found[name]) for name in HALT_COLUMNS}


def _told(halt: Halt) -> dict[str, Any]:
    record = halt.record
    return {
        "halt": halt.number,
        "ts": record.ts,
        "market": record.market,
        "side": halt.question.side,
        "halt_reason": record.halt_reason,
        "cause": halt.diagnosis.cause,
        "why": halt.diagnosis.why,
        "session": halt.session,
        "regime": record.regime,
        "notes": "; ".join(halt.notes) or None,
        "log": halt.log,
        "line": halt.line,
    }


def _numbers(halt: Halt) -> dict[str, Any]:
    question, parts, answer = halt.question, halt.parts, halt.answer
    shares = {f"{name}_share": share for name, share in parts.shares().items()}
    return shares | {
        "diff": question.diff,
        "fill": parts.fill,
        "latency": parts.latency,
        "mid": parts.mid,
        "mid_and_latency": question.diff - parts.fill,
        "share": halt.diagnosis.share,
        "history": answer.source if answer else None,
        "history_age_ms": answer.age_ms if answer else None,
        "history_resolution_ms": answer.resolution_ms if answer else None,
        "binance_age_ms": question.binance_age_ms,
        "dydx_age_ms": question.dydx_age_ms,
        "halt_diff": question.gates.halt_diff,
    }


def _prevented(halt: Halt) -> dict[str, Any]:
    prevention = halt.prevention
    return {
        "age_gate_below_ms": prevention.age_gate_below_ms,
        "age_gate_venue": prevention.age_venue or None,
        "size_below_base": prevention.size_below_base,
        "threshold_above": prevention.threshold_above,
        "prevention": prevention.words,
    }


def _known(value: Any) -> Any:
    return None if isinstance(value, float) and isnan(value) else value
