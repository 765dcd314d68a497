"""The law in the stream: closed minutes in, signals and trades out, equal to the backtest's."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from research.arrays import Records
from research.errors import LiveError, OrderError
from research.features.labels import REGIMES, SESSIONS
from research.features.running import NAMES
from research.outcomes import REASONS
from strategies.bot.contract import BotConfig
from strategies.law.minute import Desk, State, finish
from strategies.law.position import NEVER
from strategies.live.stream import step
from strategies.live.stream.armed import ArmedSet, StreamRules, armed_sets, stream_rules
from strategies.live.stream.events import Closed, Event, Leave, Signal, Voided
from strategies.live.stream.features import MinuteFeatures
from strategies.live.stream.group import Group, groups_of, windows_of
from strategies.live.stream.intake import Intake
from strategies.live.stream.minute import LiveMinute
from strategies.registry import strategy_of

__all__ = ["Acting", "Stream"]

Acting = Callable[[ArmedSet, str, str | None], bool]
"""Whether a set decides minutes of a session and a regime (None: unknown)."""
_LONGEST_GAP_MIN = 60 * 24 * 31


def _all_act(armed: ArmedSet, session: str, regime: str | None) -> bool:
    del armed, session, regime
    return True


class Stream:
    """Features, signals and positions of all armed sets, minute by minute.

    Parameters
    ----------
    sets
        Each runs by itself, as its backtest did.
    rules
        How minutes become features, and which are left out.
    acting
        Who decides where several sets claim a minute; left out, each.

    Attributes
    ----------
    closed_trades
        Every trade that is over, in the order in which it ended.

    Raises
    ------
    LiveError
        No set, two of one name, or one of the plain model: nobody can trade by that.
    """

    def __init__(
        self, sets: Sequence[ArmedSet], rules: StreamRules, acting: Acting = _all_act
    ) -> None:
        _check(sets)
        self.rules = rules
        self.groups = groups_of(sets, rules)
        self.closed_trades: list[Closed] = []
        self.first_minute: int | None = None
        self.last_minute: int | None = None
        self._acting = acting
        self.intake = Intake(rules, windows_of(sets))

    @classmethod
    def of_config(cls, config: BotConfig, *, cut_silence: bool = True) -> "Stream":
        """The enabled sets of the bot's file.

        ``cut_silence`` False: the minutes come from a frame, which has left out the silences.
        """
        rules = stream_rules(config)
        if not cut_silence:
            rules = replace(rules, silence=None)

        def acts(armed: ArmedSet, session: str, regime: str | None) -> bool:
            strategy = strategy_of(armed.params)
            found = config.acting(strategy.name, strategy.mode_of(armed.params), session, regime)
            return found is not None and found.id == armed.id

        return cls(armed_sets(config), rules, acts)

    @property
    def sets(self) -> tuple[ArmedSet, ...]:
        """The armed sets, by strategy."""
        return tuple(armed for group in self.groups for armed in group.sets)

    @property
    def latest(self) -> MinuteFeatures | None:
        """The features of the newest minute; None before the first."""
        if self.last_minute is None:
            return None
        row = self.intake.known.tolist()
        labels = int(row[step.SESSION]), int(row[step.REGIME])
        prices = row[step.AGE], row[step.BINANCE_CLOSE], row[step.CLOSE], row[step.PAID_RATE]
        return MinuteFeatures._make((self.last_minute, *row[: step.FEATURES], *labels, *prices))

    def push(self, minute: LiveMinute, *, may_enter: bool = True) -> tuple[Event, ...]:
        """Takes the next closed minute; missing ones before it count as minutes without a price.

        ``may_enter`` False: positions live on, no new one is opened (a warm start).

        Raises
        ------
        OrderError
            The minute is not after the last one.
        LiveError
            More than a month is missing: start anew from history.
        """
        if self.last_minute is None:
            self.first_minute = minute.minute
        elif minute.minute != self.last_minute + 1:
            missing = list(self._fill(self.last_minute, minute.minute, may_enter))
            return (*missing, *self._take(minute, may_enter))
        return self._take(minute, may_enter)

    def warm(self, minutes: Sequence[LiveMinute] | Iterator[LiveMinute]) -> None:
        """Takes history: features and cooldowns know it, no position is opened in it."""
        for minute in minutes:
            self.push(minute, may_enter=False)

    def finish(self) -> tuple[Closed, ...]:
        """Ends the frame: what is open leaves at its last price (END). Nothing may follow."""
        found = []
        for group in self.groups:
            for i, armed in enumerate(group.sets):
                positions, closed = group.positions[i], group.closed[i]
                state = finish(_state(group, i), Desk(positions, closed), group.rules[i])
                found += [self._closed(armed, closed[k].copy()) for k in range(state.ended)]
        self.closed_trades += found
        return tuple(found)

    def positions(self) -> dict[str, Records]:
        """Copies of the positions that are pending, open or leaving, by set; POSITION records."""
        return {
            armed.id: group.positions[i, : group.records["alive"][i]].copy()
            for group in self.groups
            for i, armed in enumerate(group.sets)
        }

    def _fill(self, last: int, until: int, may_enter: bool) -> Iterator[Event]:
        if until <= last:
            raise OrderError(
                f"stream: minute {_iso(until)} is not after {_iso(last)}; push each closed minute "
                "once and in order"
            )
        if until - last > _LONGEST_GAP_MIN:
            raise LiveError(
                f"stream: {until - last - 1:,} minutes missing after {_iso(last)}; start anew "
                "with history up to now"
            )
        for missing in range(last + 1, until):
            yield from self._take(LiveMinute(missing), may_enter)

    def _take(self, minute: LiveMinute, may_enter: bool) -> tuple[Event, ...]:
        self.intake.take(minute)
        number = minute.minute
        self.last_minute = number
        t, known = number - (self.first_minute or 0), self.intake.known
        events: list[Event] = []
        for group in self.groups:
            if group.scored:
                self._score(group, minute)
            news = group.step_all(
                group.records, group.positions, group.closed, group.terms, known, t, may_enter
            )
            if news:
                events += self._news(group)
        return tuple(events)

    def _score(self, group: Group, minute: LiveMinute) -> None:
        for i in group.scored:
            name = group.sets[i].params.filters.score_column or ""
            if name in NAMES:
                group.records[i]["score"] = self.intake.known[NAMES.index(name)]
            else:
                group.records[i]["score"] = minute.scores.get(name, math.nan)

    def _news(self, group: Group) -> Iterator[Event]:
        """What changed of the sets that the step named, against what was last told."""
        for i in np.flatnonzero(group.records["news"]).tolist():
            armed, state, told = group.sets[i], group.records[i], group.told[i]
            closed = group.closed[i, : state["ended"]]
            for k in range(state["ended"]):
                found = self._closed(armed, closed[k].copy())
                self.closed_trades.append(found)
                told.pop(int(closed[k]["entry"]), None)
                yield found
            yield from self._alive(armed, group.positions[i, : state["alive"]], told)

    def _alive(self, armed: ArmedSet, positions: Records, told: dict[int, bool]) -> Iterator[Event]:
        first, last = self.first_minute or 0, self.last_minute or 0
        entries = [int(entry) for entry in positions["entry"]]
        for gone in set(told) - set(entries):
            del told[gone]
            yield Voided(armed.id, last, gone + first)
        for entry, position in zip(entries, positions, strict=True):
            side = int(position["side"])
            if entry not in told:
                told[entry] = False
                yield Signal(armed.id, last, side, self._acts(armed))
            if position["exit"] != NEVER and not told[entry]:
                told[entry] = True
                reason = str(REASONS[int(position["reason"])])
                yield Leave(armed.id, last, entry + first, side, reason)

    def _acts(self, armed: ArmedSet) -> bool:
        regime = int(self.intake.known[step.REGIME])
        session = SESSIONS[int(self.intake.known[step.SESSION])]
        return self._acting(armed, session, REGIMES[regime] if regime >= 0 else None)

    def _closed(self, armed: ArmedSet, trade: Records) -> Closed:
        first, last = self.first_minute or 0, self.last_minute or 0
        entry, left = int(trade["entry"]) + first, int(trade["exit"]) + first
        return Closed(armed.id, last, entry, left, trade)


def _state(group: Group, i: int) -> State:
    kept = group.records[i]
    return State(int(kept["alive"]), 0, int(kept["last_entry"]), float(kept["last_spread"]))


def _iso(minute: int) -> str:
    return f"{np.datetime64(minute, 'm')}Z"


def _check(sets: Sequence[ArmedSet]) -> None:
    if not sets:
        raise LiveError(
            "stream: no set is enabled, so there is nothing to run; export a config with one"
        )
    names = [each.id for each in sets]
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise LiveError(f"stream: two sets are called {twice[0]}; each needs a name of its own")
    for each in sets:
        if each.execution.flat_is_price:
            raise LiveError(
                f"stream: {each.id} reads candles without a trade as prices (the plain model), "
                "at which nobody can trade; arm a set of the executable model"
            )
