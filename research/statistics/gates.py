"""Many claims, one error rate: gates that pass the right to err on from claim to claim.

A graphical procedure (Bretz, Maurer, Brannath & Posch 2009). Each claim begins with a share
(weight) of the error rate alpha and is proven if its p-value is at most its share. A proven claim
hands its share on along the arrows of the graph: a parent to its children, so that a segment is
tested with what its parent no longer needs; claims without children hand it to the others that
are left. Over all claims the probability of any false proof is at most alpha, whatever the
dependence between them: at each step it is a weighted Bonferroni test of those that are left, so
the whole is a closed test.

Example
-------
A parent with all of alpha, and two children that inherit half of it each:

>>> import numpy as np
>>> arrows = np.array([[0, 0.5, 0.5], [0, 0, 1], [0, 1, 0]])
>>> weights = np.array([1.0, 0.0, 0.0])
>>> adjusted_p(np.array([0.01, 0.02, 0.40]), weights, arrows).round(3).tolist()
[0.01, 0.04, 0.4]

The first child is proven at 5 % (0.02 <= 0.025), hands its half on, and the second has all of it.
Had the parent failed, no child could have been proven.
"""

import numpy as np

from research.arrays import Floats
from research.errors import EvidenceError

__all__ = ["adjusted_p"]


def adjusted_p(p: Floats, weights: Floats, arrows: Floats) -> Floats:
    """p-values after the gates: a claim is proven at any alpha at or above its own.

    Parameters
    ----------
    p : array, shape (claims,)
        NaN: not testable; such a claim is never proven and blocks what it would hand on.
    weights : array, shape (claims,)
        Shares of alpha at the start, >= 0, summing to at most 1.
    arrows : array, shape (claims, claims)
        ``arrows[i, j]``: part of i's share that j gets once i is proven; rows sum to at most 1.

    Returns
    -------
    array, shape (claims,)
        1 where a claim never gets a share.

    Raises
    ------
    EvidenceError
        Shapes that do not fit, weights or arrows that make more than they have.
    """
    share, graph = np.array(weights, dtype=np.float64), np.array(arrows, dtype=np.float64)
    p = np.asarray(p, dtype=np.float64)
    _check(p, share, graph)
    out, left, largest = np.ones(p.size), set(np.flatnonzero(~np.isnan(p)).tolist()), 0.0
    while left:
        ratio = {i: p[i] / share[i] if share[i] > 0 else np.inf for i in left}
        first = min(left, key=lambda i: (ratio[i], i))
        if not np.isfinite(ratio[first]):
            break
        largest = max(largest, float(ratio[first]))
        out[first] = min(largest, 1.0)
        left.remove(first)
        share, graph = _handed_on(first, share, graph)
    return out


def _handed_on(i: int, share: Floats, graph: Floats) -> tuple[Floats, Floats]:
    """Shares and arrows without claim i (Bretz et al. 2009, algorithm 1)."""
    share = share + share[i] * graph[i]
    share[i] = 0.0
    loop = graph[:, [i]] * graph[[i], :]
    back = 1 - graph[:, i] * graph[i, :]
    passed = np.where(back[:, None] > 1e-12, (graph + loop) / np.maximum(back, 1e-12)[:, None], 0.0)
    passed[i, :], passed[:, i] = 0.0, 0.0
    np.fill_diagonal(passed, 0.0)
    return share, passed


def _check(p: Floats, share: Floats, graph: Floats) -> None:
    n = p.size
    if p.shape != (n,) or share.shape != (n,) or graph.shape != (n, n):
        raise EvidenceError(
            f"p {p.shape}, weights {share.shape}, arrows {graph.shape}: do not fit together"
        )
    known = p[~np.isnan(p)]
    if ((known < 0) | (known > 1)).any():
        raise EvidenceError("a p-value outside [0, 1]")
    if (share < 0).any() or share.sum() > 1 + 1e-9:
        raise EvidenceError(f"weights sum to {share.sum():g}: at most 1 can be given away")
    if (graph < 0).any() or (graph.sum(axis=1) > 1 + 1e-9).any() or graph.diagonal().any():
        raise EvidenceError("arrows of a claim must be >= 0, not to itself, and sum to at most 1")
