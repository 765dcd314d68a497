"""``leadfollow.toml`` as a whole: ``tables`` of experiments, the ``tree`` of all, the ``file``."""

from sweeps.settings.file import (
    CONFIG_VARIABLE,
    DEFAULT_FILE,
    STORE_VARIABLE,
    changed,
    load_settings,
    origins,
)
from sweeps.settings.tables import AxesSettings, StudySettings, VerdictSettings
from sweeps.settings.tree import Settings

__all__ = [
    "CONFIG_VARIABLE",
    "DEFAULT_FILE",
    "STORE_VARIABLE",
    "AxesSettings",
    "Settings",
    "StudySettings",
    "VerdictSettings",
    "changed",
    "load_settings",
    "origins",
]
