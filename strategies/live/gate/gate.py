"""``decide``: is this minute one in which the exported evidence holds, and is it safe to act?"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from research.errors import LiveError
from strategies.bot.contract import BotConfig
from strategies.bot.guards import Guards as GuardLimits
from strategies.bot.validity import Validity, moment_of
from strategies.live.gate.decision import Action, Decision
from strategies.live.gate.evidence import Evidence, Voice
from strategies.live.gate.ranges import RangeWatch
from strategies.live.gate.reasons import Reason, Why
from strategies.live.risk import (
    GuardMemory,
    Guards,
    MarketSnapshot,
    RiskMachine,
    RiskMemory,
    RiskReading,
    RiskState,
    depth_usdt,
)
from strategies.live.settings import GateSettings, RiskSettings
from strategies.live.stream import MinuteFeatures

__all__ = ["Gate"]

_GUARDS = {
    "losses": Why.LOSSES,
    "daily_loss": Why.DAILY_LOSS,
    "volatility": Why.VOLATILITY,
    "depth": Why.DEPTH,
    "positions": Why.POSITIONS,
}
_MINUTE_MS = 60_000


class Gate:
    """The door before the bot's entries. Leaving is never asked about.

    Parameters
    ----------
    config
        The bot's file, of schema 2 with validity and guards.
    may_be_synthetic
        Whether a file that was made on a synthetic market is let through, for trying out.

    Raises
    ------
    LiveError
        The file cannot be traded by: synthetic, of schema 1, or nothing in it is enabled.
    """

    def __init__(
        self,
        config: BotConfig,
        risk: RiskSettings,
        gate: GateSettings,
        *,
        may_be_synthetic: bool = False,
    ) -> None:
        limits, validity = _checked(config, may_be_synthetic)
        self.config = config
        self.settings = gate
        self.machine = RiskMachine(limits, risk)
        self.guards = Guards(limits, risk)
        self.ranges = RangeWatch(validity, gate.min_window_share)
        self._limits = limits
        self._expires_ms = moment_of(validity.expires_at).timestamp() * 1000
        self._evidence = Evidence(config)

    def minute(self, features: MinuteFeatures) -> None:
        """Takes the features of a closed minute; each one, as they come from the stream."""
        self.ranges.push(features)

    def closed(self, now_ms: float, net_usdt: float) -> None:
        """Takes the result of a position that the bot closed, net of all costs."""
        self.guards.closed(now_ms, net_usdt)

    def decide(self, now_ms: float, market: MarketSnapshot) -> Decision:
        """The answer at one moment, milliseconds since 1970."""
        reading = self.machine.update(now_ms, market)
        stops = [*self._of_config(now_ms, market), *self._of_state(reading)]
        features = market.features
        if market.sign == 0:
            stops.insert(0, Reason(Why.NO_SIDE))
        if features is None:
            stops.append(Reason(Why.NO_MINUTE))
        else:
            stops += self._of_minute(now_ms, features)
        if stops or features is None:
            return _refused(stops, None, reading)
        voice = self._evidence.voice(market, features)
        bonus, told, stops = self._of_evidence(now_ms, market, features, voice)
        size, smaller, more = self._of_safety(now_ms, market, features, reading)
        stops = [*stops, *more]
        set_id = voice.set_id if voice else None
        if not stops and size < self.settings.min_size:
            stops = [Reason(Why.TOO_SMALL, f"{size:.0%} of the size"), *smaller]
        if stops:
            return _refused(stops, set_id, reading)
        action = (
            Action.ALLOW_SMALLER
            if size < 1
            else Action.ALLOW_WITH_BONUS
            if bonus > 0
            else Action.ALLOW
        )
        return Decision(
            action=action,
            size_factor=size,
            score_bonus=bonus,
            reasons=(*smaller, *told),
            set_id=set_id,
            reading=reading,
        )

    def to_dict(self) -> dict[str, Any]:
        """What the gate remembers, ready for JSON."""
        return {
            "risk": self.machine.memory.to_dict(),
            "guards": self.guards.memory.to_dict(),
            "ranges": self.ranges.to_dict(),
        }

    def restore(self, raw: Mapping[str, Any]) -> None:
        """Takes what :meth:`to_dict` gave, of an earlier run. Raises :class:`LiveError`."""
        try:
            risk, guards, ranges = raw["risk"], raw["guards"], raw["ranges"]
        except (KeyError, TypeError):
            raise LiveError(
                "gate memory: not what a gate wrote; start without it, in HALT"
            ) from None
        memories = RiskMemory.of(risk), GuardMemory.of(guards)
        self.ranges.restore(ranges)
        self.machine.memory, self.guards.memory = memories

    def _of_config(self, now_ms: float, market: MarketSnapshot) -> list[Reason]:
        found = []
        if market.market != self.config.market.dydx:
            detail = f"{self.config.market.dydx}, not {market.market[:40]}"
            found.append(Reason(Why.FOREIGN_MARKET, detail))
        if not now_ms < self._expires_ms:
            when = datetime.fromtimestamp(self._expires_ms / 1000, UTC)
            found.append(Reason(Why.EXPIRED, f"{when:%Y-%m-%dT%H:%MZ}"))
        return [*found, *self.ranges.reasons()]

    def _of_state(self, reading: RiskReading) -> list[Reason]:
        why = {RiskState.HALT: Why.HALT, RiskState.ESCAPE: Why.ESCAPE}.get(reading.state)
        if reading.state is RiskState.SUSPECT and self.settings.suspect_size == 0:
            why = Why.SUSPECT
        return [] if why is None else [Reason(why, _causes(reading))]

    def _of_minute(self, now_ms: float, features: MinuteFeatures) -> list[Reason]:
        """Whether the features are those of the minute that closed last."""
        closed_ms = (features.minute + 1) * _MINUTE_MS
        late_ms = now_ms - closed_ms - _MINUTE_MS
        if late_ms > self.settings.max_minute_delay_ms or now_ms < closed_ms:
            when = datetime.fromtimestamp(features.minute * 60, UTC)
            return [Reason(Why.MINUTE_LATE, f"{when:%Y-%m-%dT%H:%MZ}")]
        return []

    def _of_evidence(
        self,
        now_ms: float,
        market: MarketSnapshot,
        features: MinuteFeatures,
        voice: Voice | None,
    ) -> tuple[float, list[Reason], list[Reason]]:
        """Bonus, what speaks for the entry, and what the evidence refuses it for."""
        settings = self.settings
        against: list[Reason] = []
        if self._evidence.opposed(market, features):
            against.append(Reason(Why.OPPOSED))
        if voice is None:
            against.append(Reason(Why.NO_EVIDENCE, f"{market.side} {_labels(features)}"))
        else:
            against += voice.refusals
        late_ms = now_ms - (features.minute + 1) * _MINUTE_MS
        is_late = late_ms > settings.max_signal_age_ms
        has_signal = voice is not None and voice.signal is not None and not is_late
        if voice is not None and voice.signal is not None and is_late:
            against.append(Reason(Why.SIGNAL_LATE, f"{late_ms / 1000:.1f} s"))
        elif voice is not None and settings.needs_signal and not has_signal:
            against.append(Reason(Why.NO_SIGNAL, voice.set_id))
        if settings.mode == "gate" and against:
            return 0.0, [], against
        if any(reason.why is Why.OPPOSED for reason in against):
            return -settings.signal_bonus, against, []
        if voice is None or voice.refusals:
            return 0.0, against, []
        bonus = settings.signal_bonus if has_signal else settings.segment_bonus
        why = Why.SIGNAL if has_signal else Why.SEGMENT
        return bonus, [Reason(why, voice.set_id), *against], []

    def _of_safety(
        self,
        now_ms: float,
        market: MarketSnapshot,
        features: MinuteFeatures,
        reading: RiskReading,
    ) -> tuple[float, list[Reason], list[Reason]]:
        """Size factor, why it is smaller, and why it is nothing."""
        size = 1.0
        smaller: list[Reason] = []
        stops: list[Reason] = []
        bands = reading.signs.bands
        if reading.state is RiskState.SUSPECT:
            size *= self.settings.suspect_size
            smaller.append(Reason(Why.SUSPECT, _causes(reading)))
        levels = market.dydx.asks if market.sign > 0 else market.dydx.bids
        verdict = self.guards.check(
            now_ms,
            realized_vol_pct=features.realized_vol_pct,
            depth_usdt=depth_usdt(levels, bands.entry),
            open_positions=market.open_positions,
        )
        size *= verdict.size_factor
        for stop in verdict.stops:
            (stops if stop.halts else smaller).append(Reason(_GUARDS[stop.guard], stop.detail))
        diff = reading.signs.diff_buy if market.sign > 0 else reading.signs.diff_sell
        if reading.signs.oracle_gap is None:
            stops.append(Reason(Why.ORACLE_UNKNOWN))
        if diff is None:
            return 0.0, smaller, [*stops, Reason(Why.FILL_UNKNOWN)]
        adverse = diff * market.sign  # paying above Binance, or getting less
        detail = f"{adverse:.3%} of {bands.entry:.3%}"
        start = self.settings.reduce_from * bands.entry
        if adverse >= bands.entry:
            stops.append(Reason(Why.DIFF_AT_BAND, detail))
        elif adverse > start:
            size *= (bands.entry - adverse) / (bands.entry - start)
            smaller.append(Reason(Why.DIFF_NEAR_BAND, detail))
        return size, smaller, stops


def _refused(stops: list[Reason], set_id: str | None, reading: RiskReading) -> Decision:
    return Decision(
        action=Action.REFUSE,
        size_factor=0.0,
        score_bonus=0.0,
        reasons=tuple(stops),
        set_id=set_id,
        reading=reading,
    )


def _causes(reading: RiskReading) -> str:
    return "; ".join(cause.value for cause in reading.causes) or "not calm for long enough"


def _labels(features: MinuteFeatures) -> str:
    return f"in {features.session_name}/{features.regime_name or 'unknown'}"


def _checked(config: BotConfig, may_be_synthetic: bool) -> tuple[GuardLimits, Validity]:
    if config.synthetic and not may_be_synthetic:
        raise LiveError(
            "bot config: made on a synthetic market, never to be traded; export one of recorded "
            "minutes, or say that this is a trial"
        )
    if config.guards is None or config.validity is None:
        raise LiveError(
            "bot config: guards and validity are not in it (schema 1), so nobody can say when to "
            "stop; write it anew with `leadfollow export`"
        )
    if not config.enabled:
        raise LiveError("bot config: no set is enabled, so nothing may trade; nothing to guard")
    return config.guards, config.validity
