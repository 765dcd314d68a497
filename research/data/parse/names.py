"""The many names of the same column: what exchanges, libraries and people call open time or base
volume."""

import re
from collections.abc import Collection, Mapping, Sequence

from research.data.tables.schema import PRICES

__all__ = ["has_known_names", "known_name", "known_names", "plain_name"]

# of several names for one thing in one file the earlier one is read
_ALIASES: Mapping[str, tuple[str, ...]] = {
    "minute": (
        "minute", "opentime", "opentimems", "opentimestamp", "startedat", "unix", "unixtime",
        "unixtimestamp", "epoch", "epochms", "timestampms", "timestamp", "ts", "tsms",
        "starttime", "start", "starttimestamp", "candlebegintime", "begin", "begintime",
        "opentimeutc", "timestamputc", "datetimeutc", "timeutc", "dateutc", "opendatetime",
        "datetime", "dateandtime", "date", "time", "gmttime", "utc", "utctime",
    ),
    "close_time": ("closetime", "closetimems", "closetimestamp", "endtime"),
    "volume": (
        "volume", "basetokenvolume", "basevolume", "volumebase", "baseassetvolume", "vol",
        "volumefrom", "volumecoin", "tradedvolume",
    ),
    "trades": (
        "trades", "count", "numberoftrades", "numtrades", "ntrades", "tradecount", "tradescount",
        "nooftrades", "transactions", "numoftrades", "numberoftransactions",
    ),
    "quote_volume": (
        "quotevolume", "quoteassetvolume", "quotetokenvolume", "usdvolume", "volumequote",
        "volumeto", "turnover",
    ),
    "mid_open": ("midopen", "orderbookmidpriceopen"),
    "mid_close": ("midclose", "orderbookmidpriceclose"),
    "open_interest": ("openinterest", "startingopeninterest"),
    "ticker": ("ticker", "symbol", "pair", "market"),
    "resolution": ("resolution", "interval", "timeframe"),
} | {name: (name, f"{name}price", f"price{name}") for name in PRICES}  # fmt: skip
_KNOWN = {alias: name for name, aliases in _ALIASES.items() for alias in aliases}
_RANK = {alias: rank for aliases in _ALIASES.values() for rank, alias in enumerate(aliases)}

# one letter a column, as streams and chart feeds write them; case matters: T is Binance's close
_LETTERS: Mapping[str, str] = {
    "t": "minute", "T": "close_time", "o": "open", "h": "high", "l": "low", "c": "close",
    "v": "volume", "n": "trades", "q": "quote_volume", "s": "ticker", "i": "resolution",
}  # fmt: skip
_NEEDED_LETTERS = frozenset("tohlc")
_QUOTES = ("usdt", "usd", "usdc", "busd", "fdusd", "tusd")
_VOLUME_OF = re.compile(r"^[Vv]olume[ _(]+([A-Z0-9]{2,10}|usdt?|usdc)\)?$")
_MAY_DOUBLE = frozenset({"minute", "ticker"})


def plain_name(header: str) -> str:
    """``header`` in lower case, letters and digits alone."""
    return "".join(letter for letter in header.lower() if letter.isalnum())


def known_name(header: str) -> str | None:
    """The project's name of a source's column, None where it has none."""
    plain = plain_name(header)
    if plain in _KNOWN:
        return _KNOWN[plain]
    found = _VOLUME_OF.match(header.strip())
    if found is None:
        return None
    # "Volume BTC" and "Volume USDT" of one report: the coin's is the base volume
    return "quote_volume" if found.group(1).lower() in _QUOTES else "volume"


def has_known_names(cells: Sequence[str]) -> bool:
    """Whether a line of cells is a header: some cell names a column that we know."""
    return any(known_name(cell) for cell in cells) or _are_letters(cells)


def known_names(headers: Sequence[str]) -> tuple[dict[str, str], tuple[str, str, str] | None]:
    """Our name -> their header, and a pair of headers that mean the same: (first, second, ours).

    Of several columns of time, or of the market's name, the one that says it best is taken.
    """
    letters = _letters(headers) if _are_letters(headers) else {}
    names: dict[str, str] = {}
    doubled: tuple[str, str, str] | None = None
    for header in headers:
        name = letters.get(header) or known_name(header)
        if name is None:
            continue
        if name not in names or (name in _MAY_DOUBLE and _rank(header) < _rank(names[name])):
            names[name] = header
        elif name not in _MAY_DOUBLE:
            doubled = doubled or (names[name], header, name)
    return names, doubled


def _rank(header: str) -> int:
    return _RANK.get(plain_name(header), -1)  # a letter is never one of two


def _are_letters(headers: Collection[str]) -> bool:
    return {header.strip().lower() for header in headers} >= _NEEDED_LETTERS


def _letters(headers: Sequence[str]) -> dict[str, str]:
    has_small = any(header.strip() == "t" for header in headers)
    found: dict[str, str] = {}
    for header in headers:
        letter = header.strip()
        name = _LETTERS.get(letter if has_small else letter.lower())
        if name is not None:
            found[header] = name
    return found
