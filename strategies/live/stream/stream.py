"""The law in the stream: closed minutes in, signals and trades out, equal to the backtest's."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from research.arrays import Records
from research.errors import LiveError, OrderError
from research.features.labels import REGIMES, SESSIONS
from research.features.running import NAMES, Lookbacks, advance, start
from research.outcomes import REASONS
from strategies.bot.contract import BotConfig
from strategies.law.minute import Desk, State, finish
from strategies.law.position import NEVER
from strategies.live.stream import step
from strategies.live.stream.armed import ArmedSet, StreamRules, armed_sets, stream_rules
from strategies.live.stream.events import Closed, Event, Leave, Signal, Voided
from strategies.live.stream.features import MinuteFeatures
from strategies.live.stream.group import Group, groups_of, windows_of
from strategies.live.stream.minute import LiveMinute
from strategies.live.stream.silence import Silences
from strategies.registry import strategy_of

__all__ = ["Acting", "Stream"]

Acting = Callable[[ArmedSet, str, str | None], bool]
"""Whether a set decides minutes of a session and a regime (None: unknown)."""
_DYDX = slice(LiveMinute._fields.index("dydx_open"), LiveMinute._fields.index("dydx_volume"))
_ATR = NAMES.index("atr_pct")
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
        look = rules.panel.features
        self.rules = rules
        self.groups = groups_of(sets, rules)
        self.closed_trades: list[Closed] = []
        self.first_minute: int | None = None
        self.last_minute: int | None = None
        self._acting = acting
        self._lookbacks = Lookbacks(
            look.basis_min, look.atr_min, look.realized_vol_min, look.rsi_bars
        )
        self._windows = windows_of(sets)
        self.running = start(self._lookbacks, max([1, *self._windows.tolist()]))
        self.known = np.full(step.KNOWN + len(self._windows), np.nan)
        self._leads = self.known[step.KNOWN :]  # a view
        self.silences = Silences(rules.silence) if rules.silence else None
        self._candle = np.empty(4)
        cuts = rules.panel.sessions.cuts
        # the hours before the first cut belong to the last session
        self._session_by_hour = [
            sum(hour >= cut for cut in cuts) - 1 if hour >= cuts[0] else len(SESSIONS) - 1
            for hour in range(24)
        ]
        self._edges = (rules.edges.low, rules.edges.high)

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
        row = self.known.tolist()
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
        self._read(minute)
        number = minute.minute
        advance(
            self.running,
            self._lookbacks,
            self._windows,
            number,
            self._candle,
            self.known,
            self._leads,
        )
        self._label(number)
        self.last_minute = number
        t = number - (self.first_minute or 0)
        events: list[Event] = []
        for group in self.groups:
            if group.scored:
                self._score(group, minute)
            news = group.step_all(
                group.records, group.positions, group.closed, group.terms, self.known, t, may_enter
            )
            if news:
                events += self._news(group)
        return tuple(events)

    def _read(self, minute: LiveMinute) -> None:
        """The minute as panels read it: no price where a venue did not trade."""
        row, nan = self.known, math.nan
        is_binance, is_dydx = minute.binance_traded, minute.dydx_traded
        age = minute.dydx_age_min
        row[step.AGE] = (0.0 if is_dydx else row[step.AGE] + 1) if age != age else age
        if self.silences and self.silences.leaves_out(is_binance, is_dydx):
            is_binance = is_dydx = False
        dydx = minute[_DYDX] if is_dydx else (nan, nan, nan, nan)
        row[step.OPEN : step.CLOSE + 1] = dydx
        row[step.BINANCE_OPEN] = minute.binance_open if is_binance else nan
        row[step.BINANCE_CLOSE] = minute.binance_close if is_binance else nan
        row[step.RATE] = minute.funding_rate
        row[step.BINANCE_RATE] = minute.binance_funding_rate
        if minute.minute % 60 == 0 and minute.funding_rate == minute.funding_rate:
            row[step.PAID_RATE] = minute.funding_rate
        row[step.BAD_PRINT] = minute.dydx_bad_print
        candle = self._candle
        candle[0] = minute.binance_high if is_binance else nan
        candle[1] = minute.binance_low if is_binance else nan
        candle[2], candle[3] = row[step.BINANCE_CLOSE], row[step.CLOSE]

    def _label(self, number: int) -> None:
        low, high = self._edges
        atr = float(self.known[_ATR])
        self.known[step.SESSION] = self._session_by_hour[number // 60 % 24]
        if atr != atr or low != low:
            self.known[step.REGIME] = -1
        else:
            self.known[step.REGIME] = 0 if atr < low else 1 if atr < high else 2

    def _score(self, group: Group, minute: LiveMinute) -> None:
        for i in group.scored:
            name = group.sets[i].params.filters.score_column or ""
            if name in NAMES:
                group.records[i]["score"] = self.known[NAMES.index(name)]
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
        regime = int(self.known[step.REGIME])
        session = SESSIONS[int(self.known[step.SESSION])]
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
