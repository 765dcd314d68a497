"""Recorded quotes: the format of `data record`, and what is wrong with a line of it."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from research.errors import FormatError
from research.journal import ReadReport
from research.quotes.quote import Quote, base_of, read_quotes

QUOTE = Quote(
    venue="binance", market="BTCUSDT", ts_ms=1767571200120, received_ms=1767571200161, age_ms=41,
    bid=91040.1, bid_size=2.5, ask=91040.2, ask_size=0.8,
)  # fmt: skip


def read(path: Path, *lines: str) -> tuple[list[Quote], ReadReport]:
    path.write_text("".join(line + "\n" for line in lines))
    report = ReadReport()
    return list(read_quotes([path], report)), report


def line_with(**fields: Any) -> str:
    return json.dumps(json.loads(QUOTE.to_line()) | fields)


def test_a_quote_comes_back_from_its_line(tmp_path: Path) -> None:
    found, report = read(tmp_path / "q.jsonl", QUOTE.to_line())
    assert found == [QUOTE]
    assert report.is_clean
    assert json.loads(QUOTE.to_line())["channel"] == "quote"


@given(st.floats(1e-6, 1e9), st.floats(0, 1e3))
def test_the_mid_lies_between_bid_and_ask(bid: float, spread: float) -> None:
    quote = Quote(venue="dydx", market="M", ts_ms=0, received_ms=0, bid=bid, ask=bid + spread)
    assert quote.bid <= quote.mid <= quote.ask


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("{", "(line): not JSON, or longer than any quote"),
        ("[1]", "channel: must be 'quote'"),
        (line_with(channel="trade"), "channel: must be 'quote'"),
        (line_with(bid=None), "bid: must be there"),
        (line_with(ts_ms="x"), "ts_ms: must be a whole number, was 'x'"),
        (line_with(venue=1), "venue: must be text, was 1"),
        (line_with(bid=0), "bid: bid 0, ask 91040.2"),
        (line_with(bid=91050), "bid: bid 91050, ask 91040.2"),
    ],
)
def test_what_is_no_quote_is_counted_with_line_and_field(
    tmp_path: Path, line: str, fault: str
) -> None:
    found, report = read(tmp_path / "q.jsonl", QUOTE.to_line(), line, QUOTE.to_line())
    assert found == [QUOTE, QUOTE]
    assert [str(kept) for kept in report.kept] == [f"q.jsonl:2: rejected: {fault}"]


def test_a_recording_without_a_quote_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FormatError) as refused:
        read(tmp_path / "q.jsonl", line_with(channel="trade"))
    assert str(refused.value) == (
        "q.jsonl: none of 1 lines is a recorded quote; first: q.jsonl:1: rejected: channel: "
        "must be 'quote'"
    )


@pytest.mark.parametrize(
    ("market", "base"),
    [("BTCUSDT", "BTC"), ("BTC-USD", "BTC"), ("ethusdc", "ETH"), ("DOGE", "DOGE"), ("", "")],
)
def test_both_venues_names_share_a_base(market: str, base: str) -> None:
    assert base_of(market) == base
