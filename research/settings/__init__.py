"""``leadfollow.toml``: one file a group of tables, and how the file is read."""

from research.settings.features import (
    FeatureSettings,
    PanelSettings,
    RegimeSettings,
    SessionSettings,
)
from research.settings.fetch import FetchSettings
from research.settings.file import (
    DEFAULT_FILE,
    AxesSettings,
    CostSettings,
    ExecutionSettings,
    ExportSettings,
    MarketSettings,
    Settings,
    StoreSettings,
    StudySettings,
    SyntheticSettings,
    changed,
    load_settings,
    origins,
)
from research.settings.frame import FrameSettings
from research.settings.section import Section

__all__ = [
    "DEFAULT_FILE",
    "AxesSettings",
    "CostSettings",
    "ExecutionSettings",
    "ExportSettings",
    "FeatureSettings",
    "FetchSettings",
    "FrameSettings",
    "MarketSettings",
    "PanelSettings",
    "RegimeSettings",
    "Section",
    "SessionSettings",
    "Settings",
    "StoreSettings",
    "StudySettings",
    "SyntheticSettings",
    "changed",
    "load_settings",
    "origins",
]
