"""Live feeds against the local exchange: what is heard, what is lost, what comes back."""

import asyncio
import math
import time
from collections.abc import Callable, Iterator
from contextlib import aclosing
from pathlib import Path

import pytest

from research.quotes.socket import StreamSettings
from strategies.live.feeds import (
    BookHeard,
    FeedEvent,
    MinuteHeard,
    OracleHeard,
    Recording,
    VenueLost,
)
from strategies.live.feeds.events import Tick
from strategies.live.feeds.live import Addresses, heard
from strategies.live.feeds.minutes import Candle, MinuteJoin
from strategies.live.feeds.venues import DydxVoice
from strategies.live.paper.session import PaperSession
from tests.exchange import LocalExchange, running
from tests.exchange.arrange import exchange_of
from tests.exchange.sockets import candle, change, connected, kline, oracle, snapshot, ticker
from tests.samples.commands import Call
from tests.samples.recordings import paper_config

MINUTE = 29_500_000
START_MS = MINUTE * 60_000 + 55_000.0


@pytest.fixture
def exchange() -> Iterator[LocalExchange]:
    with running(exchange_of(10)) as served:
        yield served


def addresses(exchange: LocalExchange) -> Addresses:
    sockets = exchange.url.replace("http", "ws")
    return Addresses(
        binance_public=f"{sockets}/public/ws",
        binance_market=f"{sockets}/market/ws",
        dydx_public=f"{sockets}/v4/ws",
        binance="BTCUSDT",
        dydx="BTC-USD",
    )


def hear(
    exchange: LocalExchange, is_enough: Callable[[list[FeedEvent]], bool], speed: float = 60.0
) -> list[FeedEvent]:
    """Events until enough of them; a minute of the feeds' clock is a second."""
    began, found = time.monotonic(), []
    patience = StreamSettings(
        silence_s=2.0, subscribe_pause_s=0.01, first_wait_s=0.02, longest_wait_s=0.05
    )

    async def run() -> None:
        events = heard(
            addresses(exchange),
            patience=patience,
            now_ms=lambda: START_MS + (time.monotonic() - began) * 1000 * speed,
            jitter=lambda: 0.0,
            tick_sec=0.02,
        )
        async with asyncio.timeout(10), aclosing(events):
            async for event in events:
                found.append(event)
                if is_enough(found):
                    return

    asyncio.run(run())
    return found


def of(kind: type, events: list[FeedEvent]) -> list[FeedEvent]:
    return [event for event in events if isinstance(event, kind)]


def test_books_oracle_and_a_whole_minute_are_heard(exchange: LocalExchange) -> None:
    sockets = exchange.sockets
    sockets.binance = [[ticker(1, 90_000, 90_001, ts_ms=int(START_MS))]]
    sockets.klines = [[kline(MINUTE, 1.0), kline(MINUTE + 1, 90_000.0)]]
    sockets.dydx = [
        [
            connected(), snapshot(1, 900_000), oracle(2, "90000.5", int(START_MS)),
            candle(3, MINUTE + 1, 90_010.0), change(4, bids=[["89999", "0"]]),
        ]
    ]  # fmt: skip
    found = hear(exchange, lambda events: bool(of(MinuteHeard, events)))
    books = of(BookHeard, found)
    assert {book.venue for book in books} == {"binance", "dydx"}
    assert of(OracleHeard, found)[0].price == 90_000.5
    minute = of(MinuteHeard, found)[0].minute
    assert minute.minute == MINUTE + 1  # the one before was half heard
    assert (minute.binance_close, minute.dydx_close) == (90_000.0, 90_010.0)
    assert minute.dydx_trades == 7
    assert of(Tick, found)


def test_a_hole_in_the_numbers_opens_the_stream_again(exchange: LocalExchange) -> None:
    broken = [connected(), snapshot(1, 900_000), change(5, bids=[["1", "1"]])]
    exchange.sockets.dydx = [broken, [connected(), snapshot(1, 900_100)]]
    found = hear(exchange, lambda events: len(of(BookHeard, events)) >= 2)
    kinds = [type(event) for event in found if isinstance(event, BookHeard | VenueLost)]
    assert kinds == [BookHeard, VenueLost, BookHeard]
    assert exchange.sockets.opened["dydx"] == 2


def test_a_cut_connection_is_lost_and_comes_back(exchange: LocalExchange) -> None:
    first = ticker(9, 90_000, 90_001, ts_ms=int(START_MS))
    again = ticker(3, 90_002, 90_003, ts_ms=int(START_MS))  # numbers begin anew
    exchange.sockets.binance = [[first, first, None], [again]]
    found = hear(exchange, lambda events: len(of(BookHeard, events)) >= 2)
    kinds = [type(event) for event in found if isinstance(event, BookHeard | VenueLost)]
    assert kinds == [BookHeard, VenueLost, BookHeard]


def test_a_minute_without_a_dydx_trade_has_no_price() -> None:
    join = MinuteJoin(price_scale=1000.0)
    assert not list(join.due(START_MS))
    join.binance(MINUTE + 1, Candle(1.0, 2.0, 0.5, 1.5, 10.0, 3.0))
    end_ms = (MINUTE + 2) * 60_000
    assert not list(join.due(end_ms + 100))
    (told,) = join.due(end_ms + 300)
    assert math.isnan(told.minute.dydx_close)
    assert told.minute.binance_close == 1.5 / 1000
    assert told.minute.binance_volume == 10_000.0
    # without Binance's candle only time says that it is over
    assert not list(join.due(end_ms + 60_000 + 4000))
    (late,) = join.due(end_ms + 60_000 + 5000)
    assert math.isnan(late.minute.binance_close)


def test_the_rate_told_before_an_hour_is_on_its_row() -> None:
    hour = (MINUTE // 60 + 1) * 60
    join = MinuteJoin()
    list(join.due((hour - 2) * 60_000))
    join.rate(1e-5, (hour - 1) * 60_000 - 1)
    join.rate(2e-5, hour * 60_000 - 1)
    join.rate(9e-5, hour * 60_000 + 1)  # of the next one
    told = [each.minute for each in join.due((hour + 1) * 60_000 + 6000)]
    assert [(each.minute - hour, each.funding_rate) for each in told] == [(-1, 0.0), (0, 2e-5)]


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"message_id": "x"}', '{"message_id": 1e999}', "null"]
)
def test_nonsense_is_counted(text: str) -> None:
    voice = DydxVoice(market="BTC-USD", join=MinuteJoin())
    assert voice.hear(text, START_MS) == []
    assert voice.dropped == 1


def test_paper_on_live_feeds_can_be_replayed_from_what_it_heard(
    exchange: LocalExchange,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    from tests.strategies.live.paper.test_replay import written

    now_ms = int(time.time() * 1000)
    exchange.sockets.binance = [[ticker(1, 90_000, 90_001, ts_ms=now_ms)]]
    exchange.sockets.klines = [[kline(1, 1.0)]]
    exchange.sockets.dydx = [[connected(), snapshot(1, 900_000), 0.5, None]]
    where = addresses(exchange)
    (tmp_path / "bot.json").write_text(paper_config().to_json())
    (tmp_path / "leadfollow.toml").write_text(
        f'[fetch]\nbinance_ws_url = "{where.binance_public}"\ndydx_ws_url = "{where.dydx_public}"\n'
        f'[paper]\nbinance_market_ws_url = "{where.binance_market}"\n'
    )
    call, out = Call(monkeypatch, capsys), tmp_path / "out"
    given = ("--config", str(tmp_path / "leadfollow.toml"), "--minutes", "0.05")
    assert call("paper", str(tmp_path / "bot.json"), "--out", str(out), *given) == 0, call.err
    assert "risk state" in call.out
    heard_again = Recording((out / "recording",), "BTCUSDT", "BTC-USD")
    from tests.strategies.live.paper.test_replay import rules

    again = PaperSession(rules(), tmp_path / "again", source="recording", is_replay=True)
    again.feed(heard_again)
    again.close()
    here, there = written(out), written(tmp_path / "again")
    assert here["ledger.jsonl"] == there["ledger.jsonl"]
    assert len(here) == len(there) >= 2
