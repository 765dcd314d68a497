"""Who leads, and what a trigger is followed by: sentences and pictures for the page of a run."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from research.atomic import write_json
from research.errors import EvidenceError
from research.features.panel import Panel
from research.leadlag.event_study import EventSpec, event_study
from research.leadlag.lag import LagSpec, lead_lag
from research.leadlag.minutes import pair_minutes
from research.leadlag.sentences import event_sentences, lead_sentences
from research.plots.events import draw_events, events_info
from research.plots.figure import svg_text
from research.plots.leadlag import draw_lag, lag_info
from strategies.registry import strategies

__all__ = ["LEAD", "write_lead"]

LEAD = Path("page") / "lead.json"
_DRAWS = 200  # of each band: a page wants the picture; `leadfollow leadlag` resamples more


def write_lead(panel: Panel, folder: Path, about: Mapping[str, Any], cost_bps: float) -> None:
    """Writes what both studies say, each with its picture, or why it cannot be said.

    Parameters
    ----------
    cost_bps
        A round trip on dYdX, without funding.

    Raises
    ------
    StoreError
        ``folder`` cannot be written.
    """
    told = {"lead-lag": _lead(panel)}
    for strategy in strategies():
        if strategy.uses_lead:
            told[f"event study of {strategy.name}, usual parameters"] = _events(
                panel, strategy.name, cost_bps
            )
    body = {"schema": "leadfollow.page-lead/1", "studies": told, "about": dict(about)}
    write_json(folder / LEAD, body)


def _lead(panel: Panel) -> dict[str, Any]:
    try:
        found = lead_lag(panel, spec=LagSpec(draws=_DRAWS))
    except EvidenceError as error:
        return {"says": [str(error)], "picture": None}
    return _told(lead_sentences(found), draw_lag(lag_info(found, label=panel.frame.label)))


def _events(panel: Panel, name: str, cost_bps: float) -> dict[str, Any]:
    (strategy,) = (each for each in strategies() if each.name == name)
    sides = {strategy.side_of(base): base for base in strategy.bases().values()}
    if set(sides) != {-1, 1}:
        return {"says": [f"{name} takes one side only"], "picture": None}
    base: Any = sides[1]
    horizon = int(getattr(base, strategy.hold_axis))
    spec = EventSpec(horizon=horizon, after=max(2 * horizon, 30), draws=_DRAWS)
    try:
        study = event_study(
            pair_minutes(panel, slice(None), base.reference),
            strategy.signals(panel, sides[1]),
            strategy.signals(panel, sides[-1]),
            spec,
        )
    except EvidenceError as error:
        return {"says": [str(error)], "picture": None}
    info = events_info(study, cost_bps=cost_bps, label=panel.frame.label)
    return _told(event_sentences(study, cost_bps), draw_events(info))


def _told(says: Sequence[str], figure: Any) -> dict[str, Any]:
    return {"says": list(says), "picture": svg_text(figure)}
