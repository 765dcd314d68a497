"""Which contract a file's name says it holds: the same for a file and for what is packed in it."""

import re
from typing import Final

from research.errors import FormatError

__all__ = ["check_name", "is_other_contract", "ticker_of"]

# BTCUSDT-1m-2026-02.csv, and downloads of it: "BTCUSDT-1m-2026-02 (1).csv"
_BULK: Final = re.compile(r"^([A-Z0-9]+(?:_[A-Z0-9]+)?)-\d+[a-zA-Z]+-\d{4}")
_BULK_OTHER: Final = re.compile(
    r"^([A-Z0-9]+(?:_[A-Z0-9]+)?)-(fundingRate|trades|aggTrades|metrics|bookDepth|bookTicker)-"
)
# BTC_USDT_USDT-1m-futures.feather, BTC_USDT-1m.json: what freqtrade writes, for any exchange
_PAIR: Final = re.compile(r"^([A-Z0-9]+)_([A-Z]{3,5})(?:_([A-Z]{3,5}))?-\d+[smhdw](?:-(\w+))?\.")
# Binance_BTCUSDT_minute.csv, Binance_BTCUSDT_2026_minute.csv
_REPORT: Final = re.compile(r"^Binance_([A-Z0-9]+)_(?:\d{4}_)?(?:1?min|minute|1m)\b", re.IGNORECASE)
_DATED: Final = re.compile(r"^[A-Z0-9]+_\d{6}$")
_COIN: Final = re.compile(r"^[A-Z0-9]+USD(_PERP|_\d{6})$")
_INDEXES: Final = ("mark", "index", "premiumIndex", "funding_rate")


def check_name(name: str, *, place: str) -> None:
    """Refuses files whose name says that they hold no minutes of a USDT-margined perpetual.

    Raises
    ------
    FormatError
        A dated or coin-margined contract, or something else than trades' minutes.
    """
    found = _BULK.match(name)
    symbol = found.group(1) if found else ""
    if _COIN.match(symbol):
        raise FormatError(
            f"{place}: {symbol} is a coin-margined contract, its volume is counted in contracts; "
            f"fetch {symbol.partition('_')[0]}T, the USDT-margined perpetual"
        )
    if _DATED.match(symbol):
        raise FormatError(
            f"{place}: {symbol} is a future with an end date, not the perpetual; fetch "
            f"{symbol.partition('_')[0]}"
        )
    other = _BULK_OTHER.match(name)
    if other:
        raise FormatError(f"{place}: {other.group(2)} of {other.group(1)}; fetch its 1m klines")
    pair = _PAIR.match(name)
    if pair and pair.group(4) in _INDEXES:
        raise FormatError(
            f"{place}: {pair.group(4)} of {pair.group(1)}, not its trades; import the candles "
            "(futures)"
        )


def ticker_of(name: str) -> str | None:
    """The market that a file's name gives (``BTCUSDT``), None where it gives none."""
    for pattern in (_BULK, _REPORT):
        found = pattern.match(name)
        if found:
            return found.group(1).upper()
    pair = _PAIR.match(name)
    return f"{pair.group(1)}_{pair.group(2)}" if pair else None


def is_other_contract(ticker: str, expected: str) -> bool:
    """Whether ``ticker`` is another market than ``expected``, however both are spelled.

    ``BTC/USDT:USDT`` and ``BTC_USDT`` are ``BTCUSDT``; a recorder's ``BTC_USDT`` for dYdX says
    its coin only.
    """
    plain, wanted = _plain(ticker), _plain(expected)
    if plain == wanted:
        return False
    coin, _, quote = ticker.partition("_")
    return not (quote and wanted.startswith(_plain(coin)) and wanted[len(coin) :] in _DOLLARS)


_DOLLARS: Final = ("USD", "USDT", "USDC")


def _plain(ticker: str) -> str:
    return re.sub(r"[^A-Z0-9]", "", ticker.partition(":")[0].upper())
