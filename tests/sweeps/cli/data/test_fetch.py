"""``leadfollow data fetch`` and ``record`` as a user meets them."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

import sweeps.cli.data.fetch as commands
from research.clock import Clock
from research.data.store.gapbook import GapBook
from research.data.store.store import Store
from research.errors import RefusedError, SettingsError
from tests.exchange import LocalExchange, running
from tests.exchange.arrange import VirtualClock, clock_of, exchange_of, settings_for
from tests.exchange.sockets import connected, snapshot, ticker

runner = CliRunner()


@pytest.fixture
def clock() -> VirtualClock:
    """The exchange's: it stands at 01:00 of the second day until a test moves it."""
    return clock_of(1500)


@pytest.fixture
def exchange(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, clock: VirtualClock
) -> Iterator[LocalExchange]:
    with running(exchange_of(1500, dydx_gaps=((300, 4),), clock=clock)) as served:
        sockets = served.url.replace("http", "ws")
        settings = settings_for(
            served,
            binance_ws_url=f"{sockets}/public/ws",
            dydx_ws_url=f"{sockets}/v4/ws",
            quote_every_ms=0,
        )
        monkeypatch.setattr(commands, "fetch_settings", lambda _: settings)
        monkeypatch.chdir(tmp_path)
        yield served


def run(*arguments: str) -> Result:
    app = typer.Typer()
    commands.register(app)
    result = runner.invoke(app, list(arguments))
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


SPAN = ("fetch", "--since", "2025-12-01", "--until", "2025-12-02T01:00Z")


def test_a_fetch_ends_with_a_table_and_the_gaps(exchange: LocalExchange, tmp_path: Path) -> None:
    result = run(*SPAN, "--json", "report.json")
    assert result.exit_code == 0
    assert "dydx minutes: the venue itself has no rows for" in result.output
    assert "2025-12-01T05:00Z .. 2025-12-01T05:03Z (4)" in result.output
    assert "this machine's clock is" in result.output  # the exchange lives in another year
    assert len(Store(tmp_path / "data").candles("BTC", "binance")) == 1500
    streams = json.loads((tmp_path / "report.json").read_text())["streams"]
    assert [stream["new"] for stream in streams] == [1500, 4, 1496, 25]
    again = run(*SPAN)
    assert again.exit_code == 0
    assert len(exchange.asked("/candles")) == 3  # two pages, one hole asked for twice


def test_gaps_are_asked_for_again_on_request(exchange: LocalExchange, tmp_path: Path) -> None:
    run(*SPAN)
    before = len(exchange.asked("/candles"))
    run(*SPAN, "--retry-gaps", "--venue", "dydx")
    assert len(exchange.asked("/candles")) > before
    assert len(GapBook(tmp_path / "data", "BTC", "dydx", "minutes").gaps()) == 1


def test_spot_is_kept_apart_from_futures(exchange: LocalExchange, tmp_path: Path) -> None:
    run(*SPAN, "--spot", "--venue", "binance")
    assert Store(tmp_path / "data").markets() == ["BTC-SPOT"]
    assert exchange.asked("/api/v3/klines")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--market", "NONE"), "market 'NONE' has no names at the venues; known are BTC, ETH"),
        (("--days", "0"), "--days must be above 0 and at most 4000, was 0"),
        (("--days", "3", "--since", "2025-12-01"), "--days and --since both say where to begin"),
        (("--since", "yesterday"), "--since yesterday: no ISO date; write 2026-01-31"),
        (("--since", "2025-12-02", "--until", "2025-12-01"), "is not before --until 2025-12-01"),
        (("--venue", "kraken"), "--venue kraken: choose binance or dydx"),
    ],
)
def test_wrong_options_are_refused_with_a_cure(
    exchange: LocalExchange, tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        run("fetch", *arguments)
    assert said in str(caught.value)
    assert exchange.log == []
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_market_at_the_venue_is_told_in_its_words(exchange: LocalExchange) -> None:
    with pytest.raises(RefusedError, match=r"status 400: Invalid symbol\. \(code -1121\)"):
        run("fetch", "--market", "ETH", "--since", "2025-12-01", "--venue", "binance")


def test_rechecking_without_bulk_files_says_so(exchange: LocalExchange) -> None:
    assert "no bulk file of this market was issued again" in run(*SPAN, "--recheck").output


def test_ctrl_c_says_what_stays_and_how_to_go_on(
    exchange: LocalExchange, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("research.data.fetch.market.fetch_market", interrupted)
    result = run(*SPAN)
    assert result.exit_code == 130
    assert "stopped; what came of BTC is whole in data: run it again to go on" in result.output


def test_progress_is_told_in_the_streams_own_unit() -> None:
    from rich.console import Console

    from sweeps.cli.data import show_fetch

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(show_fetch, "console", Console(force_terminal=True, width=150))
        with show_fetch.progress_watch() as watch:
            for name in ("dydx minutes", "dydx funding"):
                watch.on_plan(name, 3000)
                for _ in range(3):
                    watch.on_rows(name, 500)
                    time.sleep(0.02)
            (progress,) = (
                cell.cell_contents
                for cell in watch.on_rows.__closure__ or ()
                if type(cell.cell_contents).__name__ == "Progress"
            )
            rates = [str(task.fields["rate"]) for task in progress.tasks]
            left = [task.remaining for task in progress.tasks]
    assert rates[0].endswith(" minutes/s")
    assert rates[1].endswith(" payments/s")
    assert left == [1500, 1500]


def test_a_refused_subscription_is_told_in_the_venues_words(
    exchange: LocalExchange, tmp_path: Path
) -> None:
    said = {"type": "error", "message": "Invalid id", "connection_id": "c", "message_id": 1}
    exchange.sockets.binance = [[{"error": {"code": 2, "msg": "Invalid request"}, "id": 1}]]
    exchange.sockets.dydx = [[connected(), said]]
    result = run("record", "--minutes", "0.02")
    assert "binance refused: Invalid request; check the market's name" in result.output
    assert "dydx refused: Invalid id; check the market's name in [markets]" in result.output


def naps(monkeypatch: pytest.MonkeyPatch, clock: VirtualClock, minutes: list[int]) -> list[int]:
    """Each wait of a follower takes so long at the exchange; after the last one Ctrl-C."""
    left = list(minutes)

    def nap(seconds: float) -> None:
        if not left:
            raise KeyboardInterrupt
        clock.now_s += 60 * left.pop(0)

    monkeypatch.setattr("research.clock.Clock", lambda: Clock(sleep=nap))
    return left


def test_a_followed_minute_is_one_line(
    exchange: LocalExchange, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock.now_s -= 3600
    naps(monkeypatch, clock, [60])
    result = run("fetch", "--since", "2025-12-01", "--follow")
    assert (
        "up to 2025-12-02T00:59Z: binance minutes +60, binance funding +1, dydx minutes +60, "
        "dydx funding +1" in result.output
    )


def test_following_ends_at_until(
    exchange: LocalExchange, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    clock.now_s -= 3600
    left = naps(monkeypatch, clock, [30, 10, 10, 10])
    result = run("fetch", "--since", "2025-12-01", "--until", "2025-12-02T00:45Z", "--follow")
    assert result.exit_code == 0
    assert "following every minute until 2025-12-02T00:45Z; Ctrl-C ends it" in result.output
    assert "up to 2025-12-02T00:39Z" in result.output
    assert "up to 2025-12-02T00:44Z" in result.output
    assert "--until is reached: done" in result.output
    assert left == [10]
    for venue in ("binance", "dydx"):
        stored = Store(tmp_path / "data").candles("BTC", venue)  # type: ignore[arg-type]
        assert f"{stored.index[-1]:%H:%M}" == "00:44"


def test_nothing_is_followed_beyond_an_until_that_is_past(exchange: LocalExchange) -> None:
    assert "nothing to follow: --until is reached" in run(*SPAN, "--follow").output


def test_following_ends_with_ctrl_c_and_keeps_what_it_has(
    exchange: LocalExchange, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def interrupt(seconds: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("research.clock.Clock", lambda: Clock(sleep=interrupt))
    result = run("fetch", "--since", "2025-12-01", "--follow", "--venue", "dydx")
    assert result.exit_code == 0
    assert "following every minute; Ctrl-C ends it" in result.output
    assert "stopped; every closed minute up to here is stored" in result.output


def test_a_recording_says_what_it_heard(exchange: LocalExchange, tmp_path: Path) -> None:
    exchange.sockets.binance = [[ticker(1, 100, 101, ts_ms=1)]]
    exchange.sockets.dydx = [[connected(), snapshot(1, 900_000)]]
    result = run("record", "--minutes", "0.02")
    assert "binance: 1 quotes, 0 gaps, 0 messages dropped" in result.output
    assert "dydx: 1 quotes" in result.output
    assert len(list((tmp_path / "data" / "quotes").glob("BTC-*.jsonl"))) == 1
