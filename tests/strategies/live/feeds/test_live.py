"""Live feeds against the local exchange: what is heard, what is lost, what comes back."""

import asyncio
import math
import time
from collections.abc import Callable, Iterator
from contextlib import aclosing
from pathlib import Path

import pytest

from research.frame.frame import read_frame
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
from strategies.live.paper import PaperSettings
from strategies.live.paper.session import PaperSession
from strategies.live.stream import minutes_of_frame
from sweeps.cli.live.paper_minutes import MissedMinutes
from sweeps.settings import Settings
from tests.exchange import LocalExchange, make_minutes, running
from tests.exchange.arrange import exchange_of, settings_for
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


def test_an_empty_side_of_binance_is_told_at_once(exchange: LocalExchange) -> None:
    whole = ticker(1, 90_000, 90_001, ts_ms=int(START_MS))
    exchange.sockets.binance = [[whole, whole | {"u": 2, "b": "0.00", "B": "0.000"}]]
    found = hear(exchange, lambda events: len(of(BookHeard, events)) >= 2)
    assert [bool(book.bids) for book in of(BookHeard, found)] == [True, False]
    assert all(book.asks for book in of(BookHeard, found))


def test_levels_of_binance_stand_behind_its_best(exchange: LocalExchange) -> None:
    depth = {
        "e": "depthUpdate", "T": int(START_MS), "s": "BTCUSDT", "U": 1, "u": 5, "pu": 0,
        "b": [["90000.00", "1"], ["89999.50", "4"]], "a": [["90000.90", "2"], ["90001.50", "3"]],
    }  # fmt: skip
    older = depth | {"u": 4, "b": [], "a": []}
    exchange.sockets.binance = [[depth, older, ticker(1, 90_000, 90_001, ts_ms=int(START_MS))]]
    (book,) = of(BookHeard, hear(exchange, lambda events: bool(of(BookHeard, events))))
    assert [price for price, _ in book.bids] == [90_000.0, 89_999.5]
    assert [price for price, _ in book.asks] == [90_001.0, 90_001.5]  # 90000.90 is gone by now


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
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    from tests.strategies.live.paper.test_replay import rules, written

    now_ms = int(time.time() * 1000)
    exchange = exchange_of_today(now_ms)
    exchange.sockets.binance = [[ticker(1, 90_000, 90_001, ts_ms=now_ms)]]
    exchange.sockets.klines = [[kline(1, 1.0)]]
    exchange.sockets.dydx = [[connected(), snapshot(1, 900_000), 0.5, None]]
    with running(exchange):
        where = addresses(exchange)
        (tmp_path / "bot.json").write_text(paper_config().to_json())
        (tmp_path / "leadfollow.toml").write_text(
            f'[fetch]\nbinance_url = "{exchange.url}"\ndydx_url = "{exchange.url}"\n'
            f'binance_ws_url = "{where.binance_public}"\ndydx_ws_url = "{where.dydx_public}"\n'
            f'[paper]\nbinance_market_ws_url = "{where.binance_market}"\n'
        )
        call, out = Call(monkeypatch, capsys), tmp_path / "out"
        given = ("--config", str(tmp_path / "leadfollow.toml"), "--minutes", "0.05")
        assert call("paper", str(tmp_path / "bot.json"), "--out", str(out), *given) == 0, call.err
        assert "risk state" in call.out
        assert "no history" not in call.out
    again = PaperSession(
        rules(), tmp_path / "again", source="recording", is_replay=True,
        history=minutes_of_frame(read_frame(out / "minutes.parquet")),
    )  # fmt: skip
    again.feed(Recording((out / "recording",), "BTCUSDT", "BTC-USD"))
    again.close()
    here, there = written(out), written(tmp_path / "again")
    assert here["ledger.jsonl"] == there["ledger.jsonl"]
    assert len(here) == len(there) >= 2


def exchange_of_today(now_ms: int, count: int = 400) -> LocalExchange:
    """Both venues with the minutes that end now."""
    first_ms = now_ms // 60_000 * 60_000 - count * 60_000
    one, other = (make_minutes(first_ms=first_ms, minutes=count + 1, seed=k) for k in (1, 2))
    return LocalExchange({"BTCUSDT": one}, {"BTC-USD": other}, lambda: now_ms)


def missed_minutes(exchange: LocalExchange, folder: Path) -> MissedMinutes:
    settings = Settings(fetch=settings_for(exchange), paper=PaperSettings(history_days=0.25))
    return MissedMinutes(paper_config().market, settings, folder)


def test_minutes_that_were_not_heard_are_fetched(tmp_path: Path) -> None:
    now_ms = int(time.time() * 1000)
    with running(exchange_of_today(now_ms)) as served:
        missed = missed_minutes(served, tmp_path)
        found = missed.before(None)
        last = found[-1].minute
        assert last >= now_ms // 60_000 - 2  # the newest one settles first
        assert len(found) >= 0.25 * 1440 - 1
        assert all(each.binance_close == each.binance_close for each in found)
        assert [each.minute for each in missed.before(last - 5)][:5] == list(
            range(last - 4, last + 1)
        )
        assert [each.minute for each in missed.within(last - 3, last)] == [
            last - 3,
            last - 2,
            last - 1,
        ]


def test_a_venue_that_does_not_answer_leaves_minutes_empty(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    served = exchange_of(10)
    with running(served):
        pass
    assert missed_minutes(served, tmp_path).before(None) == []
    assert "could not be fetched, they count as empty" in " ".join(capsys.readouterr().out.split())
