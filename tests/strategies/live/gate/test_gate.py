"""What the gate lets through, what it makes smaller, and every reason to refuse."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from research.errors import LiveError
from research.journal import JournalWriter, ReadReport, read_journal
from strategies.bot.config import load_bot_config
from strategies.live.gate import Action, Gate, Why, record_of
from strategies.live.settings import GateSettings, RiskSettings
from strategies.live.stream import Signal
from tests.samples.gates import MINUTE, NOW, calm_gate, config, features, market, quote

SCHEMA_1 = Path(__file__).parents[3] / "samples" / "bot" / "schema-1.json"


def whys(gate: Gate, *, now_ms: float = NOW, **changes: Any) -> list[Why]:
    decision = gate.decide(now_ms, market(now_ms, **changes))
    assert (decision.size_factor > 0) == decision.allows
    assert decision.reasons
    return [reason.why for reason in decision.reasons]


def test_a_signal_of_a_proven_set_in_a_calm_market_passes_with_a_bonus() -> None:
    decision = calm_gate().decide(NOW, market())
    assert decision.action is Action.ALLOW_WITH_BONUS
    assert (decision.size_factor, decision.score_bonus) == (1.0, 1.0)
    assert decision.set_id == "lead-short.all"
    assert [reason.why for reason in decision.reasons] == [Why.SIGNAL]


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"side": None}, Why.NO_SIDE),
        ({"market": "ETH-USD"}, Why.FOREIGN_MARKET),
        ({"features": None}, Why.NO_MINUTE),
        ({"features": features(MINUTE - 2)}, Why.MINUTE_LATE),
        ({"features": features(MINUTE + 1)}, Why.MINUTE_LATE),
        ({"side": "long"}, Why.NO_EVIDENCE),
        ({"strategy": "reversion"}, Why.NO_EVIDENCE),
        ({"signals": ()}, Why.NO_SIGNAL),
        ({"signals": (Signal("lead-short.all", MINUTE - 1, -1, True),)}, Why.NO_SIGNAL),
        ({"signals": (Signal("other", MINUTE, -1, True),)}, Why.NO_SIGNAL),
        ({"features": features(dydx_age_min=1.0)}, Why.PRICE_OLD),
        ({"features": features(dydx_age_min=float("nan"))}, Why.PRICE_OLD),
        ({"features": features(realized_vol_pct=0.3)}, Why.VOLATILITY),
        ({"dydx": quote(exchange_ms=NOW - 5000)}, Why.HALT),
        ({"open_positions": 1}, Why.POSITIONS),
        ({"oracle": None}, Why.ORACLE_UNKNOWN),
        ({"oracle_ms": NOW - 61_000}, Why.ORACLE_UNKNOWN),
        ({"dydx": quote(bids=((99_999.0, 0.001),))}, Why.DEPTH),
    ],
    ids=lambda value: value.name if isinstance(value, Why) else "",
)
def test_each_of_these_alone_is_a_refusal(changes: dict[str, Any], why: Why) -> None:
    assert why in whys(calm_gate(), **changes)


@pytest.mark.parametrize(
    ("filters", "changes", "why"),
    [
        ({"rsi_max": 40.0}, {}, Why.RSI_OUTSIDE),
        ({"rsi_max": 60.0}, {"rsi_5m": float("nan")}, Why.RSI_OUTSIDE),
        ({"needs_alignment": True}, {"mtf_aligned": 0.0}, Why.TRENDS_DISAGREE),
        ({"needs_alignment": True}, {"mtf_aligned": float("nan")}, Why.TRENDS_DISAGREE),
        ({"max_funding_pct": 0.001}, {"funding_rate": -1e-4}, Why.FUNDING_HIGH),
        ({"max_funding_pct": 0.001}, {"funding_rate": float("nan")}, Why.FUNDING_HIGH),
        ({"score_column": "atr_pct", "score_min": 0.05}, {}, Why.SCORE_LOW),
        ({"sessions": ["us"]}, {}, Why.NO_EVIDENCE),
        ({"regimes": ["wild"]}, {"regime": -1}, Why.NO_EVIDENCE),
    ],
)
def test_filters_of_the_set_refuse_and_let_pass(
    filters: dict[str, Any], changes: dict[str, Any], why: Why
) -> None:
    gate = calm_gate(config(filters=filters))
    assert why in whys(gate, features=features(**changes))


def test_a_filter_that_is_met_lets_pass() -> None:
    filters = {"rsi_max": 60.0, "needs_alignment": True, "max_funding_pct": 0.001}
    assert calm_gate(config(filters=filters)).decide(NOW, market()).allows


def test_a_late_signal_is_refused() -> None:
    later = NOW + 4000
    assert whys(calm_gate(until=later), now_ms=later) == [Why.SIGNAL_LATE]


def test_expired_evidence_is_refused_from_its_very_moment() -> None:
    validity = {"expires_at": "2026-02-02T02:41:01.5Z"}
    raw = config().validity
    assert raw is not None
    made = config(validity=raw.model_dump() | validity)
    assert Why.EXPIRED in whys(calm_gate(made))
    before = config(validity=raw.model_dump() | {"expires_at": "2026-02-02T02:41:02Z"})
    assert calm_gate(before).decide(NOW, market()).allows


def test_a_market_that_left_the_fitted_ranges_is_refused() -> None:
    gate = calm_gate()
    for minute in range(MINUTE + 1, MINUTE + 400):
        gate.minute(features(minute, atr_pct=0.5))
    assert Why.OUT_OF_RANGE in whys(gate)


def test_a_market_that_is_not_known_cannot_be_compared() -> None:
    gate = Gate(config(), RiskSettings(), GateSettings())
    for minute in range(MINUTE - 600, MINUTE + 1):
        gate.minute(features(minute))
    assert Why.RANGE_UNKNOWN in whys(gate)


def test_the_size_falls_towards_the_band_of_the_effective_diff() -> None:
    """Selling below Binance: the band is 0.2 %, from half of it on the size falls to nothing."""
    sizes = []
    for off in (0.0, 0.0009, 0.0012, 0.0016, 0.0019, 0.0021):
        moved = quote(100_000.0 * (1 - off))
        decision = calm_gate().decide(NOW, market(dydx=moved, oracle=100_000.0))
        sizes.append(decision.size_factor)
    assert sizes[:2] == [1.0, 1.0]
    assert 1 > sizes[2] > sizes[3] > 0
    assert sizes[4:] == [0.0, 0.0]
    premium = market(dydx=quote(100_000.0 * 1.0015))
    assert calm_gate().decide(NOW, premium).size_factor == 1.0  # selling dear is what it wants


def test_suspect_halves_the_size_and_the_user_may_refuse_it() -> None:
    warned = market(oracle=100_700.0)
    decision = calm_gate().decide(NOW, warned)
    assert decision.action is Action.ALLOW_SMALLER
    assert decision.size_factor == 0.5
    strict = calm_gate(settings=GateSettings(suspect_size=0.0))
    assert Why.SUSPECT in [reason.why for reason in strict.decide(NOW, warned).reasons]


def test_as_a_weight_the_evidence_adds_to_the_score_and_safety_still_refuses() -> None:
    weight = GateSettings(mode="weight")
    found = {
        name: calm_gate(settings=weight).decide(NOW, market(**changes)).score_bonus
        for name, changes in {
            "signal": {},
            "segment": {"signals": ()},
            "none": {"side": "long", "signals": ()},
            "against": {"side": "long"},
        }.items()
    }
    assert found == {"signal": 1.0, "segment": 0.25, "none": 0.0, "against": -1.0}
    assert Why.HALT in whys(calm_gate(settings=weight), dydx=quote(exchange_ms=NOW - 5000))


def test_losses_that_the_bot_tells_of_halt_the_gate() -> None:
    gate = calm_gate()
    for _ in range(5):
        gate.closed(NOW, -1.0)
    assert whys(gate) == [Why.LOSSES]


def test_configs_that_nobody_may_trade_by_are_refused_whole() -> None:
    settings = RiskSettings(), GateSettings()
    with pytest.raises(LiveError, match="synthetic market"):
        Gate(config(synthetic=True), *settings)
    Gate(config(synthetic=True), *settings, may_be_synthetic=True)
    with pytest.raises(LiveError, match="schema 1"):
        Gate(load_bot_config(SCHEMA_1).model_copy(update={"synthetic": False}), *settings)
    with pytest.raises(LiveError, match="no set is enabled"):
        Gate(config(sets=[]), *settings)


def test_a_memory_comes_back_and_a_foreign_one_changes_nothing() -> None:
    gate = calm_gate()
    gate.closed(NOW, -1.0)
    kept = json.loads(json.dumps(gate.to_dict()))
    other = Gate(config(), RiskSettings(), GateSettings())
    other.restore(kept)
    assert other.to_dict() == gate.to_dict()
    assert other.decide(NOW, market()).to_dict() == gate.decide(NOW, market()).to_dict()
    before = other.to_dict()
    for raw in ({}, [], kept | {"ranges": {}}, kept | {"risk": {"state": "?"}}):
        with pytest.raises(LiveError):
            other.restore(raw)
        assert other.to_dict() == before


def test_a_decision_is_a_record_that_the_journal_reads_back(tmp_path: Path) -> None:
    gate = calm_gate()
    cases = [
        market(),
        market(side=None),
        market(oracle=101_200.0),
        market(dydx=quote(bids=((float("inf"), 1.0),)), oracle=float("nan")),
    ]
    records = [record_of(NOW, each, gate.decide(NOW, each), config_hash="abc") for each in cases]
    with JournalWriter(tmp_path) as journal:
        for record in records:
            journal.append(record)
    assert [each.decision for each in records] == ["enter", "hold", "refuse", "refuse"]
    report = ReadReport()
    assert [record for _, _, record in read_journal([tmp_path], report)] == records
    assert report.rejected == 0
    first = records[0]
    assert first.order_intent is not None
    assert first.order_intent["side"] == "sell"
    assert first.risk_state == "CAN_TRADE"
    assert records[2].halt_reason is not None
    assert replace(first, ts=first.ts) == first
