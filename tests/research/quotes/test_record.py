"""The recorder: what is heard is written, what is missed is marked, nonsense is counted."""

import asyncio
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from research.errors import FormatError, StoreError
from research.journal.faults import ReadReport
from research.quotes.book import Book
from research.quotes.linefile import LineWriter
from research.quotes.quote import read_quotes
from research.quotes.readers import BinanceReader, DydxReader
from research.quotes.record import RecordReport, record_quotes
from research.quotes.socket import Lost, Message, StreamSettings
from research.settings.fetch import FetchSettings
from tests.exchange import LocalExchange, running
from tests.exchange.arrange import NAMES, exchange_of
from tests.exchange.sockets import change, connected, oracle, snapshot, ticker

NOW_MS = 1_764_600_000_000
EVERY = FetchSettings(quote_every_ms=0, depth_every_ms=0, depth_levels=2)


@pytest.fixture
def exchange() -> Iterator[LocalExchange]:
    with running(exchange_of(10)) as served:
        yield served


def record(exchange: LocalExchange, folder: Path, seconds: float = 1.0) -> list[RecordReport]:
    sockets = exchange.url.replace("http", "ws")
    settings = EVERY.model_copy(
        update={"binance_ws_url": f"{sockets}/public/ws", "dydx_ws_url": f"{sockets}/v4/ws"}
    )
    patience = StreamSettings(
        silence_s=0.4, subscribe_pause_s=0.01, first_wait_s=0.02, longest_wait_s=0.05
    )
    ticks = iter(range(NOW_MS, NOW_MS + 10**6))
    return asyncio.run(
        record_quotes(
            "BTC", NAMES, settings=settings, folder=folder, now_ms=lambda: next(ticks),
            jitter=lambda: 0.0, seconds=seconds, pauses=patience,
        )
    )  # fmt: skip


def lines(folder: Path) -> list[dict[str, Any]]:
    return [
        json.loads(line)
        for path in sorted(folder.glob("*.jsonl"))
        for line in path.read_text().splitlines()
    ]


def dydx_reader(written: list[str]) -> DydxReader:
    emit = lambda line, at_ms: written.append(line)  # noqa: E731
    return DydxReader(market="BTC-USD", settings=EVERY, emit=emit)


def hear(reader: Any, *messages: Any, at_ms: int = NOW_MS) -> None:
    for number, message in enumerate(messages):
        text = message if isinstance(message, str) else json.dumps(message)
        reader.read(Message(at_ms + number, text))


def test_both_venues_are_written_in_the_format_of_quotes(
    exchange: LocalExchange, tmp_path: Path
) -> None:
    exchange.sockets.binance = [[ticker(1, 100, 100.5, ts_ms=NOW_MS - 40)]]
    exchange.sockets.dydx = [
        [connected(), snapshot(1, 900_000), oracle(2, "90010.5", NOW_MS - 900),
         change(3, bids=[["90000", "7"]])]
    ]  # fmt: skip
    reports = record(exchange, tmp_path, seconds=0.3)
    found = list(read_quotes(sorted(tmp_path.glob("*.jsonl")), ReadReport()))
    assert {quote.venue for quote in found} == {"binance", "dydx"}
    binance = next(quote for quote in found if quote.venue == "binance")
    assert (binance.bid, binance.ask, binance.ts_ms) == (100.0, 100.5, NOW_MS - 40)
    assert binance.age_ms == binance.received_ms - binance.ts_ms
    last = [quote for quote in found if quote.venue == "dydx"][-1]
    assert (last.bid, last.bid_size, last.ask, last.oracle) == (90000.0, 7.0, 90001.0, 90010.5)
    assert last.age_ms is None
    assert [(report.quotes, report.gaps, report.dropped) for report in reports] == [
        (1, 0, 0), (2, 0, 0),
    ]  # fmt: skip
    assert {line["channel"] for line in lines(tmp_path)} == {"quote", "depth", "oracle"}
    assert {message.get("channel") for message in exchange.sockets.subscribed} == {
        None, "v4_orderbook", "v4_markets",
    }  # fmt: skip


def test_a_lost_connection_is_opened_anew_and_the_gap_is_marked(
    exchange: LocalExchange, tmp_path: Path
) -> None:
    exchange.sockets.binance = [
        [ticker(5, 100, 101, ts_ms=NOW_MS), None],
        [ticker(9, 102, 103, ts_ms=NOW_MS)],
    ]
    record(exchange, tmp_path, seconds=0.35)
    told = [line for line in lines(tmp_path) if line["venue"] == "binance"]
    assert [line["channel"] for line in told][:4] == ["quote", "lost", "gap", "quote"]
    assert told[2]["from_ms"] == told[1]["received_ms"]
    assert exchange.sockets.opened["binance"] >= 2
    wanted = [m["params"] for m in exchange.sockets.subscribed if "params" in m]
    assert wanted[:2] == [["btcusdt@bookTicker"]] * 2


def test_a_hole_in_the_message_numbers_reopens_the_stream(
    exchange: LocalExchange, tmp_path: Path
) -> None:
    exchange.sockets.dydx = [
        [connected(), snapshot(1, 900_000), change(3, bids=[["90000", "9"]])],
        [connected(), snapshot(1, 910_000)],
    ]
    (_, dydx) = record(exchange, tmp_path, seconds=0.35)
    quotes = [line for line in lines(tmp_path) if line.get("channel") == "quote"]
    assert [line["bid"] for line in quotes] == [90000.0, 91000.0]
    assert dydx.gaps == 1


def test_a_silent_stream_is_opened_anew(exchange: LocalExchange, tmp_path: Path) -> None:
    exchange.sockets.binance = [[], [ticker(1, 100, 101, ts_ms=NOW_MS)]]
    record(exchange, tmp_path, seconds=0.8)
    reasons = [line["reason"] for line in lines(tmp_path) if line["channel"] == "lost"]
    assert "silent for 0.4 s" in reasons


def test_a_venue_that_is_away_does_not_stop_the_other(
    exchange: LocalExchange, tmp_path: Path
) -> None:
    exchange.sockets.binance = [[ticker(1, 100, 101, ts_ms=NOW_MS)]]
    exchange.sockets.dydx = [[None]]
    binance, dydx = record(exchange, tmp_path, seconds=0.3)
    assert binance.quotes == 1
    assert dydx.quotes == 0


def test_repeated_and_late_messages_change_nothing() -> None:
    written: list[str] = []
    reader = dydx_reader(written)
    first, second = snapshot(1, 900_000), change(2, asks=[["90001", "5"]])
    hear(reader, connected(), first, second)
    before = list(written)
    hear(reader, second, first, connected())
    assert written == before
    assert reader.dropped == 3


@pytest.mark.parametrize(
    "text",
    [
        *('{"message_id": 1e999}', '{"message_id": null}', "{}", "[]", "{", "[" * 5000),
        '{"message_id": 2, "channel": "v4_markets", "contents": {"markets": [1]}}',
    ],
)
def test_a_body_of_the_wrong_form_is_counted_and_passed_over(text: str) -> None:
    written: list[str] = []
    reader = dydx_reader(written)
    hear(reader, connected(), snapshot(1, 900_000))
    before = list(written)
    hear(reader, text)
    assert written == before
    assert reader.dropped == 1


def test_binance_updates_only_go_forward() -> None:
    written: list[str] = []
    reader = BinanceReader(
        market="BTCUSDT", settings=EVERY, emit=lambda line, at_ms: written.append(line)
    )
    hear(reader, *(ticker(u, 100 + u, 101 + u, ts_ms=NOW_MS) for u in (1, 2, 2, 1, 3)))
    assert [json.loads(line)["bid"] for line in written] == [101.0, 102.0, 103.0]
    assert reader.dropped == 2


def test_unchanged_and_too_frequent_quotes_are_left_out() -> None:
    written: list[str] = []
    settings = FetchSettings(quote_every_ms=100)
    reader = BinanceReader(
        market="BTCUSDT", settings=settings, emit=lambda line, at_ms: written.append(line)
    )
    for number, (bid, at_ms) in enumerate([(100, 0), (101, 50), (102, 100), (102, 300)]):
        hear(reader, ticker(number, bid, bid + 1, ts_ms=NOW_MS), at_ms=NOW_MS + at_ms)
    assert [json.loads(line)["bid"] for line in written] == [100.0, 102.0]


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", '{"message_id": "x"}', '{"message_id": 1}', "[" * 10_000,
     '{"message_id":0,"channel":"v4_orderbook","id":"BTC-USD","type":"subscribed",'
     '"contents":{"bids":[[]]}}'],
)  # fmt: skip
def test_nonsense_is_no_traceback(text: str) -> None:
    written: list[str] = []
    hear(dydx_reader(written), text)
    assert written == []


def test_after_a_loss_nothing_is_told_from_the_old_book() -> None:
    written: list[str] = []
    reader = dydx_reader(written)
    hear(reader, connected(), snapshot(1, 900_000))
    reader.read(Lost(NOW_MS, "away"))
    count = len(written)
    hear(reader, connected(), change(1, bids=[["90000", "9"]]))
    assert len(written) == count


def test_the_recorded_messages_are_read(shared_data: Path) -> None:
    folder = shared_data / "recorded" / "dydx"
    written: list[str] = []
    reader = dydx_reader(written)
    first = json.loads((folder / "ws_orderbook_subscribed.json").read_text())
    second = json.loads((folder / "ws_orderbook_update.json").read_text())
    hear(reader, connected(), first, second)
    assert json.loads(written[-2])["ask"] == 43252.0  # 43250 was taken away
    third = json.loads((folder / "ws_markets_update.json").read_text()) | {"message_id": 3}
    hear(reader, third)
    assert json.loads(written[-1])["oracle"] == 43300.0
    binance = BinanceReader(
        market="BNBUSDT", settings=EVERY, emit=lambda line, at_ms: written.append(line)
    )
    hear(
        binance,
        (shared_data / "recorded" / "binance" / "ws_futures_book_ticker.json").read_text(),
    )
    assert json.loads(written[-1])["bid"] == 25.3519


def test_a_crossed_book_loses_its_older_level() -> None:
    book = Book()
    book.replace({"bids": [["100", "1"], ["99", "1"]], "asks": [["101", "1"]]})
    book.update({"asks": [["99.5", "2"]]})
    assert book.best() == ((99.0, 1.0), (99.5, 2.0))


@given(
    st.lists(
        st.tuples(st.sampled_from(["bids", "asks"]), st.integers(1, 30), st.integers(0, 3)),
        max_size=60,
    )
)
def test_a_book_is_never_crossed(updates: list[tuple[str, int, int]]) -> None:
    book = Book()
    for side, price, size in updates:
        book.update({side: [[str(price), str(size)]]})
        best = book.best()
        assert best is None or best[0][0] < best[1][0]
        depth = book.depth(5)
        assert depth["bids"] == sorted(depth["bids"], reverse=True)
        assert depth["asks"] == sorted(depth["asks"])


def test_levels_that_are_none_are_refused() -> None:
    with pytest.raises(FormatError, match="is no price and size"):
        Book().replace({"bids": [{"price": "nan", "size": "1"}]})


def test_a_torn_line_is_ended_before_the_next(tmp_path: Path) -> None:
    writer = LineWriter(tmp_path, "BTC")
    writer.write('{"a": 1}', NOW_MS)
    writer.close()
    (path,) = tmp_path.glob("*.jsonl")
    with path.open("ab") as file:
        file.write(b'{"torn')
    writer.write('{"b": 2}', NOW_MS)
    writer.write('{"c": 3}', NOW_MS + 86_400_000)
    writer.close()
    assert path.read_text() == '{"a": 1}\n{"torn\n{"b": 2}\n'
    assert len(list(tmp_path.glob("*.jsonl"))) == 2


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_an_unwritable_folder_is_a_typed_error(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(StoreError, match="choose a folder with --out"):
        LineWriter(tmp_path / "x", "BTC").write("{}", NOW_MS)
