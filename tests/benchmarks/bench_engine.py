"""How fast the engine is: one case a run, one JSON line last.

    python tests/benchmarks/bench_engine.py --case 1y-100k --json

Every ratio is taken in one process, and the same run compares counts and means. The market is
synthetic; its panel (features) is there before the clock starts, on every road.
"""

import argparse
import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from research.data.synthetic.market import SyntheticSpec, synthesize
from research.features.panel import Panel, features
from research.frame.frame import build_frame
from research.measures.costs import Costs
from strategies.law.execution import Execution
from strategies.lead_follow import LeadFollowParams
from strategies.reversion import ReversionParams
from sweeps.axes import GridSpec, grid_spec
from sweeps.engine import engine_best, engine_tally
from sweeps.law_tally import tally as plain
from sweeps.tally import Tally
from tests.benchmarks.engine_rivals import entry_rows, pandas_loop, portfolio_tally
from tests.benchmarks.peers import PEERS, is_there

COSTS = Costs(fees_bps=10, slippage_bps=1, funding=True)
FREE = Costs(fees_bps=0)
AT_CLOSE = Execution(fill="close", touch="close", overlap=True)
ENTRIES = {
    "window": [3, 5, 7, 10],
    "move_pct": [0.03, 0.05, 0.08, 0.12, 0.2],
    "spread_entry": [0.01, 0.02, 0.03, 0.05, 0.08],
    "cooldown": [1, 5, 10, 15, 20, 30, 45, 60],
}
SMALL = {
    "tp": [0.05, 0.1, 0.15, 0.2, 0.3],
    "sl": [0.05, 0.1, 0.2, 0.3, 0.5],
    "horizon": [3, 5, 10, 15, 30],
}
LARGE = {
    "tp": [round(0.05 + 0.02 * i, 2) for i in range(20)],
    "sl": [round(0.05 + 0.03 * i, 2) for i in range(20)],
    "horizon": [3, 5, 7, 10, 12, 15, 20, 25, 30, 40],
}
APART = {  # cooldown > horizon: positions cannot overlap, so vectorbt means the same
    "window": [3, 5],
    "move_pct": [0.03, 0.05, 0.08, 0.12, 0.2],
    "spread_entry": [0.01, 0.02, 0.03, 0.05],
    "cooldown": [31],
    "tp": [0.053, 0.107, 0.151, 0.203, 0.307],
    "sl": [0.053, 0.107, 0.203, 0.307, 0.503],
    "horizon": [10, 30],
}
FEW = APART | {"window": [5], "move_pct": [0.05, 0.08, 0.12, 0.2], "horizon": [10, 30]}
REVERSION = {
    "entry": [round(0.01 + 0.005 * i, 3) for i in range(20)],
    "min_gap": [1, 5, 10, 20],
    "exit": [round(0.002 * i, 3) for i in range(10)],
    "max_hold": [5, 10, 15, 20, 30, 45, 60, 90, 120, 180],
}


def lead(levels: dict[str, Any], mode: str = "long") -> GridSpec:
    return grid_spec(LeadFollowParams(mode=mode), levels)  # type: ignore[arg-type]


def market(days: float) -> Panel:
    pair = synthesize(SyntheticSpec(days=days))
    frame = build_frame(
        pair.binance, pair.dydx, pair.funding, market="BTC", sources=(), is_synthetic=True
    )
    return features(frame)


def median_seconds(work: Callable[[], Any], repeats: int = 3) -> tuple[float, Any]:
    """Median wall time of ``work`` after one warm-up, and its last answer."""
    answer, times = work(), []
    for _ in range(repeats):
        begin = time.perf_counter()
        answer = work()
        times.append(time.perf_counter() - begin)
    return statistics.median(times), answer


def peak_mib(work: Callable[[], Any]) -> float:
    """How far resident memory rises above its level before ``work``."""
    Path("/proc/self/clear_refs").write_text("5")  # the high-water mark starts anew
    before = _status("VmRSS")
    work()
    return (_status("VmHWM") - before) / 1024


def _status(name: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(name)).split()[1])


def plain_seconds(
    panel: Panel, spec: GridSpec, model: dict[str, Any], tally: Tally, threads: int, most: int
) -> tuple[float, bool]:
    """Time of the plain parallel kernel for the whole grid, from ``most`` sets drawn at random.

    Also whether these sets have the counts and (to 1e-12) the means of ``tally``.
    """
    cells = np.flatnonzero(spec.is_valid)
    drawn = np.sort(np.random.default_rng(5).choice(cells, min(most, cells.size), replace=False))
    rows = slice(0, len(panel))
    score = plain._SCORES[spec.strategy.name](panel, spec, model["execution"], model["costs"], rows)
    score(drawn[:1])
    with ThreadPoolExecutor(threads) as pool:
        begin = time.perf_counter()
        parts = list(pool.map(score, [drawn[i::threads] for i in range(threads)]))
        seconds = time.perf_counter() - begin
    equal = True
    for i, part in enumerate(parts):
        at = drawn[i::threads]
        events = part.counts[:, :, 0].T
        equal &= bool((events == tally.events[:, at]).all())
        close = np.isclose(part.sums[:, :, 0].T, tally.sums["net"][:, at], rtol=1e-12, atol=1e-11)
        equal &= bool(close.all())
    return seconds * cells.size / drawn.size, equal


def bench_tally(
    panel: Panel, spec: GridSpec, model: dict[str, Any], args: argparse.Namespace, most: int
) -> dict[str, Any]:
    """Engine against the plain kernel."""

    def work() -> Tally:
        return engine_tally(panel, spec, threads=args.threads, memory_mib=4096, **model)

    work()
    rise = peak_mib(work)
    seconds, tally = median_seconds(work)

    def anew() -> Tally:  # another panel of the same minutes: nothing is kept of it
        return engine_tally(replace(panel), spec, threads=args.threads, memory_mib=4096, **model)

    first_call, _ = median_seconds(anew)
    slow, equal = plain_seconds(panel, spec, model, tally, args.threads, most)
    return {
        "sets": spec.size,
        "bars": len(panel),
        "seconds": seconds,
        "seconds_first_call": first_call,
        "peak_mib": round(rise, 1),
        "ratio_vbt_numba": None,
        "ratio_vbt_rust": None,
        "ratio_plain": round(slow / seconds, 1),
        "equal": equal,
        "trades": int(tally.events[0].sum()),
    }


def bench_rivals(days: float, levels: dict[str, Any], args: argparse.Namespace) -> dict[str, Any]:
    """Engine against vectorbt and the plain kernel on a grid where all mean the same."""
    panel, spec, model = market(days), lead(levels), {"execution": AT_CLOSE, "costs": FREE}
    found = bench_tally(panel, spec, model, args, most=400)
    tally = engine_tally(panel, spec, threads=args.threads, **model)
    for engine in ("numba", "rust"):
        result = portfolio_tally(panel, spec, engine, args.vbt_repeats)
        if result is None:
            continue
        seconds, events, mean = result
        found[f"ratio_vbt_{engine}"] = round(seconds / found["seconds"], 1)
        first_call = found["seconds_first_call"]
        found[f"ratio_vbt_{engine}_first_call"] = round(seconds / first_call, 1)
        found["equal"] &= bool((events == tally.events[0]).all())
        found["equal"] &= bool(np.allclose(mean, tally.avg_pnl[0], rtol=1e-9, equal_nan=True))
    return found


def bench_stream(args: argparse.Namespace) -> dict[str, Any]:
    """The best 100 of 3.2 million sets per segment, in bounded memory."""
    panel, spec = market(365), lead(ENTRIES | LARGE)
    model: dict[str, Any] = {"execution": Execution(overlap=True), "costs": COSTS}

    def work() -> Any:
        return engine_best(panel, spec, threads=args.threads, **model)

    work()
    rise = peak_mib(work)
    seconds, best = median_seconds(work)
    part = lead(ENTRIES | LARGE | {"window": [3], "move_pct": [0.12], "cooldown": [10]})
    tally = engine_tally(panel, part, threads=args.threads, **model)
    slow, equal = plain_seconds(panel, part, model, tally, args.threads, 24)
    return {
        "sets": best.scored,
        "bars": len(panel),
        "seconds": seconds,
        "peak_mib": round(rise, 1),
        "ratio_vbt_numba": None,
        "ratio_vbt_rust": None,
        "ratio_plain": round(slow * spec.size / part.size / seconds, 1),
        "equal": equal,
    }


def bench_pandas(args: argparse.Namespace) -> dict[str, Any]:
    """One set of a week in a loop over DataFrame rows, against the engine's share of a grid."""
    panel, spec = market(7), lead(APART)
    model: dict[str, Any] = {"execution": AT_CLOSE, "costs": FREE}
    seconds, tally = median_seconds(lambda: engine_tally(panel, spec, threads=1, **model))
    cell = spec.size // 2
    slow, net = median_seconds(lambda: pandas_loop(panel, spec.params_at(cell)))
    return {
        "sets": 1,
        "bars": len(panel),
        "seconds": seconds / spec.size,
        "peak_mib": None,
        "ratio_pandas": round(slow * spec.size / seconds),
        "pandas_seconds": slow,
        "equal": len(net) == tally.events[0, cell]
        and bool(np.isclose(sum(net), tally.sums["net"][0, cell], rtol=1e-12)),
    }


def bench_growth(args: argparse.Namespace) -> dict[str, Any]:
    """What twice as much of one thing costs: factors on the time of a 90-day grid."""
    base = ENTRIES | SMALL
    twice = {
        "bars x2": (180, base),
        "sets x2 (cooldowns)": (90, base | {"cooldown": [*range(1, 17)]}),
        "levels x2 (tp)": (90, base | {"tp": [0.05 + 0.025 * i for i in range(10)]}),
        "horizon x2": (90, base | {"horizon": [6, 10, 20, 30, 60]}),
    }
    found: dict[str, Any] = {"sets": lead(base).size, "bars": 90 * 1440}
    for name, overlap in (("overlap", True), ("single", False)):
        model: dict[str, Any] = {"execution": Execution(overlap=overlap), "costs": COSTS}

        def seconds(days: float, levels: dict[str, Any], model: dict[str, Any] = model) -> float:
            panel, spec = market(days), lead(levels)
            return median_seconds(
                lambda: engine_tally(panel, spec, threads=args.threads, memory_mib=4096, **model)
            )[0]

        first = seconds(90, base)
        found[f"{name} seconds"] = first
        for what, (days, levels) in twice.items():
            found[f"{name} {what}"] = round(seconds(days, levels) / first, 2)
    return found


def bench_peers(args: argparse.Namespace) -> dict[str, Any]:
    """Seconds of the same work by us and by what users would pick instead, one set at a time there.

    ``x``: their seconds over ours. Work that a peer cannot do at once is projected from its sets.
    """
    model: dict[str, Any] = {"execution": AT_CLOSE, "costs": FREE}
    year, week = market(365), market(7)
    few = {name: [levels[0]] for name, levels in APART.items()}
    works = {
        "one set, a year": (year, lead(few)),
        "2,000 sets, a week": (week, lead(APART)),
        "100,000 sets, a year": (year, lead(ENTRIES | SMALL)),
    }
    found: dict[str, Any] = {}
    a_year: dict[str, float] = {}
    for name, (panel, spec) in works.items():

        def work(panel: Panel = panel, spec: GridSpec = spec) -> Tally:
            return engine_tally(
                replace(panel), spec, threads=args.threads, memory_mib=4096, **model
            )

        seconds, tally = median_seconds(work)
        found[name] = {"leadfollow": round(seconds, 5)}
        for peer, run in PEERS.items():
            if not is_there(peer):
                continue
            if name == "100,000 sets, a year":  # what a peer took for one, so many times
                theirs = a_year[peer]
            else:
                params = spec.params_at(0)
                entries = np.zeros(len(panel), dtype=np.bool_)
                entries[entry_rows(panel, params)] = True
                theirs, returns = run(panel, params, entries)
                is_equal = len(returns) == tally.events[0, 0]
                is_equal &= bool(np.isclose(returns.mean(), tally.avg_pnl[0, 0], rtol=1e-6))
                found[name][f"{peer} equal"] = bool(is_equal)
                a_year.setdefault(peer, theirs)
            found[name][f"{peer} a set"] = round(theirs, 2)
            found[name][f"{peer} x"] = round(theirs * spec.size / seconds)
    return found


CASES: dict[str, Callable[[argparse.Namespace], dict[str, Any]]] = {
    "7d-2000": lambda args: bench_rivals(7, APART, args),
    "30d-2000": lambda args: bench_rivals(30, APART, args),
    "1y-360": lambda args: bench_rivals(
        365, FEW | {"tp": [0.107, 0.203, 0.307], "spread_entry": [0.01, 0.02, 0.03]}, args
    ),
    "1y-100k": lambda args: bench_tally(
        market(365),
        lead(ENTRIES | SMALL),
        {"execution": Execution(overlap=True), "costs": COSTS},
        args,
        most=48,
    ),
    "1y-100k-single": lambda args: bench_tally(
        market(365),
        lead(ENTRIES | SMALL),
        {"execution": Execution(), "costs": COSTS},
        args,
        most=48,
    ),
    "1y-3.2M": bench_stream,
    "reversion-1y-8000": lambda args: bench_tally(
        market(365),
        grid_spec(ReversionParams(), REVERSION),
        {"execution": Execution(overlap=True), "costs": COSTS},
        args,
        most=48,
    ),
    "pandas-loop": bench_pandas,
    "growth": bench_growth,
    "peers": bench_peers,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--case", choices=CASES, required=True)
    parser.add_argument("--json", action="store_true", help="nothing but the JSON line")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--vbt-repeats", type=int, default=3)
    args = parser.parse_args()
    if not args.json:
        print(f"{args.case} on {args.threads} threads ...", flush=True)  # noqa: T201
    found = {"case": args.case} | CASES[args.case](args)
    if "seconds" in found:
        found["seconds"] = float(f"{found['seconds']:.4g}")
    print(json.dumps(found))  # noqa: T201


if __name__ == "__main__":
    main()
