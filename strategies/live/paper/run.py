"""The run: events in, decisions of the gate, orders, and every fact into the ledger."""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, replace
from typing import Any

from research.journal import JournalWriter
from strategies.bot.contract import BotConfig
from strategies.live.feeds.events import (
    BookHeard,
    FeedEvent,
    MinuteHeard,
    OracleHeard,
    Tick,
    VenueLost,
)
from strategies.live.gate import Decision, Gate, record_of
from strategies.live.paper.heard import Heard
from strategies.live.paper.ledger import Ledger, Position
from strategies.live.paper.money import closing, fee_usdt, hedge_price
from strategies.live.paper.orders import Order, filled
from strategies.live.risk import MarketSnapshot, RiskState, fill_of
from strategies.live.settings import PaperSettings
from strategies.live.stream import Closed, Leave, Signal, Stream
from strategies.registry import strategy_of

__all__ = ["News", "PaperRun"]

News = Callable[[str, float, str], None]
"""Told of what an operator must hear: kind, moment, sentence."""
_SECOND_MS, _MINUTE_MS = 1000.0, 60_000
_MOST_LOOKS = 3600  # after a longer stretch the older seconds are not looked at one by one
_FUNDING_LATE_MS = 3 * _MINUTE_MS  # a rate comes in with the minute after its hour


def _silent(kind: str, at_ms: float, text: str) -> None:
    del kind, at_ms, text


class PaperRun:
    """Takes one event after the other; all time is theirs.

    Parameters
    ----------
    config
        The bot's file, that ``stream`` and ``gate`` were made of.
    ledger
        Holds the positions; a run that is taken up again goes on with those.
    journal
        Where decisions, exits and changes of the risk state are written.
    """

    def __init__(
        self,
        config: BotConfig,
        stream: Stream,
        gate: Gate,
        heard: Heard,
        *,
        ledger: Ledger,
        journal: JournalWriter,
        settings: PaperSettings,
        config_hash: str | None = None,
        news: News = _silent,
    ) -> None:
        self.stream, self.gate, self.heard, self.ledger = stream, gate, heard, ledger
        self.settings = settings
        self.consumed = 0
        self.now_ms: float | None = None
        self.state = ""
        self.is_over = False
        self._has_minute = False
        self.orders: list[Order] = []
        self._left: list[tuple[Position, float]] = []
        self._journal = journal
        self._config_hash = config_hash
        self._news = news
        self._sets = {armed.id: armed for armed in stream.sets}
        self._max_age_ms = config.guards.max_dydx_age_ms if config.guards else 0.0

    def take(self, event: FeedEvent) -> None:
        """Takes the next event, after all that was due before it. Raises :class:`StoreError`."""
        if self.is_over:  # the recording has grown since
            self.is_over = False
            self.ledger.write("begin", event.at_ms)
        self._advance(event.at_ms)
        if isinstance(event, MinuteHeard):
            self._minute(event)
        elif isinstance(event, OracleHeard):
            self.heard.take(event)
        elif not isinstance(event, Tick) and self.heard.take(event):
            self._tell_feed(event)
        self.consumed += 1

    def stop(self) -> None:
        """Ends the span in the ledger; positions stay open for the next start."""
        if self.now_ms is not None and not self.is_over:
            self.is_over = True
            self.ledger.write("end", self.now_ms)

    def to_dict(self) -> dict[str, Any]:
        """All but the stream and the ledger, ready for JSON."""
        return {
            "consumed": self.consumed,
            "now_ms": self.now_ms,
            "state": self.state,
            "is_over": self.is_over,
            "has_minute": self._has_minute,
            "orders": [order.to_dict() for order in self.orders],
            "left": [[asdict(position), left_ms] for position, left_ms in self._left],
            "heard": self.heard.to_dict(),
            "gate": self.gate.to_dict(),
        }

    def restore(self, raw: Mapping[str, Any], *, is_same_second: bool) -> None:
        """Takes what :meth:`to_dict` gave.

        ``is_same_second`` False: time has passed meanwhile, so quotes and orders are not taken up.
        """
        self.gate.restore(raw["gate"])
        if is_same_second:
            self.consumed, self.now_ms, self.state = raw["consumed"], raw["now_ms"], raw["state"]
            self.is_over, self._has_minute = raw["is_over"], raw["has_minute"]
            self.orders = [Order(**each) for each in raw["orders"]]
            self.heard.restore(raw["heard"])
            self._left = [(Position(**position), left_ms) for position, left_ms in raw["left"]]

    def _advance(self, at_ms: float) -> None:
        if self.now_ms is None:
            self.ledger.write("begin", at_ms)
            self._look(at_ms)
        elif at_ms < self.now_ms:  # the clock went back: the risk state must see it
            self._look(at_ms)
        else:
            for second_ms in _seconds(self.now_ms, at_ms):
                self._fill_due(second_ms)
                self._look(second_ms)
            self._fill_due(at_ms)
        self.now_ms = at_ms

    def _look(self, now_ms: float) -> None:
        """The risk state as it stands, without a side."""
        market = self._market()
        decision = self.gate.decide(now_ms, market)
        self._tell_state(now_ms, market, decision)
        if decision.reading.state is RiskState.ESCAPE:
            for position in list(self.ledger.positions.values()):
                self._leave(position.id, now_ms, "ESCAPE")

    def _minute(self, event: MinuteHeard) -> None:
        last = self.stream.last_minute
        if last is not None and event.minute.minute <= last:
            return  # told twice
        if not self._has_minute:
            self._has_minute = True
            self.ledger.write("first_minute", event.at_ms, minute=event.minute.minute)
        found = self.stream.push(event.minute)
        if (latest := self.stream.latest) is not None:
            self.gate.minute(latest)
        self.heard.signals = tuple(each for each in found if isinstance(each, Signal))
        self._pay_funding(event)
        self.stream.closed_trades.clear()  # the ledger has them; a run may last for months
        for each in found:
            if isinstance(each, Closed):
                self._tell_law(event.at_ms, each)
            if isinstance(each, Closed | Leave):
                self._leave(f"{each.set_id}@{each.entry_minute}", event.at_ms, each.reason)
        for signal in self.heard.signals:
            self._ask(event.at_ms, signal)
        self._leave_orphans(event.at_ms)

    def _ask(self, now_ms: float, signal: Signal) -> None:
        name = f"{signal.set_id}@{signal.minute}"
        facts = {"id": name, "set_id": signal.set_id, "minute": signal.minute, "side": signal.side}
        if not signal.is_acting:
            why = ["NOT_ACTING: another set decides minutes of these labels"]
            self.ledger.write("signal", now_ms, action="pass", reasons=why, **facts)
            return
        market = replace(
            self._market(),
            side="long" if signal.side > 0 else "short",
            strategy=strategy_of(self._sets[signal.set_id].params).name,
        )
        decision = self.gate.decide(now_ms, market)
        self._tell_state(now_ms, market, decision)
        self._journal.append(record_of(now_ms, market, decision, config_hash=self._config_hash))
        reasons = [str(reason) for reason in decision.reasons]
        self.ledger.write("signal", now_ms, action=decision.action, reasons=reasons, **facts)
        whole = decision.reading.signs.size_base
        if decision.allows and whole is not None:
            size = whole * decision.size_factor
            self._order(now_ms, name, signal, size)

    def _order(self, now_ms: float, name: str, signal: Signal, size: float) -> None:
        order = Order(
            position=name, set_id=signal.set_id, minute=signal.minute, side=signal.side,
            size_base=size, due_ms=now_ms + self.settings.order_latency_ms,
            expected=self._expected(signal.side, size), reason="SIGNAL", is_entry=True,
        )  # fmt: skip
        self.orders.append(order)

    def _leave(self, name: str, now_ms: float, reason: str) -> None:
        for order in self.orders:
            if order.position == name and order.is_entry:
                self.orders.remove(order)
                self.ledger.write("unfilled", now_ms, id=name, reason=f"left before: {reason}")
                return
        held = self.ledger.positions.get(name)
        if held is None or any(order.position == name for order in self.orders):
            return
        self.orders.append(
            Order(
                position=name, set_id=held.set_id, minute=held.minute, side=-held.side,
                size_base=held.size_base, due_ms=now_ms + self.settings.order_latency_ms,
                expected=self._expected(-held.side, held.size_base), reason=reason, is_entry=False,
            )
        )  # fmt: skip
        market = self._market()
        record = record_of(
            now_ms, market, self.gate.decide(now_ms, market), config_hash=self._config_hash
        )
        intent = {"side": "sell" if held.side > 0 else "buy", "size_base": held.size_base}
        self._journal.append(
            replace(record, decision="exit", reasons=(reason,), order_intent=intent)
        )

    def _leave_orphans(self, now_ms: float) -> None:
        """Positions that the stream does not know of: it was made anew, or the law voided them."""
        first = self.stream.first_minute or 0
        known = {
            f"{name}@{int(entry) + first}"
            for name, records in self.stream.positions().items()
            for entry in records["entry"]
        }
        for name in [*self.ledger.positions, *(o.position for o in self.orders if o.is_entry)]:
            if name not in known:
                self._leave(name, now_ms, "ORPHANED")

    def _fill_due(self, now_ms: float) -> None:
        for order in sorted(self.orders, key=lambda each: each.due_ms):
            if order.due_ms <= now_ms:
                self.orders.remove(order)
                at_ms = max(order.due_ms, self.now_ms or order.due_ms)
                (self._enter if order.is_entry else self._exit)(order, at_ms)

    def _enter(self, order: Order, now_ms: float) -> None:
        price = self._price(order, now_ms)
        hedge = self._hedge(order)
        state = self.gate.machine.memory.state
        if state in (RiskState.HALT, RiskState.ESCAPE) or price is None or hedge is None:
            why = f"the risk state was {state}" if price is not None else "the book did not hold it"
            self.ledger.write("unfilled", now_ms, id=order.position, reason=why)
            return
        self.ledger.write(
            "open", now_ms, id=order.position, set_id=order.set_id, minute=order.minute,
            side=order.side, size_base=order.size_base, price=price, hedge=_known(hedge),
            expected=price if order.expected is None else order.expected,
            fees_usdt=fee_usdt(self._sets[order.set_id].costs, price * order.size_base),
        )  # fmt: skip

    def _exit(self, order: Order, now_ms: float) -> None:
        held = self.ledger.positions[order.position]
        price = self._price(order, now_ms)
        hedge = self._hedge(order)
        if price is None or hedge is None:  # nobody to trade with now: again in a second
            self.orders.append(replace(order, due_ms=now_ms + _SECOND_MS))
            return
        armed = self._sets.get(order.set_id)
        fee = fee_usdt(armed.costs if armed else None, price * order.size_base)
        facts = closing(
            held, price=price, expected=order.expected, hedge=_known(hedge), fee_usdt=fee
        )
        self.ledger.write("close", now_ms, reason=order.reason, **facts)
        self._left.append((held, now_ms))
        self.gate.closed(now_ms, facts["net_usdt"])

    def _pay_funding(self, event: MinuteHeard) -> None:
        minute, rate = event.minute.minute, event.minute.funding_rate
        self._left = [each for each in self._left if event.at_ms - each[1] <= _FUNDING_LATE_MS]
        if minute % 60 or rate != rate or rate == 0:
            return
        instant = minute * _MINUTE_MS
        held = [(each, math.inf) for each in self.ledger.positions.values()]
        for position, left_ms in [*held, *self._left]:
            armed = self._sets.get(position.set_id)
            if position.entered_ms < instant <= left_ms and armed and armed.costs.funding:
                usdt = position.side * rate * position.size_base * position.price
                self.ledger.write("funding", event.at_ms, id=position.id, usdt=usdt, rate=rate)

    def _tell_law(self, at_ms: float, closed: Closed) -> None:
        trade = closed.trade
        numbers = {
            name: _known(float(trade[name]))
            for name in ("entry_price", "exit_price", "gross_pct", "funding_pct", "net_pct")
        }
        self.ledger.write(
            "law", at_ms, id=f"{closed.set_id}@{closed.entry_minute}", set_id=closed.set_id,
            minute=closed.entry_minute, exit_minute=closed.exit_minute, side=closed.side,
            reason=closed.reason, **numbers,
        )  # fmt: skip

    def _tell_state(self, now_ms: float, market: MarketSnapshot, decision: Decision) -> None:
        state = decision.reading.state
        if state == self.state:
            return
        self.state = state.value
        causes = [cause.value for cause in decision.reading.causes]
        self.ledger.write("state", now_ms, state=state.value, causes=causes)
        if market.sign == 0:
            self._journal.append(record_of(now_ms, market, decision, config_hash=self._config_hash))
        if state in (RiskState.HALT, RiskState.ESCAPE):
            self._news(state.value.lower(), now_ms, "; ".join(causes))

    def _tell_feed(self, event: BookHeard | VenueLost) -> None:
        reason = event.reason if isinstance(event, VenueLost) else None
        facts = {"venue": event.venue, "is_up": reason is None, "reason": reason}
        self.ledger.write("feed", event.at_ms, **facts)
        if reason is not None:
            self._news("disconnect", event.at_ms, f"{event.venue}: {reason}")

    def _market(self) -> MarketSnapshot:
        entering = sum(order.is_entry for order in self.orders)
        return self.heard.snapshot(self.stream.latest, len(self.ledger.positions) + entering)

    def _expected(self, side: int, size: float) -> float | None:
        book = self.heard.books["dydx"]
        fill = fill_of(book.asks if side > 0 else book.bids, size)
        return None if fill is None else fill.price

    def _price(self, order: Order, now_ms: float) -> float | None:
        book, slippage = self.heard.books["dydx"], self.settings.slippage_bps
        return filled(order, book, now_ms, max_age_ms=self._max_age_ms, slippage_bps=slippage)

    def _hedge(self, order: Order) -> float | None:
        armed = self._sets.get(order.set_id)
        legs = strategy_of(armed.params).legs if armed else 1
        return hedge_price(legs, -order.side, order.size_base, self.heard.books["binance"])


def _known(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _seconds(after_ms: float, until_ms: float) -> Iterator[float]:
    """Whole seconds in (after, until]."""
    last = math.floor(until_ms / _SECOND_MS)
    first = max(math.floor(after_ms / _SECOND_MS) + 1, last - _MOST_LOOKS)
    for second in range(first, last + 1):
        yield second * _SECOND_MS
