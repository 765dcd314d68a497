"""The panel of a file: features and labels as its own numbers make them."""

import numpy as np

from research.features.labels import RegimeEdges
from research.features.panel import Panel, features
from research.frame.frame import Frame
from research.settings.features import (
    FeatureSettings,
    PanelSettings,
    SessionSettings,
)
from strategies.bot.contract import BotConfig

__all__ = ["panel_of"]


def panel_of(config: BotConfig, frame: Frame) -> Panel:
    """Features and labels of ``frame`` as the file's numbers make them."""
    lookbacks = {} if config.lookbacks is None else config.lookbacks.model_dump()
    low, high = (
        np.nan if edge is None else edge for edge in (config.regime.low, config.regime.high)
    )
    return features(
        frame,
        PanelSettings(
            features=FeatureSettings(
                basis_min=config.basis_min, atr_min=config.regime.atr_min, **lookbacks
            ),
            sessions=SessionSettings(**{str(name): hour for name, hour in config.sessions.items()}),
        ),
        edges=RegimeEdges(
            low=low, high=high, fitted_on=config.regime.fitted_on, is_in_sample=False
        ),
    )
