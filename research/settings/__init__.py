"""The tables of ``leadfollow.toml`` that facts are made by: one file a group of tables.

What trades are made by stands in ``strategies.settings``; the whole file, and how it is read, in
``sweeps.settings``.
"""

from research.settings.costs import CostSettings
from research.settings.features import (
    FeatureSettings,
    PanelSettings,
    RegimeSettings,
    SessionSettings,
)
from research.settings.fetch import FetchSettings
from research.settings.frame import FrameSettings
from research.settings.market import MarketSettings
from research.settings.section import Section
from research.settings.store import StoreSettings
from research.settings.synthetic import SyntheticSettings

__all__ = [
    "CostSettings",
    "FeatureSettings",
    "FetchSettings",
    "FrameSettings",
    "MarketSettings",
    "PanelSettings",
    "RegimeSettings",
    "Section",
    "SessionSettings",
    "StoreSettings",
    "SyntheticSettings",
]
