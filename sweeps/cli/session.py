"""What most commands start with: settings, a frame, the rows asked for, the models to show."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from research.data.quality.red import RedFinding, check_comparable, findings_of_frame
from research.data.synthetic.market import SyntheticSpec
from research.errors import FrameError, SettingsError
from research.features.panel import Panel, features
from research.frame.frame import Frame
from research.frame.load import load_frame, synthetic_frame
from strategies.backtest.model import Model, executable_model, plain_model
from sweeps.cli.groups import Overrides, Source
from sweeps.cli.options import ModelName
from sweeps.cli.terminal import warn
from sweeps.settings import Settings, changed, load_settings

__all__ = ["PLAIN_FEES_BPS", "Session", "choose_models", "findings_in"]

PLAIN_FEES_BPS = 8.0
_FEWEST_ROWS = 2 * 1440


@dataclass(frozen=True, slots=True)
class Session:
    """Settings in force, the whole panel, and the rows of it that the command is about."""

    settings: Settings
    panel: Panel
    rows: slice
    findings: tuple[RedFinding, ...] = ()  # what makes the rows doubtful

    @property
    def frame(self) -> Frame:
        """The frame under the panel."""
        return self.panel.frame

    @classmethod
    def open(
        cls,
        source: Source,
        *,
        hours: float | None = None,
        is_trained: bool = False,
        is_synthetic: bool = False,
        changes: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> "Session":
        """Loads settings and frame; features see all minutes, ``rows`` the last ``hours``.

        Parameters
        ----------
        is_trained
            The regime edges are fitted on the rows that searches may see, the first
            ``study.train_share`` of the frame, and on no later one.
        is_synthetic
            The frame is the embedded market of the settings, in place of a store or a file.

        What quality finds in the rows is printed at once, in red; where their prices are not
        comparable the command ends, unless ``source.anyway``.

        changes
            Values by section and name that a command line sets; None changes nothing.
        """
        settings = changed(load_settings(source.config), changes or {})
        if hours is not None and not hours > 0:
            raise SettingsError(f"--hours must be above 0, was {hours:g}")
        if is_synthetic:
            loaded = _synthetic(settings, source)
        else:
            loaded = load_frame(
                source.market or settings.market,
                store=source.store or settings.store.folder,
                file=source.frame,
                rule=settings.frame,
                price_scale=_scale_of(settings, source),
                anyway=source.anyway,
            )
        n = len(loaded)
        train_rows = settings.study.train_rows(n) if is_trained else None
        panel = features(loaded, settings.panel, train_rows=train_rows)
        start = 0 if hours is None else max(0, n - round(hours * 60))
        findings = () if is_synthetic else findings_in(loaded, start)
        for finding in findings:
            warn(finding.sentence)
        check_comparable(findings, market=loaded.market, anyway=source.anyway)
        return cls(settings, panel, slice(start, n), findings)


def choose_models(
    settings: Settings,
    *,
    name: ModelName | None,
    fees_bps: float | None = None,
    overrides: Overrides | None = None,
) -> list[Model]:
    """The models to show, plain first; ``overrides`` apply to every one of them.

    ``fees_bps``: round trip of the plain model; of any model where one alone is asked for.
    """
    changes = overrides or Overrides()
    executable = executable_model(settings)
    if name is not None and fees_bps is not None:
        executable = replace(executable, fees_bps=fees_bps)
    chosen = [
        plain_model(PLAIN_FEES_BPS if fees_bps is None else fees_bps, settings.filters),
        executable,
    ]
    return [changes.on(model) for model in chosen if name is None or model.name == name]


def findings_in(frame: Frame, start: int) -> tuple[RedFinding, ...]:
    """What makes the rows from ``start`` on doubtful; two days at least are looked at."""
    splits = tuple(
        RedFinding(each.sentence(), True) for each in frame.exclusions if each.is_other_scale
    )
    rows = frame.table.iloc[min(start, max(len(frame) - _FEWEST_ROWS, 0)) :]
    try:
        return splits + findings_of_frame(rows)
    except FrameError:  # a venue is silent throughout: presence says so
        return splits


def _scale_of(settings: Settings, source: Source) -> float:
    market = settings.markets.get(source.market or settings.market)
    return 1.0 if market is None else market.price_scale


def _synthetic(settings: Settings, source: Source) -> Frame:
    if any(place is not None for place in (source.market, source.frame, source.store)):
        raise SettingsError("--synthetic makes its own minutes; leave out --market/--frame/--store")
    wanted = settings.synthetic
    return synthetic_frame(SyntheticSpec(days=wanted.days, seed=wanted.seed, edge=wanted.edge))
