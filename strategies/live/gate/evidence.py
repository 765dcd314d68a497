"""Which proven set speaks for a minute and a side, and whether its filters let it pass."""

from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from research.features.labels import REGIMES, SESSIONS
from strategies.bot.armed import params_of
from strategies.bot.contract import BotConfig
from strategies.bot.sets import BotSet
from strategies.law.filters import EntryFilters
from strategies.live.gate.reasons import Reason, Why
from strategies.live.risk import MarketSnapshot
from strategies.live.stream import MinuteFeatures, Signal
from strategies.registry import Params, strategy_named

__all__ = ["Evidence", "Voice"]


class Voice(NamedTuple):
    """A set that speaks for the minute."""

    set_id: str
    signal: Signal | None  # of the last closed minute, on the side that is asked about
    refusals: tuple[Reason, ...]  # by its filters


class _Speaker(NamedTuple):
    id: str
    sides: tuple[int, ...]
    strategy: str
    params: Params


class Evidence:
    """The enabled sets of a bot config by label and side."""

    def __init__(self, config: BotConfig) -> None:
        self._config = config
        self._bases = sorted({(each.strategy, each.mode) for each in config.enabled})
        self._speakers = cache(self._speaking)

    def voice(self, market: MarketSnapshot, features: MinuteFeatures) -> Voice | None:
        """The set that speaks for ``market.side``: one with a signal, else one that lets pass.

        None where no enabled set is for this side, session and regime.
        """
        found = [
            Voice(
                speaker.id,
                self._signal(speaker, market, features),
                tuple(_refusals(speaker.params, market.sign, features)),
            )
            for speaker in self._speakers(features.session, features.regime)
            if market.sign in speaker.sides and market.strategy in (None, speaker.strategy)
        ]
        return min(found, key=lambda each: (each.signal is None, len(each.refusals)), default=None)

    def opposed(self, market: MarketSnapshot, features: MinuteFeatures) -> Signal | None:
        """A signal of an acting set on the other side in the last closed minute."""
        for signal in market.signals:
            is_now = signal.is_acting and signal.minute == features.minute
            if is_now and signal.side == -market.sign:
                return signal
        return None

    def _signal(
        self, speaker: _Speaker, market: MarketSnapshot, features: MinuteFeatures
    ) -> Signal | None:
        for signal in market.signals:
            if (signal.set_id, signal.minute, signal.side) == (
                speaker.id,
                features.minute,
                market.sign,
            ):
                return signal
        return None

    def _speaking(self, session: int, regime: int) -> tuple[_Speaker, ...]:
        named = REGIMES[regime] if regime >= 0 else None
        acting = (
            self._config.acting(strategy, mode, SESSIONS[session], named)
            for strategy, mode in self._bases
        )
        return tuple(_speaker(each) for each in acting if each is not None)


def _speaker(bot_set: BotSet) -> _Speaker:
    params = params_of(bot_set)
    side = strategy_named(bot_set.strategy).side_of(params)
    return _Speaker(bot_set.id, (side,) if side else (1, -1), bot_set.strategy, params)


def _refusals(params: Params, side: int, features: MinuteFeatures) -> Iterator[Reason]:
    """As :func:`strategies.law.filters.is_allowed`: what is unknown passes no filter that asks."""
    filters: EntryFilters = params.filters
    # labels were asked already, by who acts; but a set may be narrower than its segment
    if features.session_name not in filters.sessions:
        yield Reason(Why.NO_EVIDENCE, f"not in {features.session_name}")
    if set(filters.regimes) != set(REGIMES) and features.regime_name not in filters.regimes:
        yield Reason(Why.NO_EVIDENCE, f"not in a {features.regime_name or 'unknown'} market")
    if filters.max_age_min != float("inf") and not features.dydx_age_min <= filters.max_age_min:
        limit = f"{filters.max_age_min:g}"
        yield Reason(Why.PRICE_OLD, f"{features.dydx_age_min:g} min, {limit} allowed")
    if filters.needs_alignment and features.mtf_aligned != side:
        yield Reason(Why.TRENDS_DISAGREE, f"{features.mtf_aligned:+g} against {side:+d}")
    if filters.asks_rsi:
        rsi = getattr(features, f"rsi_{filters.rsi_timeframe}")
        if not filters.rsi_min <= rsi <= filters.rsi_max:
            bounds = f"[{filters.rsi_min:g}, {filters.rsi_max:g}]"
            yield Reason(Why.RSI_OUTSIDE, f"{filters.rsi_timeframe} {rsi:.1f}, {bounds}")
    if filters.asks_funding:
        to_pay = side * features.funding_rate * 100.0
        if not to_pay <= filters.max_funding_pct:
            limit = f"{filters.max_funding_pct:.4f}"
            yield Reason(Why.FUNDING_HIGH, f"{to_pay:.4f} % an hour, {limit} allowed")
    if filters.score_column is not None:
        # a column that is no feature is known to the stream only: its signal is the proof
        score = getattr(features, filters.score_column, float("nan"))
        if not score >= filters.score_min:
            yield Reason(Why.SCORE_LOW, f"{filters.score_column} {score:g}")
