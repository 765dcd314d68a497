"""Which claims are proven, when all of them together may be wrong with one error rate.

Each claim is tested by :func:`research.statistics.mean_test.mean_test` on its pooled trades. The
claims stand in families (the sides of one strategy, each everywhere and in fifteen segments), and
a closed procedure says which of them hold:

- *Sides.* A family's gate is the mean of all its sides' trades together. If no side earned, their
  pool did not either, so a proven pool is a valid test that not every side is worthless; behind it
  each side is tested with the whole of the family's share (closed testing: Marcus, Peritz &
  Gabriel 1976). Two sides cost no more than one.
- *Families and segments* share alpha by a graph (:mod:`research.statistics.gates`): families in
  proportion to their sides, ``segment_share`` of it for segments on their own. A family whose
  sides are all proven hands its share on, half to the other families, half to its segments; a
  proven segment to the other segments of its family.

So with two families the sides of lead/follow are tested at about half of alpha, not at a 48th of
it, and an edge that lives in one segment alone can still be found.

A segment whose claim holds is enabled *alone* only where nothing that contains it is enabled and
where it is proven beyond its parent: its mean is above that of the parent's other trades (Welch's
test on days' sums, the same error rate).

Example
-------
The gate of both sides, and two sides of which one is proven:

>>> sides = family_p(pooled=0.004, sides=[0.011, 0.30])
>>> [round(p, 3) for p in sides]
[0.011, 0.3]
>>> family_p(pooled=0.2, sides=[0.011, 0.30])
[0.2, 0.3]
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import t as student

from research.arrays import Floats
from research.errors import EvidenceError
from research.statistics.gates import adjusted_p
from research.statistics.mean_test import MeanTest, mean_test
from sweeps.settings import VerdictSettings
from sweeps.verdict.claims import Claim
from sweeps.verdict.walk import Trades, Walk

__all__ = ["Proof", "beyond_p", "family_p", "graph", "prove"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What the pooled trades say of one claim."""

    claim: Claim
    trades: int
    test: MeanTest | None  # None where nothing can be tested
    untestable: str  # why not; empty where it was
    gate_p: float  # of the family's pool; NaN where untestable
    p_adjusted: float  # after all gates: proven at any alpha at or above it; 1 if untestable

    def holds(self, alpha: float) -> bool:
        """Whether the claim is proven at ``alpha``."""
        return self.test is not None and self.test.mean > 0 and self.p_adjusted <= alpha


def family_p(*, pooled: float, sides: Sequence[float]) -> list[float]:
    """p-values of sides behind the gate of their pool; a side alone is its own gate.

    NaN for a side that cannot be tested, and for all of them where the pool cannot.
    """
    if len(sides) == 1:
        return list(sides)
    # not max(): it takes the pool's p for that of a side without one
    return [float(np.maximum(pooled, p)) for p in sides]


def prove(walk: Walk, settings: VerdictSettings, seed: int) -> dict[Claim, Proof]:
    """Every claim of ``walk`` with its p-value after all gates."""
    tests = {claim: _test(walk.trades[claim], settings, seed) for claim in walk.claims}
    families: dict[str, list[Claim]] = {}
    for claim in walk.claims:
        if claim.is_everywhere:
            families.setdefault(claim.strategy, []).append(claim)
    gates = {
        name: tests[sides[0]]
        if len(sides) == 1
        else _test(Trades.joined([walk.trades[side] for side in sides]), settings, seed)
        for name, sides in families.items()
    }
    adjusted = _adjusted(families, tests, gates, walk.claims, settings.segment_share)
    found = {}
    for claim in walk.claims:
        test, why = tests[claim]
        found[claim] = Proof(
            claim=claim,
            trades=len(walk.trades[claim]),
            test=test,
            untestable=why,
            gate_p=_p(gates[claim.strategy]),
            # behind the gate of its family stands the pool's p: of the side itself it says nothing
            p_adjusted=1.0 if test is None else adjusted[claim],
        )
    return found


_Tested = tuple[MeanTest | None, str]


def _test(trades: Trades, settings: VerdictSettings, seed: int) -> _Tested:
    if len(trades) < settings.min_trades:
        return None, f"{len(trades)} trades out of sample, needs {settings.min_trades}"
    try:
        return mean_test(trades.net_pct, trades.day, seed=seed, resamples=settings.resamples), ""
    except EvidenceError as error:
        return None, str(error)


def _p(tested: _Tested) -> float:
    return math.nan if tested[0] is None else tested[0].p_value


def _adjusted(
    families: Mapping[str, list[Claim]],
    tests: Mapping[Claim, _Tested],
    gates: Mapping[str, _Tested],
    claims: Sequence[Claim],
    segment_share: float,
) -> dict[Claim, float]:
    """p after the graph. Nodes: one for the sides of each family, one for each segment's claim."""
    names = list(families)
    segments = [claim for claim in claims if not claim.is_everywhere]
    weights, arrows = graph(
        [len(families[name]) for name in names],
        [names.index(claim.strategy) for claim in segments],
        segment_share,
    )
    sides = {
        side: p
        for name in names
        for side, p in zip(
            families[name],
            family_p(pooled=_p(gates[name]), sides=[_p(tests[side]) for side in families[name]]),
            strict=True,
        )
    }
    group_p = [_worst([sides[side] for side in families[name]]) for name in names]
    own = np.array([*group_p, *(_p(tests[claim]) for claim in segments)])
    after = adjusted_p(own, weights, arrows)
    found = {claim: float(after[len(names) + i]) for i, claim in enumerate(segments)}
    for i, name in enumerate(names):
        for side in families[name]:
            # a side is read where the group stands when only this side is asked for
            alone = own.copy()
            alone[i] = sides[side]
            found[side] = float(adjusted_p(alone, weights, arrows)[i])
    return found


def _worst(p: Sequence[float]) -> float:
    return math.nan if any(math.isnan(each) for each in p) else max(p)


def graph(
    sides: Sequence[int], family_of_segment: Sequence[int], segment_share: float
) -> tuple[Floats, Floats]:
    """Shares at the start and arrows between claims: families first, then segments' claims."""
    families, segments = len(sides), np.asarray(family_of_segment, dtype=np.int64)
    n = families + segments.size
    share = np.array(sides, dtype=np.float64) / sum(sides)
    weights, arrows = np.zeros(n), np.zeros((n, n))
    for family in range(families):
        inside = families + np.flatnonzero(segments == family)
        others = [other for other in range(families) if other != family]
        weights[family] = share[family] * (1 - segment_share if inside.size else 1)
        weights[inside] = share[family] * segment_share / max(inside.size, 1)
        to_others = (0.5 if inside.size else 1.0) if others else 0.0
        arrows[family, others] = to_others / max(len(others), 1)
        arrows[family, inside] = (1 - to_others) / max(inside.size, 1)
        for one in inside:
            rest = inside[inside != one]
            arrows[one, rest] = 1 / rest.size if rest.size else 0.0
    return weights, arrows


def beyond_p(child: Proof, parent: Trades, settings: VerdictSettings, seed: int) -> float:
    """p of "the child earns no more than its parent does elsewhere"; NaN if untestable.

    Welch's test of two means, each with the cluster-robust error of its days. A parent that hardly
    trades elsewhere earns 0 there.
    """
    if child.test is None:
        return math.nan
    session, regime = child.claim.where
    is_elsewhere = np.zeros(len(parent), dtype=np.bool_)
    if session is not None:
        is_elsewhere |= parent.session != session
    if regime is not None:
        is_elsewhere |= parent.regime != regime
    rest, _ = _test(parent.of(is_elsewhere), settings, seed)
    if rest is None:
        return child.test.p_value
    ours, theirs = child.test.std_error**2, rest.std_error**2
    freedom = (ours + theirs) ** 2 / (ours**2 / (child.test.days - 1) + theirs**2 / (rest.days - 1))
    t = (child.test.mean - rest.mean) / math.sqrt(ours + theirs)
    return float(student.sf(t, freedom))
