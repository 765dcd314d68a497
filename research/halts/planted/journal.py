"""Made-up journals with HALTs whose cause is known: for tests, the README and the notebook.

Everything follows from the seed. The truth is kept beside the journal, never in it.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, Final, cast

import numpy as np

from research.errors import ParamError
from research.halts.planted.episodes import (
    AFTER_MS,
    BEFORE_MS,
    Episode,
    EpisodePlan,
    Fault,
    draw_episode,
)
from research.halts.planted.records import HOLD_MS, make_record, quiet_view, view_at, without
from research.journal.instants import iso_of, ms_of
from research.journal.record import DecisionRecord

__all__ = ["Planted", "SyntheticJournal", "synthesise"]

START: Final = "2026-01-05T00:00:00.000Z"
_SPACING_MS: Final = 30 * 60_000
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
        plan = EpisodePlan(
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
        view = quiet_view(rng, ts, binance)
        made.records.append(make_record(rng, episode, view, "NORMAL", "NORMAL"))


def _add_episode(rng: np.random.Generator, made: SyntheticJournal, episode: Episode) -> None:
    moment, fault = episode.plan.moment_ms, episode.plan.fault
    gap = moment - episode.dydx_lag_ms - 2_500 if fault.endswith(("gap", "history")) else moment
    state = "NORMAL"
    for ts in _moments(rng, moment):
        if gap < ts < moment:
            continue
        before, state = state, "HALT" if moment <= ts < moment + HOLD_MS else "NORMAL"
        record = make_record(rng, episode, view_at(rng, episode, ts), before, state)
        if ts == moment and fault == "missing_field":
            record = without(record, _MISSING[int(rng.integers(len(_MISSING)))])
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
