"""Headers: however a column is spelled it is the same column, and never another one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from research.data.parse.names import has_known_names, known_name, known_names, plain_name

OURS = ["open_time", "open", "high", "low", "close", "volume", "count"]


@given(st.text(max_size=20))
def test_a_plain_name_is_plain_already(header: str) -> None:
    plain = plain_name(header)
    assert all(letter.isalnum() for letter in plain)
    assert known_name(header) == known_name(header.swapcase()) or header != header.strip()


@pytest.mark.parametrize(
    "spelled", ["Open Time", "open_time", "OPEN-TIME", "openTime", " open time"]
)
def test_case_and_marks_do_not_matter(spelled: str) -> None:
    assert known_name(spelled) == "minute"


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("Volume BTC", "volume"),
        ("Volume USDT", "quote_volume"),
        ("volume_USD", "quote_volume"),
        ("Volume (ETH)", "volume"),
        ("Volume(usdc)", "quote_volume"),
        ("Volume traded by whales", None),
        ("closePrice", "close"),
        ("price_high", "high"),
        ("close_time", "close_time"),
        ("number_of_trades", "trades"),
        ("openInterest", "open_interest"),
        ("taker_buy_volume", None),
        ("ignore", None),
        ("", None),
    ],
)
def test_a_coin_is_told_from_its_quote_and_strangers_are_left_alone(
    header: str, name: str | None
) -> None:
    assert known_name(header) == name


def test_of_several_times_the_one_that_says_it_best_is_read_in_any_order() -> None:
    for headers in (["date", "unix", *OURS[1:]], ["unix", "date", *OURS[1:]]):
        names, doubled = known_names(headers)
        assert names["minute"] == "unix"
        assert doubled is None
    assert known_names(["timestamp", "open_time"])[0]["minute"] == "open_time"


def test_two_columns_of_one_price_are_named_as_a_pair() -> None:
    names, doubled = known_names([*OURS, "Close Price", "HIGH"])
    assert names["close"] == "close"
    assert doubled == ("close", "Close Price", "close")  # the first pair


def test_letters_are_a_header_only_where_all_of_a_candle_are_there() -> None:
    names, doubled = known_names(list("tTohlcvnq"))
    assert doubled is None
    assert (names["minute"], names["close_time"], names["volume"]) == ("t", "T", "v")
    assert names["quote_volume"] == "q"
    assert known_names(list("ohlcv"))[0] == {}
    assert not has_known_names(["o", "h", "l", "c"])
    assert has_known_names(["t", "o", "h", "l", "c"])


def test_a_lonely_capital_t_is_the_minute_of_its_candle() -> None:
    assert known_names(list("TOHLC"))[0]["minute"] == "T"
    assert "close_time" not in known_names(list("TOHLC"))[0]


@pytest.mark.parametrize("cells", [["1", "2"], ["2026-01-01", "100.5"], []])
def test_a_line_of_numbers_is_no_header(cells: list[str]) -> None:
    assert not has_known_names(cells)
