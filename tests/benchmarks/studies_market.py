"""The market and the studies that benchmarks of searches are made on."""

from dataclasses import replace
from functools import cache

from research.data.synthetic.market import SyntheticSpec
from research.features.labels import Segment, segment_of
from research.features.panel import Panel, features
from research.frame.load import synthetic_frame
from strategies.backtest.model import executable_model
from strategies.registry import bases
from sweeps.settings import Settings
from sweeps.study.search import plan_studies, train_rows
from sweeps.study.spec import StudySpec

__all__ = ["market", "study"]

SETTINGS = Settings()
MODEL = executable_model(SETTINGS)


@cache
def market(days: float, seed: int = 7) -> Panel:
    """A synthetic market with its planted lead; regime edges of the training rows."""
    frame = synthetic_frame(SyntheticSpec(days=days, seed=seed))
    panel = features(frame, SETTINGS.panel)
    return panel.with_edges_of(train_rows(panel, SETTINGS))


def study(
    panel: Panel, name: str = "lead-short", segment: str = "all", **changes: object
) -> StudySpec:
    """One study of the default settings, changed."""
    segments: list[Segment] = [segment_of(segment)]
    assert name in bases()
    (spec,) = plan_studies(panel, SETTINGS, MODEL, names=[name], segments=segments)
    return replace(spec, **changes)  # type: ignore[arg-type]
