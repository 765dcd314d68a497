"""What most commands start with: settings, a frame, the rows asked for, the models to show."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from research.errors import SettingsError
from research.features.panel import Panel, features
from research.frame.frame import Frame
from research.frame.load import load_frame
from strategies.backtest.model import Model, executable_model, plain_model
from sweeps.cli.options import ModelName
from sweeps.settings import Settings, changed, load_settings

__all__ = ["Session", "choose_models"]


@dataclass(frozen=True, slots=True)
class Session:
    """Settings in force, the whole panel, and the rows of it that the command is about."""

    settings: Settings
    panel: Panel
    rows: slice

    @property
    def frame(self) -> Frame:
        """The frame under the panel."""
        return self.panel.frame

    @classmethod
    def open(
        cls,
        *,
        config: Path | None = None,
        market: str | None = None,
        frame: Path | None = None,
        store: Path | None = None,
        hours: float | None = None,
        train_share: float | None = None,
        changes: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> "Session":
        """Loads settings and frame; features see all minutes, ``rows`` the last ``hours``.

        With ``train_share`` the regime edges are fitted on that first part of the frame only.
        ``changes``: values by section and name that a command line sets; None changes nothing.
        """
        settings = changed(load_settings(config), changes or {})
        if hours is not None and not hours > 0:
            raise SettingsError(f"--hours must be above 0, was {hours:g}")
        loaded = load_frame(
            market or settings.market,
            store=store or settings.store.folder,
            file=frame,
            rule=settings.frame,
        )
        n = len(loaded)
        train_rows = None if train_share is None else max(1, int(n * train_share))
        panel = features(loaded, settings.panel, train_rows=train_rows)
        start = 0 if hours is None else max(0, n - round(hours * 60))
        return cls(settings, panel, slice(start, n))


def choose_models(
    settings: Settings,
    *,
    name: ModelName | None,
    fees_bps: float,
    overrides: Mapping[str, Any] | None = None,
) -> list[Model]:
    """The models to show, plain first.

    ``overrides``: fill, touch, overlap, max_age_min, reference; None leaves a model's own value.
    They apply to every model shown.
    """
    given = {key: value for key, value in (overrides or {}).items() if value is not None}
    execution = {key: given[key] for key in ("fill", "touch", "overlap") if key in given}
    reading = {key: given[key] for key in ("max_age_min", "reference") if key in given}
    chosen = [plain_model(fees_bps), executable_model(settings)]
    return [
        replace(model, execution=replace(model.execution, **execution), **reading)
        for model in chosen
        if name is None or model.name == name
    ]
