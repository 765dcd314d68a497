"""The cases of bench_verdict that are about sources or the clock alone."""

import math
import os
import resource
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import rankdata

from research.data.synthetic.market import SyntheticSpec
from research.features.panel import features
from research.frame.load import synthetic_frame
from research.leadlag.correction import error_correction, shares
from research.leadlag.resample import CELL_MIN, block_counts
from research.leadlag.shifts import contrast_sums
from research.statistics.overfitting import overfitting
from research.statistics.sharpe import Moments, expected_maximum, probabilistic_sharpe
from research.statistics.splits import combinatorial, paths
from research.statistics.superiority import superiority
from strategies.backtest.model import executable_model
from sweeps.axes import grid_spec
from sweeps.settings import Settings
from sweeps.verdict.choice import grid_search
from sweeps.verdict.verdict import reach_verdict
from tests.research.leadlag.test_shifts import SHIFTS, double_sum
from tests.samples.pairs import corrected, delayed


def sources() -> dict[str, Any]:
    """Differences from published examples, libraries and slow definitions."""
    luck = expected_maximum(trials=100, variance=0.5 / 250)
    moments = Moments(n=1250, sharpe=2.5 / 250**0.5, skewness=-3.0, kurtosis=10.0)
    errors = {
        "dsr_sr0": abs(round(luck, 4) - 0.1132),
        "dsr": abs(round(probabilistic_sharpe(moments, luck), 4) - 0.9004),
        "pbo": _pbo_error(),
        "cpcv": abs(paths(6, 2) - 5) + abs(sum(1 for _ in _splits()) - math.comb(6, 2)),
        "spa": _spa_error(),
        "hry": _hry_error(),
        "information_shares": _shares_error(),
    }
    return {
        "errors": errors,
        "max_error": max(errors.values()),
        "simulated_share_error": round(_simulated_share_error(), 4),
    }


def _splits() -> Iterator[object]:
    return combinatorial(600, groups=6, tests=2, purge=5)


def _pbo_error() -> float:
    rng = np.random.default_rng(2)
    net, events = rng.standard_normal((30, 8)), rng.integers(1, 9, (30, 8)).astype(float)
    logits = []
    for half in combinations(range(8), 4):
        rest = [block for block in range(8) if block not in half]
        inside = net[:, half].sum(1) / events[:, half].sum(1)
        outside = net[:, rest].sum(1) / events[:, rest].sum(1)
        rank = rankdata(outside)[int(np.argmax(inside))] / 31
        logits.append(math.log(rank / (1 - rank)))
    return abs(float(np.mean(np.array(logits) <= 0)) - overfitting(net, events).pbo)


def _spa_error() -> float:
    from arch.bootstrap import SPA

    pnl = np.random.default_rng(3).standard_normal((60, 12)) + 0.1
    asked = SPA(np.zeros(60), -pnl, block_size=3, reps=300, bootstrap="stationary", seed=4)
    asked.compute()
    ours = superiority(pnl, seed=4, resamples=300, block=3, is_studentised=False)
    return abs(float(asked.pvalues["consistent"]) - ours.p_consistent)


def _hry_error() -> float:
    """The contrast against its definition: a double sum over overlapping intervals."""
    pair = delayed(2, 240, seed=1, holes=0.35)
    every = np.ones(len(pair), dtype=np.bool_)
    sums = contrast_sums(pair, every, SHIFTS).sum(axis=0)[:-2]
    wanted = np.array([double_sum(pair, shift) for shift in SHIFTS.tolist()])
    return float(np.abs(sums - wanted).max() / np.abs(wanted).max())


def _shares_error() -> float:
    """Bounds of information shares against both Cholesky orders, spelled out."""
    speeds, shocks = np.array([0.1, -0.3]), np.array([[1.0, 0.4], [0.4, 2.0]])
    weight = np.array([-speeds[1], speeds[0]]) / (speeds[0] - speeds[1])
    wanted = []
    for order in ([0, 1], [1, 0]):
        factor = np.linalg.cholesky(shocks[np.ix_(order, order)])
        parts = (weight[order] @ factor) ** 2 / (weight @ shocks @ weight)
        wanted.append(float(parts[order.index(0)]))
    found = shares(speeds, shocks)
    return float(np.abs(np.array(found[2:]) - sorted(wanted)).max())


def _simulated_share_error() -> float:
    """An error of estimation: 0.5 and its bounds 0.2 and 0.8 are known of this process."""
    pair = corrected(lead_speed=0.2, follow_speed=-0.2, rho=0.6)
    counts = block_counts(-(-len(pair) // CELL_MIN), 4, 200, seed=1)
    found = error_correction(pair, np.ones(len(pair), dtype=np.bool_), 2, counts)
    seen = (found.component_share, found.info_low, found.info_high)
    return max(abs(a - b) for a, b in zip(seen, (0.5, 0.2, 0.8), strict=True))


def whole_time() -> dict[str, Any]:
    """The whole verdict, every line: a year by 100,000 sets of lead and the default reversion."""
    settings = Settings()
    model = executable_model(settings)
    search = grid_search(settings, model, threads=2)
    finer = {
        "window": [3.0, 4.0, 5.0, 7.0, 10.0],
        "move_pct": "0.04:0.22:0.02",
        "spread_entry": "0.00:0.09:0.01",
        "tp": [0.1, 0.2, 0.3, 0.4, 0.8],
        "sl": [0.1, 0.2, 0.4, 0.6],
        "horizon": [5, 10, 15, 20, 30],
    }
    specs = {
        name: grid_spec(spec.base, finer) if name.startswith("lead") else spec
        for name, spec in search.specs.items()
    }
    search = replace(search, specs=specs)
    panel = features(synthetic_frame(SyntheticSpec(days=365, seed=3)), settings.panel)
    _reach(panel, grid_search(settings, model), settings)  # compiles
    before = _resident_mib()
    peak, stop = _watch()
    begun, used = time.perf_counter(), time.process_time()
    _reach(panel, search, settings)
    seconds, used = time.perf_counter() - begun, time.process_time() - used
    stop()
    return {
        "sets": search.sets,
        "minutes": len(panel),
        "seconds": round(seconds, 1),
        "cpu_seconds": round(used, 1),  # of both threads: what the clock says beside other work
        "load": round(os.getloadavg()[0], 1),
        "peak_mib": round(max(peak) - before),
        "max_rss_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


def _reach(panel: Any, search: Any, settings: Settings) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    reach_verdict(panel, search, settings.verdict, seed=7, stage=_quiet, now=now)


@contextmanager
def _quiet(title: str, total: int) -> Iterator[Callable[[int], None]]:
    yield lambda steps: None


def _resident_mib() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


def _watch() -> tuple[list[float], Callable[[], None]]:
    """Resident memory, looked at every 20 ms."""
    seen, done = [_resident_mib()], threading.Event()

    def look() -> None:
        while not done.wait(0.02):
            seen.append(_resident_mib())

    thread = threading.Thread(target=look, daemon=True)
    thread.start()

    def stop() -> None:
        done.set()
        thread.join()

    return seen, stop
