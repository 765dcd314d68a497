"""The verdict on a market: walked forward, judged, stressed, compared with placebos, written down.

::

    search ──> walk ──> prove ──> judge ──> Verdict ──> table, JSON, bot config
                                    └── effects, stress, placebos, bias: lines beside it

What is proven is that *searching* pays: the walk's searches are made anew at every step. What is
exported is what the same search finds on everything before the holdout.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from research.errors import EvidenceError
from research.features.panel import Panel
from research.statistics.mean_test import mean_test
from research.statistics.shrinkage import shrink
from sweeps.ledger import Ledger, Look
from sweeps.settings import VerdictSettings
from sweeps.verdict.bias import bias_lines
from sweeps.verdict.choice import GridSearch
from sweeps.verdict.claims import Claim
from sweeps.verdict.effects import effect_lines
from sweeps.verdict.judgement import Judged, judge
from sweeps.verdict.lines import Line
from sweeps.verdict.placebos import placebo_lines
from sweeps.verdict.stress import stress_lines
from sweeps.verdict.walk import Walk, WalkKind, walk

__all__ = ["Stage", "Verdict", "reach_verdict"]

Stage = Callable[[str, int], AbstractContextManager[Callable[[int], Any]]]
"""Opens a progress line: title and total in, a function that takes finished steps out."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Verdict:
    """Everything that was found out about one market.

    Attributes
    ----------
    judged
        Every claim, in the order of the bases, ``all`` first.
    lines
        Of the claims shown: sides, and segments that are proven; those that decide come first.
        Segments of what trades already have no stress and no placebos of their own.
    borrowed
        By claim: mean of the pooled trades drawn to its side's, percent a trade.
    sets_searched
        By all different searches of these minutes so far, this one among them.
    opened_before
        When this holdout, or a part of it, was opened before; the same verdict twice among them.
    identity
        Of data, grids and model: the same search has the same.
    """

    walk: Walk
    judged: tuple[Judged, ...]
    lines: tuple[Line, ...]
    borrowed: dict[Claim, float]
    sets_searched: int
    opened_before: tuple[Look, ...]
    identity: str

    @property
    def enabled(self) -> tuple[Judged, ...]:
        """What may trade."""
        return tuple(each for each in self.judged if each.enabled)

    @property
    def sides(self) -> tuple[Judged, ...]:
        """The claims about every minute."""
        return tuple(each for each in self.judged if each.claim.is_everywhere)

    @property
    def shown(self) -> tuple[Judged, ...]:
        """The claims that the table is about."""
        return tuple(_shown(self.judged))

    def lines_of(self, judged: Judged) -> tuple[Line, ...]:
        """All lines about one claim."""
        return tuple(line for line in self.lines if line.claim == judged.name)


def reach_verdict(
    panel: Panel,
    search: GridSearch,
    settings: VerdictSettings,
    *,
    seed: int,
    stage: Stage,
    now: datetime,
    ledger: Ledger | None = None,
    sets_beside: int = 0,
) -> Verdict:
    """Walks ``panel`` forward with ``search`` and judges what it traded.

    Parameters
    ----------
    now
        When, for the ledger.
    ledger
        Where looks are counted and the opening of the holdout is written down; None counts this
        look alone and writes nothing.
    sets_beside
        Sets that grids and studies of the same run looked at on these minutes.

    Raises
    ------
    EvidenceError
        The frame is too short for a walk.
    StoreError
        The ledger cannot be read or written.
    """
    with stage("walk forward: search, freeze, trade", settings.stretches + 1) as advance:
        walked = walk(panel, search, settings, on_search=advance)
    searched, opened = _looks(walked, search, settings, now, sets_beside)
    sets, before = searched.sets, tuple[Look, ...]()
    if ledger is not None:
        sets, before = ledger.sets_searched(searched), tuple(ledger.before(opened))
        ledger.add(searched)
        ledger.add(opened)
    judged = tuple(judge(walked, settings, seed))
    shown = list(_shown(judged))
    lines: list[Line] = []
    with stage("stress, placebos, search bias", len(shown) + 1) as advance:
        for each in shown:
            lines += each.lines
            lines += effect_lines(
                walked, each, order_usd=settings.order_usd, level=_level(each, walked, settings)
            )
            if not _is_in_another(each):
                lines += stress_lines(walked, search, each)
                lines += placebo_lines(walked, each, settings, seed)
            if each.claim.is_everywhere:
                lines += bias_lines(
                    walked,
                    each,
                    search.specs[each.claim.base],
                    settings,
                    sets_searched=sets,
                    seed=seed,
                    threads=search.threads,
                )
            advance(1)
        lines += _other_walk(panel, search, settings, walked, shown, seed)
        advance(1)
    return Verdict(
        walk=walked,
        judged=judged,
        lines=tuple(lines),
        borrowed=_borrowed(judged),
        sets_searched=sets,
        opened_before=before,
        identity=opened.identity,
    )


def _shown(judged: Sequence[Judged]) -> Iterator[Judged]:
    for each in judged:
        failed = [line.check for line in each.lines if not line.passed]
        if each.claim.is_everywhere or not failed or "proven" not in failed:
            yield each


def _is_in_another(judged: Judged) -> bool:
    """Whether it is proven as a part of what trades already: its stress would decide nothing.

    Where both sides are proven over a year nearly every segment is: 36 times the same hours.
    """
    failed = [line.check for line in judged.lines if not line.passed]
    return failed == ["beyond parent"]


def _level(judged: Judged, walked: Walk, settings: VerdictSettings) -> float:
    """The p-value that a side must reach at its first gate: alpha times its family's share."""
    sides = [claim.strategy for claim in walked.claims if claim.is_everywhere]
    share = sides.count(judged.claim.strategy) / len(sides)
    return settings.alpha * share * (1 - settings.segment_share)


def _other_walk(
    panel: Panel,
    search: GridSearch,
    settings: VerdictSettings,
    walked: Walk,
    shown: Sequence[Judged],
    seed: int,
) -> Iterator[Line]:
    """The same claims walked the other way: rolling for anchored, anchored for rolling."""
    kind: WalkKind = "rolling" if walked.kind == "anchored" else "anchored"
    try:
        other = walk(panel, search, settings, kind=kind)
    except EvidenceError as error:
        yield from (
            Line(claim=each.name, check=f"{kind} walk", sentence=str(error)) for each in shown
        )
        return
    for each in shown:
        trades = other.trades[each.claim]
        try:
            test = mean_test(trades.net_pct, trades.day, seed=seed)
        except EvidenceError as error:
            yield Line(claim=each.name, check=f"{kind} walk", sentence=str(error))
            continue
        yield Line(
            claim=each.name,
            check=f"{kind} walk",
            number=test.mean,
            unit="%",
            needs="> 0",
            passed=test.mean > 0,
            sentence=f"mean {test.mean:+.4f} % over {test.trades} trades, p {test.p_value:.4f}, "
            f"with a {kind} training span",
        )


def _borrowed(judged: Sequence[Judged]) -> dict[Claim, float]:
    """Segments' means drawn to their side's."""
    found: dict[Claim, float] = {}
    for side in (each for each in judged if each.claim.is_everywhere):
        if side.proof.test is None:
            continue
        parent = side.proof.test.mean
        found[side.claim] = parent
        children = [
            each
            for each in judged
            if each.claim.base == side.claim.base and not each.claim.is_everywhere
        ]
        tests = [each.proof.test for each in children]
        means = np.array([np.nan if test is None else test.mean for test in tests])
        errors = np.array([np.nan if test is None else test.std_error for test in tests])
        for each, mean in zip(children, shrink(means, errors, parent), strict=True):
            found[each.claim] = float(mean)
    return found


def _looks(
    walked: Walk,
    search: GridSearch,
    settings: VerdictSettings,
    now: datetime,
    sets_beside: int,
) -> tuple[Look, Look]:
    frame = walked.panel.frame
    about = {
        "data": frame.origin.content_sha256,
        "model": walked.model.describe(),
        "grids": {
            name: [[axis.name, *axis.levels] for axis in spec.axes]
            for name, spec in search.specs.items()
        },
        "bases": {name: repr(spec.base) for name, spec in search.specs.items()},
        "settings": settings.model_dump(mode="json"),
        "beside": sets_beside,
    }
    digest = hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()[:16]
    held = walked.last.test
    sets = search.sets + sets_beside
    before, after = slice(0, held.start), slice(held.start, len(frame.table))
    searched = Look.at_rows(frame, before, kind="search", identity=digest, sets=sets, now=now)
    opened = Look.at_rows(frame, after, kind="holdout", identity=digest, now=now)
    return searched, opened
