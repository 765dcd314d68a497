"""The tables of the settings file that features are made by: ``[features]``, ``[sessions]``,
``[regime]``.
"""

from pydantic import Field, model_validator

from research.settings.section import Section

__all__ = ["FeatureSettings", "PanelSettings", "RegimeSettings", "SessionSettings"]


class FeatureSettings(Section):
    """Lookbacks of the features, in minutes."""

    basis_min: int = Field(720, ge=1, le=20_000)
    atr_min: int = Field(60, ge=2, le=10_000)
    realized_vol_min: int = Field(60, ge=2, le=10_000)
    rsi_bars: int = Field(14, ge=2, le=200)


class SessionSettings(Section):
    """First UTC hour of each session; a session ends where the next begins."""

    asia: int = Field(0, ge=0, le=23)
    europe: int = Field(8, ge=0, le=23)
    us: int = Field(16, ge=0, le=23)

    @model_validator(mode="after")
    def _in_order(self) -> "SessionSettings":
        if not self.asia < self.europe < self.us:
            raise ValueError("first hours must rise: asia < europe < us")
        return self

    @property
    def cuts(self) -> tuple[int, int, int]:
        """The three first hours, rising."""
        return self.asia, self.europe, self.us


class RegimeSettings(Section):
    """Quantiles of ``atr_pct`` that part calm from normal from wild."""

    quantiles: tuple[float, float] = (1 / 3, 2 / 3)

    @model_validator(mode="after")
    def _rising(self) -> "RegimeSettings":
        low, high = self.quantiles
        if not 0 < low < high < 1:
            raise ValueError("quantiles must satisfy 0 < low < high < 1")
        return self


class PanelSettings(Section):
    """All that a panel is made by beside its frame; what trades and searches set is not here."""

    features: FeatureSettings = FeatureSettings()
    sessions: SessionSettings = SessionSettings()
    regime: RegimeSettings = RegimeSettings()
