"""A finished run on four synthetic days, for whatever reads the folder of one."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from research.features.panel import features
from sweeps.pipeline import run_pipeline
from sweeps.settings import Settings
from tests.samples.markets import small_frame

__all__ = ["SETTINGS", "make_run"]

SETTINGS = {
    "verdict": {"resamples": 199, "stretches": 2},
    "study": {"trials": 4, "min_events": 5, "segments": "all", "workers": 1},
    "axes": {
        "lead": {"spread_entry": [0.02, 0.04, 0.06], "move_pct": [0.05, 0.15], "tp": [0.2, 0.4]},
        "reversion": {"entry": [0.04, 0.08], "exit": [0.0, 0.02]},
    },
}


@contextmanager
def _silent(title: str, total: int) -> Iterator[Callable[[int], Any]]:
    yield lambda steps: None


def make_run(folder: Path) -> Path:
    """The main job into ``folder``."""
    settings = Settings.model_validate(SETTINGS)
    frame = small_frame()
    panel = features(frame, settings.panel, train_rows=int(0.7 * len(frame)))
    run_pipeline(
        panel,
        settings,
        folder,
        command=["leadfollow", "run", "--synthetic"],
        fees_bps=8.0,
        stage=_silent,
        now=datetime(2026, 1, 1, tzinfo=UTC),
    )
    return folder
