"""Every table of the settings file, with its defaults."""

from pydantic import Field

from research.settings.costs import CostSettings
from research.settings.features import (
    FeatureSettings,
    PanelSettings,
    RegimeSettings,
    SessionSettings,
)
from research.settings.fetch import FetchSettings
from research.settings.frame import FrameSettings
from research.settings.market import MarketSettings, default_markets
from research.settings.section import Section
from research.settings.store import StoreSettings
from research.settings.synthetic import SyntheticSettings
from strategies.bot.settings import BotSettings
from strategies.live.alerts.bell import AlertSettings
from strategies.live.settings import GateSettings, PaperSettings, RiskSettings
from strategies.settings import ExecutionSettings, FilterSettings
from sweeps.settings.tables import AxesSettings, ClusterSettings, StudySettings, VerdictSettings

__all__ = ["Settings"]


class Settings(Section):
    """Everything in force for one command."""

    market: str = "BTC"
    markets: dict[str, MarketSettings] = Field(default_factory=default_markets)
    store: StoreSettings = StoreSettings()
    fetch: FetchSettings = FetchSettings()
    frame: FrameSettings = FrameSettings()
    features: FeatureSettings = FeatureSettings()
    sessions: SessionSettings = SessionSettings()
    regime: RegimeSettings = RegimeSettings()
    costs: CostSettings = CostSettings()
    execution: ExecutionSettings = ExecutionSettings()
    filters: FilterSettings = FilterSettings()
    axes: AxesSettings = Field(default_factory=AxesSettings)
    study: StudySettings = StudySettings()
    cluster: ClusterSettings = ClusterSettings()
    verdict: VerdictSettings = VerdictSettings()
    bot: BotSettings = BotSettings()
    risk: RiskSettings = RiskSettings()
    gate: GateSettings = GateSettings()
    paper: PaperSettings = PaperSettings()
    alerts: AlertSettings = AlertSettings()
    synthetic: SyntheticSettings = SyntheticSettings()

    @property
    def panel(self) -> PanelSettings:
        """What features are made by."""
        return PanelSettings(features=self.features, sessions=self.sessions, regime=self.regime)
