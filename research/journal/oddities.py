"""Values that are of the right type and cannot be right: kept, never mended, always named.

A negative age is a clock that runs wrong, a price of 0 is no price, a fill for buying below the
one for selling is a crossed book. Any of these may be why a bot halted.
"""

from collections.abc import Callable
from operator import attrgetter
from typing import Any, Final, NamedTuple

from research.journal.faults import Fault
from research.journal.instants import ms_of
from research.journal.record import KINDS, PRICE_KINDS, DecisionRecord

__all__ = ["DIFF_TOLERANCE", "RANGES", "SIDES", "Range", "find_oddities", "looks_like_percent"]

DIFF_TOLERANCE: Final = 1e-4  # fraction: a basis point between the recorded diff and its prices
SIDES: Final = ("buy", "sell")


class Range(NamedTuple):
    """Where the values of a kind can lie."""

    rule: str
    low: float
    high: float
    is_low_open: bool
    words: str


RANGES: Final = {
    "price": Range("not a price", 0, float("inf"), True, "a price is above 0"),
    "amount": Range("out of range", 0, float("inf"), True, "a size is above 0"),
    "age": Range("clock skew", 0, float("inf"), False, "an age below 0 means clocks that differ"),
    "whole": Range("out of range", 0, float("inf"), False, "a count is 0 or more"),
    "sign": Range("out of range", -1, 1, False, "-1, 0 or 1"),
    "rsi": Range("out of range", 0, 100, False, "0 to 100"),
}
_RANGED: Final = tuple((name, RANGES[kind]) for name, kind in KINDS.items() if kind in RANGES)
_ranged_values: Final[Callable[[DecisionRecord], tuple[Any, ...]]] = attrgetter(
    *(name for name, _ in _RANGED)
)


def find_oddities(record: DecisionRecord) -> list[Fault]:
    """Everything in ``record`` that cannot be right, field by field."""
    found = [
        Fault(name, span.rule, f"{value:.12g}: {span.words}", rejects=False)
        for (name, span), value in zip(_RANGED, _ranged_values(record), strict=True)
        if value is not None
        and not (span.low <= value <= span.high and not (span.is_low_open and value == span.low))
    ]
    return found + _late_quotes(record) + _crossed(record) + _wrong_diffs(record) + _words(record)


def _late_quotes(record: DecisionRecord) -> list[Fault]:
    found = []
    for name, text in (("binance_ts", record.binance_ts), ("dydx_ts", record.dydx_ts)):
        if text is not None and text > record.ts:  # canonical texts sort like moments
            late = ms_of(text) - record.ts_ms
            message = f"{text} is {late} ms after ts: clocks that differ"
            found.append(Fault(name, "clock skew", message, rejects=False))
    return found


def _crossed(record: DecisionRecord) -> list[Fault]:
    buy, sell = record.expected_fill_buy, record.expected_fill_sell
    if buy is None or sell is None or buy >= sell:
        return []
    message = f"{buy:.12g} is below expected_fill_sell {sell:.12g}: a crossed book"
    return [Fault("expected_fill_buy", "crossed", message, rejects=False)]


def _wrong_diffs(record: DecisionRecord) -> list[Fault]:
    mid = record.binance_mid
    if mid is None or mid <= 0:
        return []
    sides = (
        ("effective_diff_signed_buy", record.effective_diff_signed_buy, record.expected_fill_buy),
        (
            "effective_diff_signed_sell",
            record.effective_diff_signed_sell,
            record.expected_fill_sell,
        ),
    )
    found = [
        Fault(name, "diff disagrees", _diff_words(diff, (fill - mid) / mid), rejects=False)
        for name, diff, fill in sides
        if diff is not None and fill is not None and abs(diff - (fill - mid) / mid) > DIFF_TOLERANCE
    ]
    if record.dydx_mid is None or record.dydx_mid <= 0:
        return found
    apart = (record.dydx_mid - mid) / mid
    return found + [
        Fault(name, "diff disagrees", _mids_words(diff, apart), rejects=False)
        for name, diff, fill in sides
        if diff is not None and fill is None and looks_like_percent(diff, apart)
    ]


def looks_like_percent(diff: Any, apart: Any) -> Any:
    """Whether a diff without a fill is the mids' distance in percent; also of arrays.

    Fills lie off the mids, so a fifth of difference is allowed; tiny diffs say nothing.
    """
    is_like = abs(diff - 100 * apart) <= 0.2 * abs(100 * apart)
    return is_like & (abs(diff - apart) > 10 * DIFF_TOLERANCE)


def _mids_words(recorded: float, apart: float) -> str:
    return (
        f"{recorded:.6g} recorded, the mids lie {apart:.6g} apart; it looks like percent, a "
        "fraction is wanted (--map THEIRS=effective_diff_signed_buy:percent)"
    )


def _diff_words(recorded: float, computed: float) -> str:
    is_percent = abs(recorded - 100 * computed) <= 100 * DIFF_TOLERANCE
    hint = "; it looks like percent, a fraction is wanted" if is_percent else ""
    return f"{recorded:.6g} recorded, the prices give {computed:.6g}{hint}"


def _words(record: DecisionRecord) -> list[Fault]:
    found = []
    kind, intent = record.dydx_mid_kind, record.order_intent
    if kind is not None and kind not in PRICE_KINDS:
        found.append(_unknown_word("dydx_mid_kind", kind, PRICE_KINDS))
    side = intent.get("side") if intent else None
    if side is not None and side not in SIDES:
        found.append(_unknown_word("order_intent.side", side, SIDES))
    return found


def _unknown_word(name: str, word: str, known: tuple[str, ...]) -> Fault:
    return Fault(
        name, "unknown word", f"{word[:40]!r} is none of {', '.join(known)}", rejects=False
    )
