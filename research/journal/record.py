"""One decision record: what the bot knew, what it decided, and why. Schema 1.

Every field but ``ts`` may be None: unknown. Units: prices in quote units, ``*_ms`` milliseconds,
``*_pct`` percent, ``effective_diff_signed_*`` and ``thresholds.*_diff`` fractions (3 % is 0.03).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from operator import attrgetter
from typing import Any, Final

from research.errors import ParamError
from research.journal.fields import CLEANERS, FLOAT_KINDS, FieldError
from research.journal.instants import ms_of
from research.journal.line_format import LineFormat

__all__ = ["KINDS", "MEANINGS", "PRICE_KINDS", "SCHEMA", "THRESHOLDS", "DecisionRecord"]

SCHEMA: Final = 1
PRICE_KINDS: Final = ("mid", "oracle", "mark", "last")
THRESHOLDS: Final = ("reduce_diff", "halt_diff", "max_binance_age_ms", "max_dydx_age_ms")


def _is(kind: str, meaning: str) -> Any:
    return field(default=None, metadata={"kind": kind, "meaning": meaning})


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRecord:
    """One decision or change of the risk state. Times are made canonical, NaN becomes None.

    Raises
    ------
    ParamError
        A value of the wrong type, infinite, or a moment without a zone.
    """

    ts: str = field(metadata={"kind": "time", "meaning": "moment of the decision"})
    minute_bucket: str | None = _is("time", "open of the minute that the decision belongs to")
    market: str | None = _is("text", "dYdX market, such as BTC-USD")
    binance_mid: float | None = _is("price", "Binance mid")
    binance_last: float | None = _is("price", "Binance last trade")
    binance_ts: str | None = _is("time", "moment of binance_mid at the exchange")
    binance_age_ms: float | None = _is("age", "ts minus binance_ts, as the bot saw it")
    dydx_mid: float | None = _is("price", "the dYdX price that the decision used")
    dydx_mid_kind: str | None = _is("price_kind", "which price dydx_mid is")
    dydx_oracle: float | None = _is("price", "dYdX oracle price")
    dydx_ts: str | None = _is("time", "moment of dydx_mid at the exchange")
    dydx_age_ms: float | None = _is("age", "ts minus dydx_ts, as the bot saw it")
    expected_fill_buy: float | None = _is("price", "VWAP of buying fill_size_base from the book")
    expected_fill_sell: float | None = _is("price", "VWAP of selling fill_size_base to the book")
    fill_size_base: float | None = _is("amount", "intended size, in base units")
    depth_used_levels_buy: int | None = _is("whole", "book levels that the buy would take")
    depth_used_levels_sell: int | None = _is("whole", "book levels that the sell would take")
    effective_diff_signed_buy: float | None = _is(
        "number", "fraction: (expected_fill_buy - binance_mid) / binance_mid"
    )
    effective_diff_signed_sell: float | None = _is(
        "number", "fraction: (expected_fill_sell - binance_mid) / binance_mid"
    )
    risk_state: str | None = _is("text", "risk state after the decision, such as HALT")
    previous_state: str | None = _is("text", "risk state before it")
    halt_reason: str | None = _is("text", "what the bot says about the HALT")
    thresholds: Mapping[str, float] | None = _is(
        "numbers", f"limits in force by name; known by name: {', '.join(THRESHOLDS)}"
    )
    signal_score: float | None = _is("number", "score of the signal")
    mtf_aligned: int | None = _is("sign", "+1 or -1 if every timeframe's trend agrees, else 0")
    rsi_1m: float | None = _is("rsi", "Wilder RSI(14) on completed 1-minute bars")
    rsi_5m: float | None = _is("rsi", "the same on 5-minute bars")
    rsi_15m: float | None = _is("rsi", "the same on 15-minute bars")
    rsi_1h: float | None = _is("rsi", "the same on 1-hour bars")
    rsi_4h: float | None = _is("rsi", "the same on 4-hour bars")
    spread_pct: float | None = _is("number", "percent: (dYdX - Binance) / Binance at closes")
    basis_pct: float | None = _is("number", "percent: median of spread_pct before")
    spread_excess_pct: float | None = _is("number", "percent: spread_pct - basis_pct")
    binance_ret_window_pct: float | None = _is("number", "percent: lead return over window_min")
    window_min: int | None = _is("whole", "minutes of binance_ret_window_pct")
    session: str | None = _is("text", "asia, europe or us")
    regime: str | None = _is("text", "calm, normal or wild")
    decision: str | None = _is("text", "enter, exit, hold or refuse")
    reasons: tuple[str, ...] | None = _is("texts", "why, most important first")
    order_intent: Mapping[str, Any] | None = _is(
        "facts", "side (buy, sell), size_base, price, type of the order it would send"
    )
    config_hash: str | None = _is("text", "hash of the bot config in force")

    def __post_init__(self) -> None:
        if self.ts is None:
            raise ParamError("ts must be an ISO 8601 moment, was null")
        for name, value, plain in zip(_NAMES, _values(self), _PLAIN, strict=True):
            # most values need one look only; a finite number minus itself is 0
            if value is not None and not (
                type(value) is plain and (value.isascii() if plain is str else value - value == 0.0)
            ):
                self._clean(name, value)

    def _clean(self, name: str, value: object) -> None:
        try:
            cleaned = CLEANERS[KINDS[name]](value)
        except FieldError as fault:
            raise ParamError(f"{name} {fault}") from None
        if cleaned is not value:
            object.__setattr__(self, name, cleaned)

    @property
    def ts_ms(self) -> int:
        """Milliseconds since 1970 of ``ts``."""
        return ms_of(self.ts)

    def to_dict(self) -> dict[str, Any]:
        """Schema and known fields by name, ready for JSON; unknown fields are left out."""
        values = zip(_NAMES, _values(self), strict=True)
        known = {name: value for name, value in values if value is not None}
        return {"schema": SCHEMA} | known

    def to_line(self) -> str:
        """The record as one line of JSON, without the newline."""
        return _FORMAT.line(_values(self))


_NAMES: Final = tuple(item.name for item in fields(DecisionRecord))
_values: Final = attrgetter(*_NAMES)
KINDS: Final[Mapping[str, str]] = {
    item.name: item.metadata["kind"] for item in fields(DecisionRecord)
}
MEANINGS: Final[Mapping[str, str]] = {
    item.name: item.metadata["meaning"] for item in fields(DecisionRecord)
}
_PLAIN: Final[tuple[Any, ...]] = tuple(
    float if kind in FLOAT_KINDS else str if kind in ("text", "price_kind") else None
    for kind in KINDS.values()
)
_FORMAT: Final = LineFormat(SCHEMA, KINDS.items())
