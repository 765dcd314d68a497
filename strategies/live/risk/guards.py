"""Black-swan guards: slower or not at all, whatever the evidence says, and the way back.

==================  ======================  ====================  ===============================
guard               slows down              halts                 the way back
==================  ======================  ====================  ===============================
losses in a row     at a share of the most  at the most           a win; after the cool-down slow
loss of a day       at a share of the most  at the most           the next UTC day
volatility          above its slow edge     above its halt edge   below the edge x release_share
depth of the book                           below the least       when it is there again
positions at once                           at the most           when one is closed
==================  ======================  ====================  ===============================
"""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, NamedTuple

from research.errors import LiveError
from strategies.bot.guards import Guards as GuardLimits
from strategies.live.settings import RiskSettings

__all__ = ["GuardMemory", "GuardVerdict", "Guards", "Stop"]

_DAY_MS = 86_400_000


class Stop(NamedTuple):
    """A guard that speaks: which, whether it halts or slows down, and the numbers."""

    guard: str  # losses, daily_loss, volatility, depth, positions
    halts: bool
    detail: str


class GuardVerdict(NamedTuple):
    """What all guards say together."""

    size_factor: float  # 0: no entry
    stops: tuple[Stop, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardMemory:
    """What guards remember."""

    losses: int = 0  # in a row
    cooling_until_ms: float = -math.inf
    day: int = -1  # UTC day of day_net_usdt
    day_net_usdt: float = 0.0
    volatility: int = 0  # 0 as fitted, 1 slow, 2 halted

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON: no infinity."""
        found = asdict(self)
        if math.isinf(self.cooling_until_ms):
            found["cooling_until_ms"] = None
        return found

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> "GuardMemory":
        """From :meth:`to_dict`. Raises :class:`LiveError`."""
        try:
            cooling = raw["cooling_until_ms"]
            return cls(**{**raw, "cooling_until_ms": -math.inf if cooling is None else cooling})
        except (KeyError, TypeError) as error:
            raise LiveError(
                f"guard memory: {error}; start without it if no position is open"
            ) from None


class Guards:
    """The guards of the bot's file with their memory."""

    def __init__(
        self, limits: GuardLimits, settings: RiskSettings, memory: GuardMemory = GuardMemory()
    ) -> None:
        self.memory = memory
        self._limits = limits
        self._settings = settings
        self._slow_losses = math.ceil(limits.max_consecutive_losses * settings.slow_losses_share)

    def closed(self, now_ms: float, net_usdt: float) -> None:
        """Takes the result of a position that was closed; 0 is no loss and ends no row of them."""
        self._turn_day(now_ms)
        losses = self.memory.losses + (net_usdt < 0) if net_usdt <= 0 else 0
        self.memory = replace(
            self.memory, losses=losses, day_net_usdt=self.memory.day_net_usdt + net_usdt
        )
        if net_usdt < 0 and losses >= self._limits.max_consecutive_losses:
            cooling = now_ms + self._limits.loss_cooldown_min * 60_000
            # afterwards slow: the next loss halts again, a win ends the row
            self.memory = replace(
                self.memory,
                cooling_until_ms=cooling,
                losses=self._limits.max_consecutive_losses - 1,
            )

    def check(
        self,
        now_ms: float,
        *,
        realized_vol_pct: float,
        depth_usdt: float,
        open_positions: int,
    ) -> GuardVerdict:
        """What the guards say of an entry now; NaN halts: what is unknown is no reason to trade."""
        self._turn_day(now_ms)
        stops = [
            *self._losses(now_ms),
            *self._daily_loss(),
            *self._volatility(realized_vol_pct),
        ]
        limits = self._limits
        if not depth_usdt >= limits.min_depth_usdt:
            detail = f"{depth_usdt:,.0f} USDT within reach, {limits.min_depth_usdt:,.0f} needed"
            stops.append(Stop("depth", True, detail))
        if open_positions >= limits.max_concurrent_positions:
            most = limits.max_concurrent_positions
            stops.append(Stop("positions", True, f"{open_positions} open, {most} allowed"))
        if any(stop.halts for stop in stops):
            return GuardVerdict(0.0, tuple(stops))
        return GuardVerdict(self._settings.slow_size if stops else 1.0, tuple(stops))

    def _turn_day(self, now_ms: float) -> None:
        day = int(now_ms // _DAY_MS)
        if day > self.memory.day:  # a clock that went back does not forgive the day's losses
            self.memory = replace(self.memory, day=day, day_net_usdt=0.0)

    def _losses(self, now_ms: float) -> list[Stop]:
        losses, most = self.memory.losses, self._limits.max_consecutive_losses
        if now_ms < self.memory.cooling_until_ms:
            minutes = math.ceil((self.memory.cooling_until_ms - now_ms) / 60_000)
            return [Stop("losses", True, f"{most} in a row; {minutes} min to wait")]
        if losses >= self._slow_losses and losses > 0:
            return [Stop("losses", False, f"{losses} in a row, halts at {most}")]
        return []

    def _daily_loss(self) -> list[Stop]:
        lost, most = -self.memory.day_net_usdt, self._limits.max_daily_loss_usdt
        if lost >= most:
            return [Stop("daily_loss", True, f"{lost:,.2f} of {most:,.2f} USDT")]
        if lost >= most * self._settings.slow_daily_loss_share:
            return [Stop("daily_loss", False, f"{lost:,.2f} USDT, halts at {most:,.2f}")]
        return []

    def _volatility(self, value: float) -> list[Stop]:
        if math.isnan(value):
            return [Stop("volatility", True, "unknown")]
        edges = (self._limits.volatility.slow_above, self._limits.volatility.halt_above)
        level = sum(value > edge for edge in edges)
        while level < self.memory.volatility and value > (
            edges[level] * self._settings.release_share
        ):
            level += 1
        if level != self.memory.volatility:
            self.memory = replace(self.memory, volatility=level)
        if level == 0:
            return []
        detail = f"{value:.4f} % a minute, fitted edge {edges[level - 1]:.4f}"
        return [Stop("volatility", level == 2, detail)]
