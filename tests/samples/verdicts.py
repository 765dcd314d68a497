"""Judged claims whose trades earned just what a test says."""

from dataclasses import replace
from functools import cache

import numpy as np

from strategies.backtest.backtest import BacktestResult, backtest
from strategies.backtest.model import executable_model
from strategies.lead_follow import LeadFollowParams
from sweeps.settings import Settings, VerdictSettings
from sweeps.verdict.choice import GridSearch, grid_search
from sweeps.verdict.claims import Claim
from sweeps.verdict.judgement import Judged, judge
from sweeps.verdict.walk import Trades, Walk, walk
from tests.samples.markets import small_panel

MODEL = executable_model(Settings())
PARAMS = MODEL.apply(LeadFollowParams(mode="long", spread_entry=0.02, move_pct=0.05))
GOOD = [0.1, 0.12, 0.09, 0.11] * 6
BAD = [-0.1, -0.05] * 10
LONG = Claim("lead-long", "lead", 0)

SMALL = {
    "axes": {
        "lead": {"spread_entry": [0.02, 0.06], "move_pct": [0.05, 0.15], "tp": [0.2, 0.4]},
        "reversion": {"entry": [0.04, 0.08], "exit": [0.0, 0.02]},
    },
    "verdict": {"resamples": 499, "stretches": 4},
}


def small_settings(**verdict: object) -> Settings:
    """Small grids; ``verdict`` changes that table."""
    return Settings.model_validate(SMALL | {"verdict": SMALL["verdict"] | verdict})


def small_search(settings: Settings | None = None) -> GridSearch:
    return grid_search(settings or small_settings(), MODEL, threads=1)


@cache
def small_walk(days: float = 12.0, edge: float = 3.0, seed: int = 7) -> Walk:
    """A walk over a small market: a second."""
    settings = small_settings()
    return walk(small_panel(edge, days, seed), small_search(settings), settings.verdict)


def earning(net: list[float], *, days: int = 12) -> Trades:
    """Trades of these pnls, spread over ``days``."""
    template = backtest(small_panel(), PARAMS).positions
    positions = np.resize(template, len(net)).copy()
    positions["net_pct"] = net
    positions["gross_pct"] = np.array(net) + 0.12
    minute = (np.arange(len(net)) * days // max(len(net), 1)) * 1440
    zeros = np.zeros(len(net), dtype=np.int64)
    return Trades(positions=positions, minute=minute, step=zeros, session=zeros, regime=zeros)


def walked(trades: dict[Claim, Trades]) -> Walk:
    """The small walk with the trades of some claims replaced, and none of the others."""
    walk_ = small_walk()
    none = earning([])
    return replace(walk_, trades={claim: trades.get(claim, none) for claim in walk_.claims})


def judged(net: list[float]) -> Judged:
    """Lead-long everywhere, judged by these out-of-sample trades."""
    settings = VerdictSettings(resamples=499)
    both = {LONG: earning(net), Claim("lead-short", "lead", 0): earning(net)}
    (found,) = (each for each in judge(walked(both), settings, 7) if each.claim == LONG)
    result: BacktestResult = backtest(small_panel(), PARAMS)
    return replace(
        found,
        params=PARAMS,
        inside=result,
        held_out=result,
        lines=tuple(line for line in found.lines if line.check in ("proven", "lower bound")),
    )
