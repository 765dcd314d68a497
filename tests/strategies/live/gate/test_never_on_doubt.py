"""Whatever happens, in whatever order: nothing is entered in HALT or ESCAPE, or on doubt."""

import math
from dataclasses import replace
from typing import Any

from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from strategies.live.gate import Gate
from strategies.live.risk import RiskState
from strategies.live.settings import GateSettings, RiskSettings
from tests.samples.gates import NOW, calm_gate, config, features, market, quote

CALM = calm_gate().to_dict()
prices = st.sampled_from([0.0, -1.0, math.nan, math.inf, 99_000.0, 99_900.0, 100_000.0, 101_500.0])
levels = st.lists(st.tuples(prices, st.sampled_from([0.0, 0.01, 1.0, math.nan])), max_size=3)


class Trading(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.now_ms = NOW
        self.gate = Gate(config(), RiskSettings(), GateSettings())
        self.gate.restore(CALM)
        self.positions = 0

    def ask(self, **changes: Any) -> None:
        minute = int(self.now_ms // 60_000) - 1
        asked = market(self.now_ms, features=features(minute), open_positions=self.positions)
        signals = tuple(each._replace(minute=minute) for each in asked.signals)
        asked = replace(asked, signals=signals, **changes)
        self.gate.minute(features(minute))
        decision = self.gate.decide(self.now_ms, asked)
        if not decision.allows:
            return
        self.positions += 1
        assert decision.reading.state in (RiskState.CAN_TRADE, RiskState.SUSPECT)
        assert 0 < decision.size_factor <= 1
        assert self.positions == 1
        for book in (asked.binance, asked.dydx):
            assert book.is_connected
            assert -500 <= book.age_ms(self.now_ms) <= 2000
            assert 0 < book.bids[0][0] < book.asks[0][0] < math.inf

    @rule(seconds=st.sampled_from([0.0, 0.5, 1.0, 5.0, 20.0, 59.0, 300.0, -3.0]))
    def time_passes(self, seconds: float) -> None:
        self.now_ms += seconds * 1000

    @rule(times=st.integers(1, 30))
    def calm_seconds(self, times: int) -> None:
        for _ in range(times):
            self.now_ms += 1000
            self.ask()

    @rule(
        bids=levels,
        asks=levels,
        age_ms=st.sampled_from([0.0, 1999.0, 2001.0, 1e9, -400.0, -1e6]),
        venue=st.sampled_from(["binance", "dydx"]),
        is_connected=st.booleans(),
    )
    def odd_book(self, bids: Any, asks: Any, age_ms: float, venue: str, is_connected: bool) -> None:
        book = quote(
            bids=tuple(bids),
            asks=tuple(asks),
            exchange_ms=self.now_ms - age_ms,
            received_ms=self.now_ms,
            is_connected=is_connected,
        )
        self.ask(**{venue: book})

    @rule(oracle=st.one_of(st.none(), prices), vol=st.one_of(st.none(), st.floats(0, 1)))
    def odd_oracle(self, oracle: float | None, vol: float | None) -> None:
        self.ask(oracle=oracle, vol_1s=vol)

    @rule(net=st.sampled_from([-30.0, -1.0, 0.0, 2.0]))
    def a_position_is_closed(self, net: float) -> None:
        if self.positions:
            self.positions -= 1
            self.gate.closed(self.now_ms, net)

    @rule()
    def restarts(self) -> None:
        memory = self.gate.to_dict()
        self.gate = Gate(config(), RiskSettings(), GateSettings())
        self.gate.restore(memory)


Trading.TestCase.settings = hypothesis_settings(
    max_examples=30, stateful_step_count=30, deadline=None
)
TestTrading = Trading.TestCase
