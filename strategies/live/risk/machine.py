"""The risk state through time: causes raise it at once, only calm time lowers it."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from research.errors import LiveError
from strategies.bot.guards import Guards as GuardLimits
from strategies.live.risk.causes import Cause
from strategies.live.risk.market import MarketSnapshot
from strategies.live.risk.signs import Signs, signs_of
from strategies.live.risk.transitions import TRANSITIONS, RiskState
from strategies.live.settings import RiskSettings

__all__ = ["RiskMachine", "RiskMemory", "RiskReading", "after"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskMemory:
    """What the machine remembers between two looks; moments in ms since 1970, None: not so."""

    state: RiskState = RiskState.HALT
    looked_ms: float | None = None
    halted_ms: float | None = None  # since when HALT has lasted
    calm_ms: float | None = None  # since when nothing was wrong

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        return asdict(self)

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> "RiskMemory":
        """From :meth:`to_dict`. Raises :class:`LiveError`."""
        try:
            return cls(**{**raw, "state": RiskState(raw["state"])})
        except (KeyError, TypeError, ValueError) as error:
            raise LiveError(
                f"risk memory: {error}; start without it, in HALT until the market is calm"
            ) from None


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskReading:
    """One look: the state after it, and why."""

    state: RiskState
    previous: RiskState
    causes: tuple[Cause, ...]
    signs: Signs

    @property
    def may_enter(self) -> bool:
        """Whether an entry is thinkable at all."""
        return self.state in (RiskState.CAN_TRADE, RiskState.SUSPECT)


class RiskMachine:
    """The state, look by look.

    Parameters
    ----------
    limits
        The guards of the bot's file.
    memory
        Of a run before this one; left out, it starts in HALT until the market was calm.
    """

    def __init__(
        self, limits: GuardLimits, settings: RiskSettings, memory: RiskMemory = RiskMemory()
    ) -> None:
        self.memory = memory
        self._limits = limits
        self._settings = settings

    def update(self, now_ms: float, market: MarketSnapshot) -> RiskReading:
        """Looks at the market; call it at every quote, or every second at least."""
        before, settings = self.memory, self._settings
        share = 1.0 if before.state is RiskState.CAN_TRADE else settings.release_share
        signs = signs_of(now_ms, market, self._limits, settings, share=share)
        causes = [*_of_time(before, now_ms, settings), *signs.causes]
        endings: list[Cause] = []
        self.memory = after(
            before,
            now_ms,
            causes,
            has_position=market.open_positions > 0,
            settings=settings,
            escape_sec=self._limits.spread.escape_timeout_sec,
            told=endings,
        )
        return RiskReading(
            state=self.memory.state,
            previous=before.state,
            causes=(*causes, *endings),
            signs=signs,
        )


def _of_time(memory: RiskMemory, now_ms: float, settings: RiskSettings) -> Iterable[Cause]:
    if memory.looked_ms is None:
        yield Cause.STARTING
    elif now_ms < memory.looked_ms:
        yield Cause.CLOCK_BACK
    elif now_ms - memory.looked_ms > settings.max_unwatched_sec * 1000:
        yield Cause.UNWATCHED


def after(
    memory: RiskMemory,
    now_ms: float,
    causes: Iterable[Cause],
    *,
    has_position: bool,
    settings: RiskSettings,
    escape_sec: float,
    told: list[Cause],
) -> RiskMemory:
    """The memory after one look with ``causes``; ``told`` takes those that time and positions add.

    HALT is counted in the look's own clock; where that went back, calm and HALT count anew.
    """
    state, is_calm = memory.state, True
    for cause in causes:
        state, is_calm = TRANSITIONS[state, cause], False
        if cause is Cause.CLOCK_BACK:
            memory = replace(memory, calm_ms=None, halted_ms=None)
    calm_ms = None if not is_calm else now_ms if memory.calm_ms is None else memory.calm_ms
    ending = _ending(state, now_ms, calm_ms, has_position, settings)
    if ending is not None:
        told.append(ending)
        state = TRANSITIONS[state, ending]
        calm_ms = now_ms if is_calm else None
    halted_ms = memory.halted_ms if state is RiskState.HALT else None
    if state is RiskState.HALT and halted_ms is None:
        halted_ms = now_ms
    if (
        state is RiskState.HALT
        and has_position
        and halted_ms is not None
        and now_ms - halted_ms >= escape_sec * 1000
    ):
        told.append(Cause.ESCAPE_TIMEOUT)
        state, halted_ms = TRANSITIONS[state, Cause.ESCAPE_TIMEOUT], None
    return RiskMemory(state=state, looked_ms=now_ms, halted_ms=halted_ms, calm_ms=calm_ms)


def _ending(
    state: RiskState,
    now_ms: float,
    calm_ms: float | None,
    has_position: bool,
    settings: RiskSettings,
) -> Cause | None:
    """What time or positions end of ``state``."""
    if state is RiskState.ESCAPE:
        return None if has_position else Cause.FLAT
    if calm_ms is None:
        return None
    calm_sec = (now_ms - calm_ms) / 1000
    if state is RiskState.HALT and calm_sec >= settings.halt_calm_sec:
        return Cause.HALT_CALM
    if state is RiskState.SUSPECT and calm_sec >= settings.suspect_calm_sec:
        return Cause.SUSPECT_CALM
    return None
