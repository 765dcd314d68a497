"""Two runs side by side: what was set differently, who won, and where the heatmaps differ."""

import base64
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from research.errors import LeadfollowError
from research.plots.figure import svg_text
from research.plots.heatmap import HeatmapInfo, HeatmapPanel, draw_heatmap
from sweeps.grid.heatmaps import heatmap_info
from sweeps.grid.looks.derived import LookedAt
from sweeps.grid.looks.find import grids_at
from sweeps.report.page.findings import signed
from sweeps.report.page.html import Html, element, table
from sweeps.report.page.page import document
from sweeps.report.page.run_folder import RunFolder

__all__ = ["compare_page", "difference", "settings_diff"]

_WHERE_FROM = ("data.content_sha256", "data.first_minute", "data.last_minute")
_SEGMENTS = ("all", "asia", "europe", "us", "calm", "normal", "wild")


def compare_page(one: RunFolder, other: RunFolder) -> str:
    """The page of both; a part that cannot be read says so in its place."""
    names = (one.path.name, other.path.name)
    changed = list(settings_diff(one, other))
    settings = (
        table("What differs in settings, data and versions", ("name", *names), changed)
        if changed
        else element("p", "Nothing differs in settings, data and versions.")
    )
    parts = [
        element("p", element("a", "All runs", href="/")),
        element("h1", f"{names[0]} beside {names[1]}"),
        element("h2", "Settings"),
        settings,
        element("h2", "Claims"),
        table(
            "Claims that either proves, and whole sides",
            ("claim", f"{names[0]}: mean %", "verdict", f"{names[1]}: mean %", "verdict"),
            _claims(one, other),
        ),
        element("h2", f"Heatmaps: {names[1]} minus {names[0]}"),
        *_heatmaps(one, other),
    ]
    return document(f"{names[0]} beside {names[1]}", element("main", *parts))


def settings_diff(one: RunFolder, other: RunFolder) -> Iterator[tuple[str, str, str]]:
    """Name and both values of everything that differs; ``-`` where one has no such name."""
    first, second = (dict(_told(run)) for run in (one, other))
    for name in sorted({*first, *second}):
        if first.get(name) != second.get(name):
            yield name, first.get(name, "-"), second.get(name, "-")


def _told(run: RunFolder) -> Iterator[tuple[str, str]]:
    told = run.report["provenance"]
    yield from _flat(told["parameters"].get("settings", {}), "")
    for name, version in told["versions"].items():
        yield f"versions.{name}", str(version)
    yield "seed", str(told["seed"])
    yield "command", str(told["command"])
    for name in _WHERE_FROM:
        yield name, str(told["data"][name.removeprefix("data.")])


def _flat(values: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, str]]:
    for name, value in values.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", str(value)


def _claims(one: RunFolder, other: RunFolder) -> Iterator[tuple[str, ...]]:
    first, second = one.report["verdict"], other.report["verdict"]
    for name in dict.fromkeys([*first, *second]):
        pair = [each.get(name) for each in (first, second)]
        is_shown = name.endswith(".all") or any(each and each["enabled"] for each in pair)
        if is_shown:
            cells = [_claim(each) for each in pair]
            yield (name, *cells[0], *cells[1])


def _claim(claim: Mapping[str, Any] | None) -> tuple[str, str]:
    if claim is None:
        return "-", "not asked"
    mean = claim["out_of_sample"].get("avg_pnl")
    return signed(mean), "enabled" if claim["enabled"] else "refused"


def _heatmaps(one: RunFolder, other: RunFolder) -> Iterator[Html]:
    try:
        first = {grid.name: grid for grid, _ in grids_at(one.path)}
        second = {grid.name: grid for grid, _ in grids_at(other.path)}
    except LeadfollowError as error:
        yield element("p", str(error), class_="alarm")
        return
    for name in dict.fromkeys([*first, *second]):
        if name not in first or name not in second:
            yield element("p", f"{name}: only one of the runs has this grid.")
            continue
        try:
            info = difference(first[name], second[name])
        except LeadfollowError as error:
            yield element("p", f"{name}: {error}", class_="alarm")
            continue
        if info is None:
            yield element("p", f"{name}: the axes have other levels, so no cell is the same.")
            continue
        image = base64.b64encode(svg_text(draw_heatmap(info)).encode()).decode()
        words = f"{info.title}: difference of the best lower bound in each cell, by segment"
        source = f"data:image/svg+xml;base64,{image}"
        yield element("figure", element("img", src=source, alt=words, class_="sheet"))


def difference(one: LookedAt, other: LookedAt) -> HeatmapInfo | None:
    """What ``other`` shows minus what ``one`` shows, cell by cell; None with other axes' levels."""
    x, y = one.spec.strategy.heatmap_axes
    infos = [heatmap_info(grid, x, y, segments=_SEGMENTS) for grid in (one, other)]
    first, second = infos
    if not all(
        np.array_equal(getattr(first, axis).levels, getattr(second, axis).levels)
        for axis in ("x", "y")
    ):
        return None
    panels = tuple(map(_minus, first.panels, second.panels))
    known = np.concatenate([panel.values[~panel.is_thin] for panel in panels])
    known = known[np.isfinite(known)]
    end = float(np.abs(known).max(initial=0.0)) or 1.0
    return replace(
        second,
        title=f"{other.name}: {second.value} over {x} and {y}, difference",
        subtitle=f"{other.label} minus {one.label}",
        limits=(-end, end),
        panels=panels,
        notes=("each cell: its best set of the one run against that of the other",),
    )


def _minus(one: HeatmapPanel, other: HeatmapPanel) -> HeatmapPanel:
    events = np.minimum(one.events, other.events)
    is_thin = one.is_thin | other.is_thin
    return replace(
        other,
        values=other.values - one.values,
        events=events,
        is_thin=is_thin,
        best=None,
        plateau=None,
    )
