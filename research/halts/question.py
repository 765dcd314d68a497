"""What a record says about the side that halted, and what it fails to say."""

from dataclasses import dataclass, field
from math import isnan, nan
from typing import Final, Literal

from research.journal.instants import ms_of
from research.journal.record import DecisionRecord

__all__ = ["Gates", "Question", "Side", "question_of"]

Side = Literal["buy", "sell"]
_SIDES: Final[tuple[Side, ...]] = ("buy", "sell")


@dataclass(frozen=True, slots=True, kw_only=True)
class Gates:
    """Limits that were in force; NaN where unknown."""

    halt_diff: float = nan  # fraction
    max_binance_age_ms: float = nan
    max_dydx_age_ms: float = nan

    def of(self, record: DecisionRecord) -> "Gates":
        """The record's own limits, these where it has none."""
        own = record.thresholds or {}
        return Gates(
            halt_diff=own.get("halt_diff", self.halt_diff),
            max_binance_age_ms=own.get("max_binance_age_ms", self.max_binance_age_ms),
            max_dydx_age_ms=own.get("max_dydx_age_ms", self.max_dydx_age_ms),
        )

    def least_age_ms(self) -> float:
        """The smaller age limit; infinite without any."""
        known = [age for age in (self.max_binance_age_ms, self.max_dydx_age_ms) if not isnan(age)]
        return min(known, default=float("inf"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Prices, moments and ages of the side that halted; NaN or None where unknown."""

    side: Side | None
    diff: float  # fraction, from the prices; as recorded where they are missing
    binance_mid: float
    dydx_mid: float
    expected_fill: float
    dydx_ts_ms: int | None
    binance_age_ms: float
    dydx_age_ms: float
    gates: Gates
    missing: tuple[str, ...] = field(default=())  # names, with the value where it cannot be true

    def late_quote(self) -> tuple[str, float, float] | None:
        """(venue, age, gate) of the quote that is older than its gate allows, the worse one."""
        late = [
            (venue, age, gate)
            for venue, age, gate in (
                ("dYdX", self.dydx_age_ms, self.gates.max_dydx_age_ms),
                ("Binance", self.binance_age_ms, self.gates.max_binance_age_ms),
            )
            if age > gate
        ]
        return max(late, key=lambda item: item[1] - item[2], default=None)


def question_of(record: DecisionRecord, fallback: Gates) -> Question:
    """What ``record`` says; a price that is no price (0 or below) counts as missing."""
    gates = fallback.of(record)
    side = _choose_side(record, gates.halt_diff)
    fill_name = f"expected_fill_{side}" if side else "expected_fill"
    prices = {
        "binance_mid": record.binance_mid,
        "dydx_mid": record.dydx_mid,
        fill_name: getattr(record, fill_name) if side else None,
    }
    missing = [_shown(name, value) for name, value in prices.items() if not _is_price(value)]
    dydx_ts = _moment(record, record.dydx_ts, record.dydx_age_ms)
    if dydx_ts is None:
        missing.append("dydx_ts")
    binance, dydx, fill = (_price(value) for value in prices.values())
    return Question(
        side=side,
        diff=_diff(record, side) if side else nan,
        binance_mid=binance,
        dydx_mid=dydx,
        expected_fill=fill,
        dydx_ts_ms=dydx_ts,
        binance_age_ms=_age(record, record.binance_ts, record.binance_age_ms),
        dydx_age_ms=_age(record, record.dydx_ts, record.dydx_age_ms),
        gates=gates,
        missing=tuple(missing),
    )


def _choose_side(record: DecisionRecord, halt_diff: float) -> Side | None:
    """The intended side if its diff passes the limit, else the worse side that does.

    Where none passes, or no limit is known: the intended side if its diff is unknown or nothing
    speaks against it, else the side with the larger diff.
    """
    diffs = {side: abs(diff) for side in _SIDES if not isnan(diff := _diff(record, side))}
    intent = (record.order_intent or {}).get("side")
    wanted = next((side for side in _SIDES if side == intent), None)
    passing = {side: diff for side, diff in diffs.items() if diff >= halt_diff}
    if wanted in passing:
        return wanted
    if not passing and wanted is not None and (wanted not in diffs or isnan(halt_diff)):
        return wanted
    known = passing or diffs
    return max(known, key=lambda side: known[side], default=None)


def _diff(record: DecisionRecord, side: Side) -> float:
    fill, mid = getattr(record, f"expected_fill_{side}"), record.binance_mid
    if _is_price(fill) and mid is not None and mid > 0:
        return float((fill - mid) / mid)
    recorded = getattr(record, f"effective_diff_signed_{side}")
    return nan if recorded is None else float(recorded)


def _is_price(value: float | None) -> bool:
    return value is not None and value > 0


def _price(value: float | None) -> float:
    return float(value) if value is not None and value > 0 else nan


def _shown(name: str, value: float | None) -> str:
    return name if value is None else f"{name} (was {value:g})"


def _moment(record: DecisionRecord, text: str | None, age_ms: float | None) -> int | None:
    if text is not None:
        return ms_of(text)
    return None if age_ms is None else record.ts_ms - round(age_ms)


def _age(record: DecisionRecord, text: str | None, age_ms: float | None) -> float:
    if age_ms is not None:
        return float(age_ms)
    return nan if text is None else float(record.ts_ms - ms_of(text))
