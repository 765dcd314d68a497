"""Samplers by name, seeded for one trial: a study in two sittings proposes as in one."""

import hashlib
import warnings
from collections.abc import Mapping
from typing import Literal

import numpy as np
import optuna

from sweeps.settings.tables import SamplerName

__all__ = ["Direction", "directions_of", "sampler_of", "sobol_point"]

Direction = Literal["maximize", "minimize"]
_POPULATION = 20


def sampler_of(name: SamplerName, seed: int, trial: int) -> optuna.samplers.BaseSampler:
    """The sampler that proposes trial number ``trial``.

    ``tpe`` learns where good trials lie (Bergstra et al. 2011), ``qmc`` fills the space evenly
    (:func:`sobol_point`), ``random`` is its yardstick, ``nsga2`` keeps a front of two objectives
    (Deb et al. 2002).
    """
    number = _number(seed, trial)
    if name == "nsga2":
        return optuna.samplers.NSGAIISampler(population_size=_POPULATION, seed=number)
    if name == "tpe":
        return optuna.samplers.TPESampler(seed=number, constant_liar=False)
    return optuna.samplers.RandomSampler(seed=number)


def sobol_point(
    space: Mapping[str, optuna.distributions.BaseDistribution], seed: int, trial: int
) -> dict[str, float]:
    """Point number ``trial`` of a scrambled Sobol sequence over ``space`` (Owen 1998).

    Not by optuna's sampler: that counts in the study which point is next, and a study that is
    stopped would begin the sequence anew.
    """
    from scipy.stats.qmc import Sobol

    if not space:
        return {}
    engine = Sobol(len(space), rng=np.random.default_rng(_number(seed, 0)))
    if trial:
        engine.fast_forward(trial)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # one point is no balanced set of points
        (unit,) = engine.random(1)
    return {
        name: _at(distribution, float(share))
        for (name, distribution), share in zip(sorted(space.items()), unit, strict=True)
    }


def _at(distribution: optuna.distributions.BaseDistribution, share: float) -> float:
    """The value below which ``share`` of a distribution lies."""
    if isinstance(distribution, optuna.distributions.IntDistribution):
        count = distribution.high - distribution.low + 1
        return distribution.low + min(int(share * count), count - 1)
    if not isinstance(distribution, optuna.distributions.FloatDistribution):
        raise TypeError(f"no numbers: {distribution}")
    low, high = distribution.low, distribution.high
    if distribution.log:
        return float(min(max(low * (high / low) ** share, low), high))
    return low + share * (high - low)


def directions_of(name: SamplerName) -> list[Direction]:
    """One objective, or of nsga2 two: mean net pnl up, worst drawdown down."""
    return ["maximize", "minimize"] if name == "nsga2" else ["maximize"]


def _number(seed: int, trial: int) -> int:
    return int.from_bytes(hashlib.sha256(f"{seed}:{trial}".encode()).digest()[:4], "big")
