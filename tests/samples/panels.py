"""Frames and panels for tests, from the plain dicts of the independent reference."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from research.features.panel import Panel, features
from research.frame.frame import COLUMNS, OPTIONAL, Frame
from research.provenance import Origin
from research.settings.features import PanelSettings

FIRST_MINUTE = pd.Timestamp("2026-01-05T00:00Z")


def frame_of(columns: Mapping[str, Sequence[float]], market: str = "TEST") -> Frame:
    """A frame from lists of equal length, minutes counted from a Monday."""
    n = len(columns["dydx_close"])
    columns = {"binance_age_min": [0.0] * n} | dict(columns)
    index = pd.date_range(FIRST_MINUTE, periods=n, freq="min", unit="ms", name="minute")
    names = [name for name in (*COLUMNS, *OPTIONAL) if name in columns]
    table = pd.DataFrame({name: columns[name] for name in names}, index=index, dtype=np.float64)
    origin = Origin(content_sha256="test", first_minute=f"{FIRST_MINUTE}", last_minute="")
    return Frame(table, market, origin)


def panel_of(columns: Mapping[str, Sequence[float]], basis_min: int = 720, **options: Any) -> Panel:
    """The panel of :func:`frame_of`."""
    settings = PanelSettings.model_validate({"features": {"basis_min": basis_min}})
    return features(frame_of(columns), settings, **options)
