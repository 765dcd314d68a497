"""What both commands write: all numbers as JSON, and the picture twice."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import is_dataclass
from pathlib import Path
from typing import Any

import numpy as np

from research.atomic import write_json
from research.features.labels import Segment
from research.features.panel import Panel
from research.leadlag.event_study import EventStudy
from research.leadlag.lag import LeadLag
from research.leadlag.sentences import event_sentences, lead_sentences
from research.plots.events import draw_events, events_info
from research.plots.figure import save_figure
from research.plots.leadlag import draw_lag, lag_info
from research.provenance import provenance
from sweeps.cli.terminal import say

__all__ = ["json_of", "write_events", "write_lead"]


def write_lead(folder: Path, panel: Panel, found: LeadLag, *, command: Sequence[str]) -> None:
    """``leadlag.json``, ``.png`` and ``.svg`` in ``folder``. Raises StoreError."""
    label = panel.frame.label
    about = _about(panel, {"spec": json_of(found.spec)}, found.spec.seed, command)
    body = {"says": lead_sentences(found), "leadlag": json_of(found), "about": about}
    notes = _notes(panel)
    figure = draw_lag(lag_info(found, label=label, notes=notes))
    for path in _pictures(folder, "leadlag"):
        save_figure(figure, path, about)
    _write(folder, "leadlag", body)


def write_events(
    folder: Path,
    panel: Panel,
    study: EventStudy,
    trigger: Mapping[str, Any],
    *,
    cost_bps: float,
    command: Sequence[str],
) -> None:
    """``events.json``, ``.png`` and ``.svg`` in ``folder``. Raises StoreError."""
    parameters = {"trigger": dict(trigger), "spec": json_of(study.spec), "cost_bps": cost_bps}
    about = _about(panel, parameters, study.spec.seed, command)
    body = {
        "says": event_sentences(study, cost_bps),
        "events": json_of(study),
        "about": about,
    }
    words = ", ".join(f"{name} {value}" for name, value in trigger.items())
    info = events_info(
        study, cost_bps=cost_bps, label=f"{panel.frame.label}; {words}", notes=_notes(panel)
    )
    figure = draw_events(info)
    for path in _pictures(folder, "events"):
        save_figure(figure, path, about)
    _write(folder, "events", body)


def json_of(value: Any) -> Any:
    """``value`` for JSON: arrays as lists, segments by name, NaN and infinity as null."""
    if is_dataclass(value) and not isinstance(value, type):
        return {name: json_of(getattr(value, name)) for name in value.__dataclass_fields__}
    if isinstance(value, Segment):  # a tuple, too
        return value.name
    if isinstance(value, np.ndarray):
        return json_of(value.tolist())
    if isinstance(value, (list, tuple)):
        return [json_of(each) for each in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def _pictures(folder: Path, name: str) -> list[Path]:
    return [folder / f"{name}.{ending}" for ending in ("png", "svg")]


def _write(folder: Path, name: str, body: dict[str, Any]) -> None:
    write_json(folder / f"{name}.json", body)
    say(f"wrote {folder}/{name}.json, {name}.png, {name}.svg")


def _about(
    panel: Panel, parameters: Mapping[str, Any], seed: int, command: Sequence[str]
) -> dict[str, Any]:
    return provenance(origin=panel.frame.origin, parameters=parameters, command=command, seed=seed)


def _notes(panel: Panel) -> tuple[str, ...]:
    return ("Regimes: edges in-sample.",) if panel.edges.is_in_sample else ()
