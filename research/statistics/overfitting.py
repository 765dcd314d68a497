"""Probability of backtest overfitting: does the best set of one half do well on the other?

Combinatorially symmetric cross-validation (Bailey, Borwein, Lopez de Prado & Zhu, "The
probability of backtest overfitting", 2017): the span is cut into S blocks, every choice of S/2 of
them is once the sample, the rest its test. The set that is best in the sample has a rank
w in (0, 1) among all sets in the test; lambda = log(w / (1 - w)); the PBO is the share of choices
with lambda <= 0: the chosen set is no better than the median one.

Blocks bring sums, not returns, so a grid of any size costs a few sums of rows a choice.
"""

from itertools import combinations
from typing import NamedTuple

import numpy as np

from research.arrays import Bools, Floats
from research.errors import EvidenceError

__all__ = ["Overfitting", "overfitting"]

_MOST_BLOCKS = 16  # 12,870 choices


class Overfitting(NamedTuple):
    """What the choices said."""

    pbo: float  # share of choices whose best set is at or below the median of the test
    logits: Floats  # lambda of each choice, shape (choices,)
    sample: Floats  # mean pnl of the chosen set in the sample, percent a trade, shape (choices,)
    test: Floats  # the same out of it
    loss_share: float  # share of choices whose best set lost money in the test
    slope: float  # of test over sample: 1 all of it comes back, 0 nothing


def overfitting(net: Floats, events: Floats, *, min_events: int = 1) -> Overfitting:
    """The PBO of choosing the set with the highest mean net pnl a trade.

    Parameters
    ----------
    net, events : array, shape (sets, blocks)
        Sum of net pnl (percent) and number of trades; an even number of blocks, 4 to 16.
    min_events
        Sets with fewer trades in the sample are not chosen; without a trade in the test a set
        ranks as earning 0.

    Raises
    ------
    EvidenceError
        Odd, too few or too many blocks, fewer than two sets, unknown numbers, or no set with
        ``min_events`` trades in any sample.
    """
    net, events = np.asarray(net, dtype=np.float64), np.asarray(events, dtype=np.float64)
    _check(net, events)
    blocks = net.shape[1]
    halves = list(combinations(range(blocks), blocks // 2))
    rows = [
        row
        for half in halves
        if (row := _one(net, events, np.isin(np.arange(blocks), half), min_events)) is not None
    ]
    if not rows:
        raise EvidenceError(
            f"no set has {min_events} trades in half of the {blocks} blocks: nothing to choose; "
            "take a longer span or fewer blocks"
        )
    logits, sample, test = (np.array(column) for column in zip(*rows, strict=True))
    return Overfitting(
        pbo=float(np.mean(logits <= 0)),
        logits=logits,
        sample=sample,
        test=test,
        loss_share=float(np.mean(test < 0)),
        slope=_slope(sample, test),
    )


def _one(
    net: Floats, events: Floats, is_in: Bools, min_events: int
) -> tuple[float, float, float] | None:
    # plain sums over blocks: threads of a matrix product wait for each other for 95 % of the time
    inside, outside = net.T[is_in].sum(axis=0), net.T[~is_in].sum(axis=0)
    n_in, n_out = events.T[is_in].sum(axis=0), events.T[~is_in].sum(axis=0)
    mean_in = np.where(n_in >= min_events, inside / np.maximum(n_in, 1), -np.inf)
    best = int(np.argmax(mean_in))
    if not np.isfinite(mean_in[best]):
        return None
    mean_out = outside / np.maximum(n_out, 1)
    value = mean_out[best]
    below, alike = int(np.sum(mean_out < value)), int(np.sum(mean_out == value))
    rank = (below + (alike + 1) / 2) / (mean_out.size + 1)  # ties share their ranks
    return float(np.log(rank / (1 - rank))), float(mean_in[best]), float(mean_out[best])


def _slope(sample: Floats, test: Floats) -> float:
    centred = sample - sample.mean()
    spread = float(centred @ centred)
    return float(centred @ (test - test.mean())) / spread if spread > 0 else float("nan")


def _check(net: Floats, events: Floats) -> None:
    if net.ndim != 2 or net.shape != events.shape or net.shape[0] < 2:
        raise EvidenceError(f"shapes {net.shape} and {events.shape}: need (sets >= 2, blocks)")
    blocks = net.shape[1]
    if blocks % 2 or not 4 <= blocks <= _MOST_BLOCKS:
        raise EvidenceError(
            f"{blocks} blocks: cross-validation by halves needs an even number, 4 to {_MOST_BLOCKS}"
        )
    if not (np.isfinite(net).all() and np.isfinite(events).all()):
        raise EvidenceError("a block's sum or count is unknown (NaN): count it again")
