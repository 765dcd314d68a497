"""The records of a made-up journal: what a bot would have written at one moment of an episode."""

from typing import Final, NamedTuple

import numpy as np

from research.halts.planted.episodes import GATES, Episode
from research.journal.instants import iso_of
from research.journal.record import DecisionRecord

__all__ = ["HOLD_MS", "View", "make_record", "quiet_view", "view_at", "without"]

MARKET: Final = "SYNTH-USD"  # the name says that nobody traded here
HOLD_MS: Final = 5_000  # a HALT ends when what went wrong is over


class View(NamedTuple):
    """Moments (ms) and prices as the bot saw them."""

    ts: int
    binance_ts: int
    binance: float
    dydx_ts: int
    dydx: float
    buy: float
    sell: float


def view_at(rng: np.random.Generator, episode: Episode, ts: int) -> View:
    """What the bot sees at ``ts``, in the episode."""
    moment = episode.plan.moment_ms
    is_wrong = moment <= ts < moment + HOLD_MS
    binance_ts = _quote_ts(ts, episode.binance_lag_ms, moment, usual_ms=60)
    dydx_ts = _quote_ts(ts, episode.dydx_lag_ms, moment, usual_ms=400)
    binance = round(episode.price(binance_ts), 2)
    offset = episode.mid_offset if is_wrong else float(rng.normal(-2e-4, 1e-4))
    dydx = round(episode.price(dydx_ts) * (1 + offset), 1)
    buy, sell = _usual_fills(dydx)
    if is_wrong:
        fill = round(dydx * (1 + episode.fill_offset), 2)
        buy, sell = (fill, sell) if episode.side == "buy" else (buy, fill)
    return View(ts, binance_ts, binance, dydx_ts, dydx, buy, sell)


def quiet_view(rng: np.random.Generator, ts: int, binance: float) -> View:
    """What it sees on a quiet minute."""
    dydx = round(binance * (1 + float(rng.normal(-2e-4, 1e-4))), 1)
    return View(ts, ts - 60, binance, ts - 400, dydx, *_usual_fills(dydx))


def _quote_ts(ts: int, lag_ms: int, moment: int, *, usual_ms: int) -> int:
    if ts == moment:
        return ts - lag_ms
    is_stuck = lag_ms >= 1_000 and moment - lag_ms < ts - usual_ms and ts < moment + HOLD_MS
    return moment - lag_ms if is_stuck else ts - usual_ms


def _usual_fills(dydx: float) -> tuple[float, float]:
    return round(dydx * 1.00015, 2), round(dydx * 0.99985, 2)


def make_record(
    rng: np.random.Generator, episode: Episode, view: View, before: str, state: str
) -> DecisionRecord:
    """The record of one decision; ``before`` and ``state`` are risk states."""
    is_halt = state == "HALT"
    spread = round((view.dydx - view.binance) / view.binance * 100, 4)
    indicators = rng.uniform(25, 75, 5).round(2)
    diff_buy = (view.buy - view.binance) / view.binance
    diff_sell = (view.sell - view.binance) / view.binance
    worst = diff_buy if episode.side == "buy" else diff_sell
    return DecisionRecord(
        ts=iso_of(view.ts),
        minute_bucket=iso_of(view.ts // 60_000 * 60_000),
        market=MARKET,
        binance_mid=view.binance,
        binance_last=round(view.binance + 0.05, 2),
        binance_ts=iso_of(view.binance_ts),
        binance_age_ms=view.ts - view.binance_ts,
        dydx_mid=view.dydx,
        dydx_mid_kind="mid",
        dydx_oracle=round(episode.price(view.dydx_ts), 1),
        dydx_ts=iso_of(view.dydx_ts),
        dydx_age_ms=view.ts - view.dydx_ts,
        expected_fill_buy=view.buy,
        expected_fill_sell=view.sell,
        fill_size_base=0.25,
        depth_used_levels_buy=int(rng.integers(1, 9)),
        depth_used_levels_sell=int(rng.integers(1, 9)),
        effective_diff_signed_buy=diff_buy,
        effective_diff_signed_sell=diff_sell,
        risk_state=state,
        previous_state=before,
        halt_reason=f"diff: {abs(worst) * 100:.0f}%+" if is_halt else None,
        thresholds=GATES,
        signal_score=round(float(rng.uniform(0, 1)), 3),
        mtf_aligned=int(rng.integers(-1, 2)),
        rsi_1m=float(indicators[0]),
        rsi_5m=float(indicators[1]),
        rsi_15m=float(indicators[2]),
        rsi_1h=float(indicators[3]),
        rsi_4h=float(indicators[4]),
        spread_pct=spread,
        basis_pct=-0.02,
        spread_excess_pct=round(spread + 0.02, 4),
        binance_ret_window_pct=round(float(rng.normal(0, 0.1)), 4),
        window_min=5,
        session=("asia", "europe", "us")[view.ts // 3_600_000 % 24 // 8],
        regime=episode.plan.regime,
        decision="refuse",
        reasons=("risk state HALT",) if is_halt else _REASONS[int(rng.integers(len(_REASONS)))],
        order_intent={"side": episode.side, "size_base": 0.25},
        config_hash="5f2c9ad01be7",
    )


_REASONS: Final = (
    ("spread below entry",),
    ("lead return below move_pct",),
    ("cooldown", "spread below entry"),
    ("timeframes not aligned",),
)


def without(record: DecisionRecord, names: tuple[str, ...]) -> DecisionRecord:
    """``record`` without the fields ``names``."""
    known = {name: value for name, value in record.to_dict().items() if name not in names}
    del known["schema"]
    return DecisionRecord(**known)
