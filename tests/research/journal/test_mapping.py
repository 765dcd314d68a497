"""Foreign logs: keys, paths and units become our fields."""

import json
from typing import Any

import pytest

from research.errors import SettingsError
from research.journal.mapping import FieldMap
from research.journal.parse import parse_line
from research.journal.suggest import suggest_map

TS = "2026-01-05T00:00:00.120Z"


def mapped(payload: dict[str, Any], *maps: str) -> dict[str, Any]:
    parsed = parse_line(json.dumps(payload).encode(), FieldMap.parse(maps))
    assert parsed.record is not None, parsed.faults
    return parsed.record.to_dict()


@pytest.mark.parametrize(
    ("value", "units", "ours"),
    [
        (1767571200120, "epoch_ms", TS),
        (1767571200.12, "epoch_s", TS),
        (1767571200120_000, "epoch_us", TS),
        (1767571200120_000_999, "epoch_ns", TS),
        ("1767571200120", "number:epoch_ms", TS),
        ("2026-01-05 00:00:00,120", "utc", TS),
        ("2026-01-05T08:00:00.120+08:00", "", TS),
    ],
)
def test_every_way_to_write_a_moment(value: object, units: str, ours: str) -> None:
    unit = f":{units}" if units else ""
    assert mapped({"when": value}, f"when=ts{unit}")["ts"] == ours


@pytest.mark.parametrize(
    ("value", "units", "ours"),
    [(3.0, "percent", 0.03), (300, "bps", 0.03), ("3.0", "number:percent", 0.03)],
)
def test_every_way_to_write_a_fraction(value: object, units: str, ours: float) -> None:
    found = mapped({"ts": TS, "d": value}, f"d=effective_diff_signed_buy:{units}")
    assert found["effective_diff_signed_buy"] == pytest.approx(ours, rel=1e-15)


@pytest.mark.parametrize(("value", "unit", "ours"), [(8.5, "s", 8500), (900, "us", 0.9)])
def test_every_way_to_write_an_age(value: float, unit: str, ours: float) -> None:
    assert mapped({"ts": TS, "lag": value}, f"lag=dydx_age_ms:{unit}")["dydx_age_ms"] == ours


def test_dots_reach_into_objects_on_both_sides() -> None:
    payload = {
        "ts": TS, "q": {"bn": {"mid": 91000.5}}, "cfg.halt": 3, "side": "sell", "why": "cooldown",
    }  # fmt: skip
    found = mapped(
        payload, "q.bn.mid=binance_mid", "cfg.halt=thresholds.halt_diff:percent",
        "side=order_intent.side", "why=reasons:list",
    )  # fmt: skip
    assert found == {
        "schema": 1, "ts": TS, "binance_mid": 91000.5, "thresholds": {"halt_diff": 0.03},
        "reasons": ("cooldown",), "order_intent": {"side": "sell"},
    }  # fmt: skip


def test_keys_with_our_names_need_no_map_and_missing_ones_stay_unknown() -> None:
    found = mapped({"ts": TS, "risk_state": "HALT", "junk": [1]}, "nowhere.at.all=binance_mid")
    assert found == {"schema": 1, "ts": TS, "risk_state": "HALT"}


def test_what_cannot_be_converted_is_a_fault_of_our_field() -> None:
    parsed = parse_line(
        b'{"t":"soon","d":{}}', FieldMap.parse(["t=ts:epoch_ms", "d=binance_mid:s"])
    )
    assert parsed.record is None
    assert [f"{fault.field}: {fault.message}" for fault in parsed.faults] == [
        "ts: t=ts:epoch_ms: 'soon' cannot be converted",
        "binance_mid: d=binance_mid:s: an object cannot be converted",
    ]


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        (["mid"], "--map mid: must be theirs=ours or theirs=ours:unit, such as "
         "diff_pct=effective_diff_signed_buy:percent"),
        (["mid=binance_mit"], "--map mid=binance_mit: binance_mit is no field of a decision "
         "record; did you mean binance_mid? `leadfollow journal schema` lists them all"),
        (["a=rsi_1m.x"], "--map a=rsi_1m.x: rsi_1m.x is no field of a decision record; did you "
         "mean rsi_1m? `leadfollow journal schema` lists them all"),
        (["a=dydx_age_ms:hours"], "--map a=dydx_age_ms:hours: 'hours' is no unit; choose from "
         "bps, epoch_ms, epoch_ns, epoch_s, epoch_us, list, ns, number, percent, s, us, utc"),
        (["a=ts", "b=ts"], "--map: ts is mapped twice; keep one of them"),
    ],
)  # fmt: skip
def test_a_map_that_makes_no_sense_is_refused(texts: list[str], message: str) -> None:
    with pytest.raises(SettingsError) as refused:
        FieldMap.parse(texts)
    assert str(refused.value) == message


@pytest.mark.parametrize(
    ("sample", "maps"),
    [
        ({"timestamp": "2026-01-05 00:00:00", "binancePrice": 1.5, "dydxPrice": 1.4},
         ["timestamp=ts:utc", "binancePrice=binance_mid", "dydxPrice=dydx_mid"]),
        ({"ts": 1767571200, "vwap_ask": 1.0, "vwap_bid": 1.0, "diff_bps_long": 300},
         ["ts=ts:epoch_s", "vwap_ask=expected_fill_buy", "vwap_bid=expected_fill_sell",
          "diff_bps_long=effective_diff_signed_buy"]),
        ({"prev_state": "NORMAL", "status": "HALT", "why": "diff", "action": "skip"},
         ["prev_state=previous_state", "status=risk_state", "why=reasons:list", "action=decision"]),
        ({"colour": "red"}, []),
    ],
)  # fmt: skip
def test_a_map_is_suggested_from_names_and_values(sample: dict[str, Any], maps: list[str]) -> None:
    assert [str(item) for item in suggest_map(sample)] == maps


def test_a_suggested_map_reads_the_log_it_was_made_for() -> None:
    sample = {
        "time": 1767571200120, "binance": {"mid": "91000.5", "lag_ms": 40}, "dx_price": 90990.0,
        "status": "HALT", "diff_buy_pct": 3.2,
    }  # fmt: skip
    assert mapped(sample, *map(str, suggest_map(sample))) == {
        "schema": 1, "ts": TS, "binance_mid": 91000.5, "binance_age_ms": 40, "dydx_mid": 90990.0,
        "risk_state": "HALT", "effective_diff_signed_buy": 3.2 / 100,
    }  # fmt: skip


def test_a_literal_in_a_key_that_is_read_over_is_no_fault() -> None:
    line = b'{"t":"2026-01-05T00:00:00Z","junk":NaN,"q":{"mid":NaN},"rsi_1m":Infinity}'
    parsed = parse_line(line, FieldMap.parse(["t=ts", "q.mid=binance_mid"]))
    assert parsed.record is not None
    assert [fault.field for fault in parsed.faults] == ["q.mid", "rsi_1m"]
