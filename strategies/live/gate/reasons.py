"""Why the gate decides as it does: a name to count by, a sentence, and the numbers."""

from enum import Enum
from typing import NamedTuple

__all__ = ["Reason", "Why"]


class Why(Enum):
    """A reason; its value is the sentence."""

    NO_SIDE = "no side was asked about"
    FOREIGN_MARKET = "the evidence is of another market"
    EXPIRED = "the evidence has expired"
    OUT_OF_RANGE = "the market does not look as it did when the evidence was made"
    RANGE_UNKNOWN = "too few of the newest minutes are known to compare the market with"
    NO_MINUTE = "no closed minute is known"
    MINUTE_LATE = "the last closed minute is not the newest"
    ESCAPE = "the risk state is ESCAPE: leave what is open"
    HALT = "the risk state is HALT"
    SUSPECT = "the risk state is SUSPECT"
    ORACLE_UNKNOWN = "the dYdX oracle price is missing or old"
    NO_EVIDENCE = "no enabled set speaks for this side in this session and regime"
    PRICE_OLD = "dYdX has not traded recently enough"
    TRENDS_DISAGREE = "the trends do not all point in the direction of the trade"
    RSI_OUTSIDE = "the RSI is outside of the set's bounds"
    FUNDING_HIGH = "the funding to pay is above the set's bound"
    SCORE_LOW = "the set's score is below its bound or unknown"
    NO_SIGNAL = "the thresholds are not met in the last closed minute"
    SIGNAL_LATE = "the signal is older than the evidence's fill"
    OPPOSED = "the signal of the last closed minute points the other way"
    LOSSES = "too many losses in a row"
    DAILY_LOSS = "the loss of the day is near or at its limit"
    VOLATILITY = "Binance moves more than the evidence saw"
    DEPTH = "the dYdX book is too thin for the order"
    POSITIONS = "as many positions are open as may be"
    DIFF_NEAR_BAND = "the effective diff is near its band"
    DIFF_AT_BAND = "the effective diff is at its band"
    FILL_UNKNOWN = "the book does not hold the order, so its price is unknown"
    TOO_SMALL = "what is left of the size is not worth its fees"
    SIGNAL = "the thresholds of a proven set are met"
    SEGMENT = "a set is proven in this session and regime"


class Reason(NamedTuple):
    """A reason with its numbers."""

    why: Why
    detail: str = ""

    def __str__(self) -> str:
        words = f"{self.why.name}: {self.why.value}"
        return f"{words} ({self.detail})" if self.detail else words
