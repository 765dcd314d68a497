"""Is the verdict right? One case a run, one JSON line last.

    python tests/benchmarks/bench_verdict.py --case null --json

``null``     how often anything is enabled where there is nothing (goal: at most 0.05)
``power``    how often a planted edge is enabled, beside an oracle that knows the best set
``default``  the embedded market, twenty seeds
``planted``  what the best set of the default grid earns on each planted market (600 days)
``level``    every 5 % test alone, under its own null, on skewed trades that come in clusters
``audit``    planted leaks caught, false alarms
``sources``  largest difference from published examples and from slow definitions
``time``     the whole verdict of a year x 100,000 sets

The pipeline of ``null`` and ``power`` is that of ``leadfollow run``: features, walk-forward over
the default grids, judgement; only the lines that inform are left out.
"""

import argparse
import importlib
import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import beta

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from research.data.synthetic.market import SyntheticSpec
from research.features.panel import features
from research.frame.frame import Frame
from research.frame.load import synthetic_frame
from research.settings.costs import CostSettings
from research.statistics.mean_test import mean_test
from strategies.backtest.backtest import backtest
from strategies.backtest.model import Model, executable_model
from strategies.law.execution import Execution
from sweeps.engine import engine_tally
from sweeps.settings import Settings
from sweeps.verdict.choice import grid_search
from sweeps.verdict.judgement import Judged, judge
from sweeps.verdict.walk import walk
from tests.benchmarks.verdict_cases import sources, whole_time
from tests.benchmarks.verdict_levels import levels
from tests.benchmarks.verdict_markets import PLANTED, real_without_lead, without_edge

SEED = 7
TRADES = (50, 100, 200, 400)
SETTINGS = Settings()


def free_model() -> Model:
    """Nothing costs anything, exits are seen on closes: a trade without edge earns truly 0.

    Stops within the minute would not do: filled at their own price where the minute's path jumped
    beyond it, they give sets with a near SL and a far TP 0.4 to 0.9 bps (t above 4 in 600 days).
    """
    free = CostSettings(slippage_bps=0.0, funding=False)
    at_closes = Execution(touch="close")
    return replace(
        executable_model(SETTINGS), fees_bps=0.0, cost_settings=free, execution=at_closes
    )


def verdict_on(frame: Frame, model: Model | None = None) -> list[Judged]:
    """Every claim about ``frame``, judged."""
    panel = features(frame, SETTINGS.panel)
    search = grid_search(SETTINGS, model or executable_model(SETTINGS), threads=1)
    return judge(walk(panel, search, SETTINGS.verdict), SETTINGS.verdict, SEED)


def enabled(frame: Frame, model: Model | None = None) -> list[str]:
    """Names of the claims that may trade on ``frame``."""
    return [each.name for each in verdict_on(frame, model) if each.enabled]


Null = tuple[list[str], int]
"""Names of the claims enabled, and how many could have been: those with enough trades to test."""


def _null(found: list[Judged]) -> Null:
    tested = sum(each.proof.test is not None for each in found)
    return [each.name for each in found if each.enabled], tested


def _synthetic(seed: int) -> Null:
    return _null(verdict_on(next(without_edge(1, seed))))


def _free(seed: int) -> Null:
    return _null(verdict_on(next(without_edge(1, seed)), free_model()))


def _real(number: int, model: Model | None = None) -> Null:
    """Claims of lead alone: reversion needs none, and its spread comes back in all of these."""
    found = verdict_on(real_without_lead(number), model)
    return _null([each for each in found if each.claim.strategy == "lead"])


def _real_free(number: int) -> Null:
    return _real(number, free_model())


def spread(work: Callable[[Any], Any], items: Iterable[Any], workers: int, title: str) -> list[Any]:
    """Results in the order of ``items``; progress on stderr."""
    items, found, begun = list(items), [], time.monotonic()
    with ProcessPoolExecutor(workers) as pool:
        for number, one in enumerate(pool.map(work, items), start=1):
            found.append(one)
            if number % 20 == 0 or number == len(items):
                spent = time.monotonic() - begun
                say(f"{title}: {number}/{len(items)}, {spent:.0f} s")
    return found


def say(text: str) -> None:
    """Progress."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def interval(hits: int, n: int) -> list[float]:
    """Clopper-Pearson, 95 %."""
    low = 0.0 if hits == 0 else float(beta.ppf(0.025, hits, n - hits + 1))
    high = 1.0 if hits == n else float(beta.ppf(0.975, hits + 1, n - hits))
    return [round(low, 4), round(high, 4)]


def null(count: int, workers: int) -> dict[str, Any]:
    told: dict[str, Any] = {"count": count}
    kinds = {"synthetic": _synthetic, "real": _real, "free": _free, "real_free": _real_free}
    for name, work in kinds.items():
        found: list[Null] = spread(work, range(1, count + 1), workers, f"null, {name}")
        wrong = sum(bool(claims) for claims, _ in found)
        told[f"false_share_{name}"] = round(wrong / count, 4)
        told[f"interval_{name}"] = interval(wrong, count)
        told[f"claims_{name}"] = dict(Counter(claim for claims, _ in found for claim in claims))
        # a share of 0 says nothing where nothing could be tested
        told[f"testable_{name}"] = round(sum(tested > 0 for _, tested in found) / count, 4)
    return told


def best_cells(name: str) -> Mapping[str, int]:
    """Of each side, the set with the highest t over both sides on a market of 600 days."""
    planted = PLANTED[name]
    days = 600.0
    frame = synthetic_frame(replace(planted.spec(50, 992), days=days))
    panel, search = features(frame, SETTINGS.panel), grid_search(SETTINGS, MODEL)
    sides = ("lead-short", "lead-long")
    tallies = [
        engine_tally(
            panel, search.specs[side], execution=MODEL.execution,
            costs=MODEL.costs(search.specs[side].base), threads=2,
        ).of_segment(0)
        for side in sides
    ]  # fmt: skip
    n = sum(tally.counts["events"] for tally in tallies)
    net = sum(tally.sums["net"] for tally in tallies)
    squares = sum(tally.sums["net_squared"] for tally in tallies)
    mean = net / np.maximum(n, 1)
    std = np.sqrt(np.maximum(squares / np.maximum(n, 1) - mean**2, 1e-12))
    cell = int(np.argmax(np.where(n > days / 3, mean / std * np.sqrt(n), -np.inf)))
    base = search.specs["reversion"]
    back = engine_tally(
        panel, base, execution=MODEL.execution, costs=MODEL.costs(base.base), threads=2
    ).of_segment(0)
    with np.errstate(invalid="ignore"):
        reversion = np.nanmax(np.where(back.events > days / 3, back.avg_pnl, np.nan))
    return {
        "cell": cell,
        "bps": round(float(mean[cell]) * 100, 2),
        "sd_bps": round(float(std[cell]) * 100, 2),
        "trades_a_day": round(float(n[cell]) / days, 2),
        "reversion_best_bps": round(float(reversion) * 100, 2),
    }


MODEL = executable_model(SETTINGS)


Powered = tuple[list[str], list[float], list[int]]


def _powered(job: tuple[str, int, int, int]) -> Powered:
    """What is enabled; the oracle's p of both sides together and of each; its trades, by side."""
    name, trades, seed, cell = job
    frame = synthetic_frame(PLANTED[name].spec(trades, seed))
    panel, search = features(frame, SETTINGS.panel), grid_search(SETTINGS, MODEL, threads=1)
    found = judge(walk(panel, search, SETTINGS.verdict), SETTINGS.verdict, SEED)
    net, day = [], []
    for side in ("lead-short", "lead-long"):
        params = search.specs[side].params_at(cell)
        result = backtest(panel, params, execution=MODEL.execution, costs=MODEL.costs(params))
        net.append(result.net_pct)
        day.append(panel.minute[result.positions["entry"]] // 1440)
    p = [_p(np.concatenate(net), np.concatenate(day)), *map(_p, net, day)]
    return [each.name for each in found if each.enabled], p, [len(each) for each in net]


def _p(net: np.ndarray, day: np.ndarray) -> float:
    if np.unique(day).size < 2:
        return 1.0
    return mean_test(net, day, seed=SEED).p_value


def power(count: int, workers: int, figure: Path | None) -> dict[str, Any]:
    told: dict[str, Any] = {"count": count, "curve": []}
    for name in PLANTED:
        best = best_cells(name)
        for trades in TRADES:
            jobs = [(name, trades, 10_000 + seed, best["cell"]) for seed in range(count)]
            found = spread(_powered, jobs, workers, f"power, {name} x {trades} trades")
            told["curve"].append(_point(name, trades, best, found))
            say(json.dumps(told["curve"][-1]))
    for point in told["curve"]:
        if point["trades"] == 200:
            told[f"right_{point['edge']}"] = point["right"]
            told[f"oracle_{point['edge']}"] = point["oracle"]
            told[f"ratio_{point['edge']}"] = point["ratio"]
    if figure is not None:
        draw(told["curve"], figure)
    return told


def _point(name: str, trades: int, best: Mapping[str, Any], found: list[Powered]) -> dict[str, Any]:
    """Right: a side of lead enabled, anywhere; the oracle: either side, by Holm over the two."""
    n = len(found)
    right = sum(any(claim.startswith("lead") for claim in each) for each, _, _ in found)
    both = sum(
        all(any(claim.startswith(side) for claim in each) for side in ("lead-short", "lead-long"))
        for each, _, _ in found
    )
    oracle = sum(min(p[1:]) <= 0.025 for _, p, _ in found)
    pooled = sum(p[0] <= 0.05 for _, p, _ in found)
    return {
        "edge": name,
        "trades": trades,
        "trades_seen": round(float(np.mean([sum(seen) for _, _, seen in found])), 1),
        "trades_a_side": [
            round(float(each), 1) for each in np.mean([s for *_, s in found], axis=0)
        ],
        **best,
        "right": round(right / n, 3),
        "interval": interval(right, n),
        "both": round(both / n, 3),
        "oracle": round(oracle / n, 3),
        "oracle_pooled": round(pooled / n, 3),
        "ratio": round(right / oracle, 3) if oracle else None,
        # none but lead has an edge in these markets: reversion's best set loses in all of them
        "wrong": round(
            sum(any(not claim.startswith("lead") for claim in each) for each, _, _ in found) / n, 3
        ),
    }


def _default(seed: int) -> list[str]:
    return enabled(synthetic_frame(SyntheticSpec(days=30, seed=seed, edge=1.0)))


def default(count: int, workers: int) -> dict[str, Any]:
    found = spread(_default, range(1, count + 1), workers, "default")
    right = sum(any(claim.startswith("lead") for claim in each) for each in found)
    both = sum(
        all(any(claim.startswith(side) for claim in each) for side in ("lead-short", "lead-long"))
        for each in found
    )
    return {
        "count": count,
        "right_default": round(right / count, 3),
        "interval": interval(right, count),
        "both_default": round(both / count, 3),
        "claims": dict(Counter(claim for each in found for claim in each)),
    }


def audit() -> dict[str, Any]:
    """The causality audit's own case, where it stands beside this file."""
    try:
        found = importlib.import_module("tests.benchmarks.audit_case")
    except ModuleNotFoundError:
        return {"caught": None, "false_alarms": None, "why": "no tests/benchmarks/audit_case.py"}
    return dict(found.audit_case())


def draw(curve: list[dict[str, Any]], path: Path) -> None:
    """Power against number of trades, beside the oracle's."""
    from matplotlib.figure import Figure

    drawn = Figure(figsize=(7, 4.2), layout="constrained")
    axes = drawn.subplots()
    for at, name in enumerate(PLANTED):
        points = [point for point in curve if point["edge"] == name]
        trades = [point["trades_seen"] for point in points]
        low = [point["right"] - point["interval"][0] for point in points]
        high = [point["interval"][1] - point["right"] for point in points]
        label = f"{points[0]['bps']:.1f} bps a trade"
        right = [point["right"] for point in points]
        axes.errorbar(
            trades, right, [low, high], color=f"C{at}", marker="o", capsize=3, label=label
        )
        oracle = [point["oracle"] for point in points]
        axes.plot(trades, oracle, color=f"C{at}", linestyle=":")
    axes.axhline(0.8, color="grey", linewidth=0.8)
    axes.set(xscale="log", xlabel="trades of the best set in the span, both sides",
             ylabel="share of markets in which a right side may trade", ylim=(0, 1.03),
             title="SYNTHETIC: planted edges found (95 %); dotted: knowing the set")  # fmt: skip
    axes.set_xticks(TRADES, [str(each) for each in TRADES])
    axes.minorticks_off()
    axes.legend(fontsize=8, loc="lower right")
    path.parent.mkdir(parents=True, exist_ok=True)
    drawn.savefig(path, dpi=120)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    cases = ("null", "power", "default", "planted", "level", "sources", "audit", "time")
    parser.add_argument("--case", choices=cases, required=True)
    parser.add_argument(
        "--count", type=int, help="markets a point [null 300, power 40, default 20]"
    )
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--figure", type=Path, help="PNG of the power curve")
    parser.add_argument("--json", action="store_true", help="the JSON line alone on stdout")
    asked = parser.parse_args()
    work: dict[str, Callable[[], dict[str, Any]]] = {
        "null": lambda: null(asked.count or 300, asked.workers),
        "power": lambda: power(asked.count or 40, asked.workers, asked.figure),
        "default": lambda: default(asked.count or 20, asked.workers),
        "planted": lambda: {name: dict(best_cells(name)) for name in PLANTED},
        "level": lambda: levels(asked.count or 1000, say),
        "audit": audit,
        "sources": sources,
        "time": whole_time,
    }
    found = {"case": asked.case} | work[asked.case]()
    if not asked.json:
        for name, value in found.items():
            sys.stdout.write(f"{name:24} {value}\n")
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
