"""The ``[store]`` table of the settings file: where minutes and results are kept."""

from pathlib import Path

from research.settings.section import Section

__all__ = ["StoreSettings"]


class StoreSettings(Section):
    """Where minutes and results are kept."""

    folder: Path = Path("data")
    runs: Path = Path("runs")
