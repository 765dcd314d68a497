"""Made-up journals with HALTs whose cause is known: for tests, the README and the notebook.

Everything follows from the seed. The truth is kept beside the journal, never in it.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, Final, NamedTuple, cast

import numpy as np

from research.errors import ParamError
from research.journal.episodes import AFTER_MS, BEFORE_MS, GATES, Episode, Fault, Plan, draw_episode
from research.journal.instants import iso_of, ms_of
from research.journal.record import DecisionRecord

__all__ = ["Planted", "SyntheticJournal", "synthesise"]

START: Final = "2026-01-05T00:00:00.000Z"
MARKET: Final = "SYNTH-USD"  # the name says that nobody traded here
_SPACING_MS: Final = 30 * 60_000
_HOLD_MS: Final = 5_000  # a HALT ends when what went wrong is over
# of 20 HALTs; the last three lack something that is needed
_FAULTS: Final = (
    *["mid", "fill", "latency"] * 5,
    *["latency_gap", "latency_binance", "missing_field", "missing_field", "missing_history"],
)
_MISSING: Final = (
    ("binance_mid",),
    ("dydx_mid",),
    ("dydx_ts", "dydx_age_ms"),
    ("expected_fill_buy", "expected_fill_sell"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """The truth about one HALT; parts are fractions of the Binance mid."""

    ts: str
    cause: str  # mid, fill, latency; unknown where the journal lacks what is needed to know
    side: str
    fill: float
    latency: float
    mid: float
    fault: str


@dataclass(frozen=True, slots=True, eq=False)
class SyntheticJournal:
    """Records in the order of time, the truth about the HALTs, and Binance around them."""

    records: list[DecisionRecord]
    truth: list[Planted]
    episodes: list[Episode]

    def quotes(self, every_ms: int = 250) -> Iterator[tuple[int, float]]:
        """(ms, Binance mid) around every HALT, as a recorder beside the bot would have them."""
        for episode in self.episodes:
            moment = episode.plan.moment_ms
            for ts in range(moment - BEFORE_MS, moment + AFTER_MS, every_ms):
                yield ts, round(episode.price(ts), 2)

    def truth_rows(self) -> list[dict[str, Any]]:
        """The truth, ready for JSON."""
        return [asdict(planted) for planted in self.truth]


class _View(NamedTuple):
    ts: int
    binance_ts: int
    binance: float
    dydx_ts: int
    dydx: float
    buy: float
    sell: float


def synthesise(*, halts: int = 20, seed: int = 7) -> SyntheticJournal:
    """A journal with ``halts`` planted HALTs, one every half hour.

    Around each HALT the bot decides twice a second, otherwise once a minute. Of every 20 HALTs
    5 come from a bad dYdX mid, 5 from a thin book, 7 from old data (one after a gap in the
    journal, one with Binance as the late side), and 3 lack a field or the history to tell.

    Raises
    ------
    ParamError
        Fewer than one HALT, or a seed below 0.
    """
    if halts < 1 or seed < 0:
        raise ParamError(f"halts must be 1 or more and seed 0 or more, were {halts} and {seed}")
    rng = np.random.default_rng(seed)
    made = SyntheticJournal([], [], [])
    price, start = 91_000.0, ms_of(START)
    for number in range(halts):
        moment = start + (number + 1) * _SPACING_MS + int(rng.integers(-300_000, 300_000))
        plan = Plan(
            fault=cast("Fault", _FAULTS[number % len(_FAULTS)]),
            regime=str(rng.choice(["calm", "normal", "wild"])),
            start_price=price * float(np.exp(rng.normal(0, 0.004))),
            moment_ms=moment,
        )
        episode = draw_episode(rng, plan)
        since = start if number == 0 else ms_of(made.truth[-1].ts) + AFTER_MS
        _add_quiet(rng, made, episode, since, price)
        _add_episode(rng, made, episode)
        price = float(episode.path[-1])
    return made


def _add_quiet(
    rng: np.random.Generator, made: SyntheticJournal, episode: Episode, since: int, price: float
) -> None:
    minutes = range((since // 60_000 + 1) * 60_000, episode.plan.moment_ms - BEFORE_MS, 60_000)
    if not minutes:
        return
    walk = rng.normal(0, 4e-4, len(minutes)).cumsum()
    end = float(np.log(episode.path[0] / price))
    walk += np.linspace(0, 1, len(minutes)) * (end - walk[-1])
    for minute, move in zip(minutes, walk, strict=True):
        ts = minute + int(rng.integers(400, 1_600))
        binance = round(float(price * np.exp(move)), 2)
        dydx = round(binance * (1 + float(rng.normal(-2e-4, 1e-4))), 1)
        view = _View(ts, ts - 60, binance, ts - 400, dydx, *_usual_fills(dydx))
        made.records.append(_record(rng, episode, view, "NORMAL", "NORMAL"))


def _add_episode(rng: np.random.Generator, made: SyntheticJournal, episode: Episode) -> None:
    moment, fault = episode.plan.moment_ms, episode.plan.fault
    gap = moment - episode.dydx_lag_ms - 2_500 if fault.endswith(("gap", "history")) else moment
    state = "NORMAL"
    for ts in _moments(rng, moment):
        if gap < ts < moment:
            continue
        before, state = state, "HALT" if moment <= ts < moment + _HOLD_MS else "NORMAL"
        record = _record(rng, episode, _view(rng, episode, ts), before, state)
        if ts == moment and fault == "missing_field":
            record = _without(record, _MISSING[int(rng.integers(len(_MISSING)))])
        made.records.append(record)
    made.episodes.append(episode)
    cause = fault.split("_")[0]
    made.truth.append(
        Planted(
            ts=iso_of(moment),
            cause="unknown" if cause == "missing" else cause,
            side=episode.side,
            fault=fault,
            **episode.parts(),
        )
    )


def _moments(rng: np.random.Generator, moment: int) -> list[int]:
    steps = np.arange(-(BEFORE_MS - 5_000), AFTER_MS, 500)
    late = np.where(steps == 0, 0, rng.integers(0, 40, len(steps)))
    return [int(ts) for ts in moment + steps + late]


def _view(rng: np.random.Generator, episode: Episode, ts: int) -> _View:
    moment = episode.plan.moment_ms
    is_wrong = moment <= ts < moment + _HOLD_MS
    binance_ts = _quote_ts(ts, episode.binance_lag_ms, moment, usual_ms=60)
    dydx_ts = _quote_ts(ts, episode.dydx_lag_ms, moment, usual_ms=400)
    binance = round(episode.price(binance_ts), 2)
    offset = episode.mid_offset if is_wrong else float(rng.normal(-2e-4, 1e-4))
    dydx = round(episode.price(dydx_ts) * (1 + offset), 1)
    buy, sell = _usual_fills(dydx)
    if is_wrong:
        fill = round(dydx * (1 + episode.fill_offset), 2)
        buy, sell = (fill, sell) if episode.side == "buy" else (buy, fill)
    return _View(ts, binance_ts, binance, dydx_ts, dydx, buy, sell)


def _quote_ts(ts: int, lag_ms: int, moment: int, *, usual_ms: int) -> int:
    if ts == moment:
        return ts - lag_ms
    is_stuck = lag_ms >= 1_000 and moment - lag_ms < ts - usual_ms and ts < moment + _HOLD_MS
    return moment - lag_ms if is_stuck else ts - usual_ms


def _usual_fills(dydx: float) -> tuple[float, float]:
    return round(dydx * 1.00015, 2), round(dydx * 0.99985, 2)


def _record(
    rng: np.random.Generator, episode: Episode, view: _View, before: str, state: str
) -> DecisionRecord:
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


def _without(record: DecisionRecord, names: tuple[str, ...]) -> DecisionRecord:
    known = {name: value for name, value in record.to_dict().items() if name not in names}
    del known["schema"]
    return DecisionRecord(**known)
