"""What one study searches: everything that must be the same in every sitting."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from research.features.labels import SEGMENTS, Segment
from research.features.panel import Panel
from research.jit import kernels_digest
from strategies.backtest.model import Model
from strategies.registry import Params, title_of
from sweeps.settings.tables import SamplerName
from sweeps.study.objective import confined
from sweeps.study.space import SearchSpace

__all__ = ["StudySpec", "differences", "digest_of", "fallback_of", "parents_of"]

_SHOWN = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class StudySpec:
    """One search.

    Attributes
    ----------
    trials, patience, until
        When to stop: so many trials, so many in a row without a better one (0: never), or a
        time in seconds since 1970 (None: never).
    """

    base: Params  # read the way of the model, not yet confined
    space: SearchSpace
    segment: Segment
    model: Model
    rows: slice  # training rows: nothing after them is looked at
    trials: int
    seed: int
    min_events: int
    folds: int = 1
    embargo: int = 0  # minutes after each fold's beginning
    max_loss_pct: float = 100.0  # of one trade, percent of notional: more is infeasible
    sampler: SamplerName = "tpe"
    patience: int = 0
    until: float | None = None

    @property
    def name(self) -> str:
        """``lead-long.asia-wild``."""
        return f"{title_of(self.base)}.{self.segment.name.replace('/', '-')}"

    @property
    def confined_base(self) -> Params:
        """The base parameters with entries in the segment only."""
        return confined(self.base, self.segment)

    @property
    def parent(self) -> Segment | None:
        """The segment whose mean the folds are drawn to; None for the root."""
        parents = parents_of(self.segment)
        return parents[0] if parents else None

    def about(self, panel: Panel) -> dict[str, Any]:
        """What must not change between two sittings, by name, as JSON."""
        return {
            "market": panel.frame.market,
            "data": panel.frame.origin.content_sha256,
            "laws and engine": _laws(),
            "rows": [self.rows.start, self.rows.stop],
            "regime edges": [panel.edges.low, panel.edges.high],
            "entry axes": [[axis.name, *axis.levels] for axis in self.space.entries],
            "exit axes": self.space.exits,
            "model": self.model.describe(),
            "costs": repr(self.model.costs(self.base)),
            "parameters": repr(self.confined_base),
            "sampler": self.sampler,
            "seed": self.seed,
            "min_events": self.min_events,
            "folds": self.folds,
            "embargo_min": self.embargo,
            "max_loss_pct": self.max_loss_pct,
        }


def digest_of(about: Mapping[str, Any]) -> str:
    """16 hex digits of :meth:`StudySpec.about`."""
    return hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()[:16]


def differences(known: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    """``seed: 7 -> 8`` for everything that differs, in the order of ``now``."""
    for name, value in now.items():
        before = known.get(name, "(not said)")
        if before != value:
            yield f"{name}: {_apart(_text(before), _text(value))}"


def parents_of(segment: Segment) -> tuple[Segment, ...]:
    """Session and regime of a cell; all of a session or regime; none of all."""
    if segment.session is None and segment.regime is None:
        return ()
    if segment.session is None or segment.regime is None:
        return (SEGMENTS[0],)
    return Segment(segment.session, None), Segment(None, segment.regime)


def fallback_of(segment: Segment, bounds: Mapping[Segment, float]) -> Segment | None:
    """The nearest ancestor with a feasible set: of two parents that with the higher bound.

    Parameters
    ----------
    bounds
        Score of the best set of each segment that has one.
    """
    parents = parents_of(segment)
    known = [parent for parent in parents if parent in bounds]
    if known:
        return max(known, key=lambda parent: bounds[parent])
    return fallback_of(parents[0], bounds) if parents else None


@cache
def _laws() -> str:
    return kernels_digest()  # 30 ms, and the same for every study of a process


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _apart(before: str, now: str) -> str:
    """``before -> now``; of long ones the place where they begin to differ."""
    if max(len(before), len(now)) <= _SHOWN:
        return f"{before} -> {now}"
    pairs = enumerate(zip(before, now, strict=False))
    at = next((place for place, (a, b) in pairs if a != b), min(len(before), len(now)))
    first = max(at - _SHOWN // 2, 0)
    shown = [f"...{text[first : first + _SHOWN]}..." for text in (before, now)]
    return " -> ".join(shown)
