"""The sections of a card that are ours, as they must be; and the digest that seals them."""

import hashlib
import json
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from strategies.bot.parts import Part, RegimeName, SessionName
from strategies.bot.validity import Moment

__all__ = ["CardEntry", "CardSection", "sealed", "section_digest"]

Rate = Annotated[float | None, Field(ge=0, le=1)]


class CardFilters(Part):
    """What must hold at an entry; what is left out asks for nothing."""

    sessions: tuple[SessionName, ...]
    regimes: tuple[RegimeName, ...]
    max_age_min: float | None = Field(ge=0)
    needs_alignment: bool = False
    rsi_timeframe: Literal["1m", "5m", "15m", "1h", "4h"] = "5m"
    rsi_min: float = Field(0.0, ge=0, le=100)
    rsi_max: float = Field(100.0, ge=0, le=100)
    max_funding_pct: float | None = None
    score_column: str | None = None
    score_min: float | None = None


class CardEntry(Part):
    """One segment. Further keys are the parameters of the strategy, under the card's names."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Annotated[float, Field(allow_inf_nan=False)]] = Field(init=False)

    segment: str
    mode: Literal["short", "long", "both"]
    set: str = Field(min_length=1)
    forced: bool
    reference: Literal["raw", "excess"]
    filters: CardFilters
    fees_bps: float
    slippage_bps: float
    expected_win_rate: Rate
    expected_pnl_pct: float | None
    lower_bound_pct: float | None

    @property
    def parameters(self) -> dict[str, float]:
        """By the card's names."""
        return dict(self.__pydantic_extra__)


class CardRegime(Part):
    """Edges of ATR, percent; null: not fitted."""

    atr_min: int = Field(ge=2)
    calm_below_pct: float | None
    wild_from_pct: float | None


class CardSection(Part):
    """``lead_follow`` or ``spread_reversion``."""

    enabled: bool
    market: str = Field(min_length=1)
    synthetic: bool
    expires_at: Moment | None
    config_sha256: str | None
    sessions_utc: dict[SessionName, int]
    regime: CardRegime
    basis_min: int = Field(ge=1)
    entries: tuple[CardEntry, ...]
    section_sha256: str


def sealed(section: dict[str, Any]) -> dict[str, Any]:
    """``section`` with the digest of all else in it."""
    return section | {"section_sha256": section_digest(section)}


def section_digest(section: dict[str, Any]) -> str:
    """SHA-256 over the values; 3 and 3.0 are the same number to a reader of JSON."""
    kept = {name: value for name, value in section.items() if name != "section_sha256"}
    return hashlib.sha256(json.dumps(_plain(kept), sort_keys=True).encode()).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value
