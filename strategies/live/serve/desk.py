"""The stream and the gate behind the routes: one market, one memory, one clock."""

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from research.atomic import write_json
from research.errors import LiveError
from research.journal import JournalWriter
from strategies.live.gate import Gate, record_of
from strategies.live.risk import SecondVolatility
from strategies.live.serve.wire import Asked, Minutes, Result
from strategies.live.stream import (
    Closed,
    Event,
    Leave,
    LiveMinute,
    Signal,
    Stream,
    Voided,
    restore_stream,
    write_snapshot,
)

__all__ = ["Desk"]


class Desk:
    """Answers questions; every call is one whole step of stream and gate.

    Parameters
    ----------
    now_ms
        Milliseconds since 1970: this machine's clock, whatever a request says.
    journal
        Where every decision is written; None: nowhere.
    state
        Folder that the memory is kept in between runs; None: none is kept.
    config_hash
        Of the bot config, for the journal.
    """

    def __init__(
        self,
        stream: Stream,
        gate: Gate,
        *,
        now_ms: Callable[[], float],
        volatility_window_sec: float = 60.0,
        journal: JournalWriter | None = None,
        state: Path | None = None,
        config_hash: str | None = None,
    ) -> None:
        self._stream = stream
        self._gate = gate
        self._now_ms = now_ms
        self._volatility = SecondVolatility(volatility_window_sec)
        self._journal = journal
        self._state = state
        self._config_hash = config_hash
        self._signals: tuple[Signal, ...] = ()

    def warm(self, minutes: Iterable[LiveMinute]) -> None:
        """Takes history: nothing is entered in it."""
        for minute in minutes:
            self._stream.push(minute, may_enter=False)
            self._tell()

    def minutes(self, given: Minutes) -> dict[str, Any]:
        """Takes closed minutes; what they made of the sets. Raises OrderError, LiveError."""
        found: list[dict[str, Any]] = []
        for one in given.minutes:
            events = self._stream.push(one.live())
            self._signals = tuple(event for event in events if isinstance(event, Signal))
            self._tell()
            found += [_facts(event) for event in events]
        self.save()
        latest = self._stream.latest
        return {"last_minute": latest.minute if latest else None, "events": found}

    def decide(self, asked: Asked) -> dict[str, Any]:
        """The gate's answer, written to the journal before it is given."""
        now_ms, binance = self._now_ms(), asked.binance.quote()
        mid = binance.mid
        vol_1s = self._volatility.value if mid is None else self._volatility.push(now_ms, mid)
        market = asked.snapshot(self._stream.latest, self._signals, vol_1s)
        decision = self._gate.decide(now_ms, market)
        if self._journal is not None:
            record = record_of(now_ms, market, decision, config_hash=self._config_hash)
            self._journal.append(record)
        return decision.to_dict()

    def closed(self, result: Result) -> dict[str, Any]:
        """Takes the result of a position that the bot closed."""
        self._gate.closed(self._now_ms(), result.net_usdt)
        self.save()
        return {"losses_in_a_row": self._gate.guards.memory.losses}

    def health(self) -> dict[str, Any]:
        """Where the gate stands."""
        latest = self._stream.latest
        return {
            "risk_state": self._gate.machine.memory.state.value,
            "last_minute": latest.minute if latest else None,
            "market": self._gate.config.market.dydx,
        }

    def save(self) -> None:
        """Keeps the memory, where a folder was given. Raises :class:`StoreError`."""
        if self._state is not None:
            write_snapshot(self._stream, self._state / "stream.json")
            write_json(self._state / "gate.json", self._gate.to_dict())

    def restore(self) -> bool:
        """Takes the memory of an earlier run; False: there is none.

        Raises
        ------
        LiveError
            It is damaged, or of another config.
        """
        if self._state is None or not (self._state / "stream.json").exists():
            return False
        kept = self._state / "gate.json"
        try:
            raw = json.loads(kept.read_bytes())
        except (OSError, ValueError) as error:
            raise LiveError(f"{kept}: cannot be read ({error}); remove the folder") from None
        restore_stream(self._stream, self._state / "stream.json")
        self._gate.restore(raw)
        return True

    def _tell(self) -> None:
        latest = self._stream.latest
        if latest is not None:
            self._gate.minute(latest)


def _facts(event: Event) -> dict[str, Any]:
    if isinstance(event, Closed):
        return {
            "event": "closed",
            "set_id": event.set_id,
            "minute": event.minute,
            "entry_minute": event.entry_minute,
            "exit_minute": event.exit_minute,
            "side": event.side,
            "reason": event.reason,
            "net_pct": event.net_pct,
        }
    name = {Signal: "signal", Leave: "leave", Voided: "voided"}[type(event)]
    return {"event": name} | event._asdict()
