"""Two venues on one minute grid: the table that everything else reads.

Source: SEMANTICS.md, section 1. Nothing is forward-filled; a minute that a venue did not
deliver is NaN in that venue's columns. A flat candle without a trade stands as it was recorded:
:meth:`Frame.has_traded` tells which minutes are silent, and panels read no price from them. Long
silences of either venue are left out by rule and listed, see
:mod:`research.data.quality.exclusions`.
"""

from collections.abc import Sequence
from dataclasses import astuple, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from research.arrays import Bools, Floats, Ints
from research.data.quality.bad_prints import bad_print_minutes, find_bad_prints
from research.data.quality.exclusions import Exclusion, excluded_minutes, pair_exclusions
from research.data.tables.schema import VENUES, Venue, minutes_ms
from research.data.tables.traded import has_traded
from research.errors import FrameError
from research.frame.columns import age_minutes, hourly_rates, interval_rates
from research.parquet import about_in, write_parquet
from research.provenance import Origin, array_digest, versions
from research.settings.frame import FrameSettings

__all__ = [
    "COLUMNS",
    "OPTIONAL",
    "Frame",
    "age_minutes",
    "build_frame",
    "read_frame",
    "remade_frame",
    "with_table",
    "write_frame",
]

VENUE_COLUMNS = ("open", "high", "low", "close", "volume", "trades")
CANDLE_COLUMNS = tuple(f"{venue}_{name}" for venue in VENUES for name in VENUE_COLUMNS)
COLUMNS = (*CANDLE_COLUMNS, "binance_age_min", "dydx_age_min", "funding_rate")
OPTIONAL = ("binance_funding_rate", "dydx_bad_print")
_SCHEMA = 2
_READS = (1, 2)  # 1: without binance_age_min, and halts blank in dYdX's columns only
_ADDED = ("exclusion_rule", "exclusions")  # kept beside the origin: older readers know neither
_RULE = FrameSettings()


@dataclass(frozen=True, slots=True)
class Frame:
    """Aligned minutes of one market.

    Attributes
    ----------
    table
        One row a minute on a complete UTC grid; float64 columns :data:`COLUMNS`, NaN = missing,
        those of :data:`OPTIONAL` that are known, and after them such as were joined
        (:mod:`research.frame.extra`). ``dydx_bad_print`` is 1 in minutes whose print quality does
        not believe (:mod:`research.data.quality.bad_prints`), there only if any is.
        ``funding_rate`` is NaN where a rate was due and is not
        known, or nothing is known at all; ``binance_funding_rate`` wherever one may have been due.
    market
        Name of the market, such as ``BTC``.
    origin
        Sources, content hash, span, and the exclusions as sentences.
    exclusions
        Stretches in the span whose candles were made NaN by rule, for both venues, oldest first.
    """

    table: pd.DataFrame
    market: str
    origin: Origin
    exclusions: tuple[Exclusion, ...] = ()

    def __len__(self) -> int:
        return len(self.table)

    @property
    def is_synthetic(self) -> bool:
        """Whether the minutes were made by the generator."""
        return self.origin.is_synthetic

    @property
    def label(self) -> str:
        """Market and span for titles; says so where the data is synthetic."""
        kind = " [SYNTHETIC]" if self.is_synthetic else ""
        first, last = self.origin.first_minute[:16], self.origin.last_minute[:16]
        return f"{self.market}{kind} {first}Z .. {last}Z"

    @property
    def minute(self) -> Ints:
        """Open time of each row in minutes since 1970, shape (n,)."""
        index = pd.DatetimeIndex(self.table.index).tz_convert("UTC").as_unit("ms")
        return np.ascontiguousarray(index.asi8 // 60_000)

    @property
    def has_funding(self) -> bool:
        """Whether any dYdX funding rate is known."""
        return bool((self.table["funding_rate"].notna() & (self.minute % 60 == 0)).any())

    def column(self, name: str) -> Floats:
        """A copy of column ``name`` as a contiguous float64 array of shape (n,)."""
        # a copy: pandas hands out read-only views, a second type for every kernel to compile
        return self.table[name].to_numpy(np.float64, copy=True)

    def has_traded(self, venue: Venue) -> Bools:
        """Minutes in which ``venue`` traded, shape (n,); the others are silent: no price."""
        return has_traded(self.table, f"{venue}_")

    def last(self, minutes: int) -> "Frame":
        """The last ``minutes`` rows as a frame of their own (all, if there are fewer)."""
        if minutes < 1:
            raise FrameError(f"a span must be at least one minute, was {minutes} min")
        return _with_origin(self.table.iloc[-minutes:], self.market, self.origin, self.exclusions)


def build_frame(
    binance: pd.DataFrame,
    dydx: pd.DataFrame,
    funding: pd.Series | None = None,
    *,
    market: str,
    binance_funding: pd.Series | None = None,
    sources: Sequence[str] = (),
    is_synthetic: bool = False,
    rule: FrameSettings | None = _RULE,
    price_scale: float = 1.0,
) -> Frame:
    """The frame over the span that both venues cover.

    Parameters
    ----------
    binance, dydx
        Candle tables: sorted unique UTC minutes, columns open high low close volume trades.
    funding
        dYdX hourly rate as a fraction, indexed by the minute at which it is paid.
    binance_funding
        Binance's rate by payment, likewise; the interval between payments is data.
    rule
        By which long silences of either venue are left out: their minutes are NaN in the candles
        of both, while the ages go on counting. None leaves nothing out.
    price_scale
        How many of dYdX's units one of Binance's contract is: its prices are divided by it and its
        volume multiplied (1000 for 1000PEPEUSDT against PEPE-USD).

    Raises
    ------
    FrameError
        A venue has no minutes, or the two have none in common.
    """
    for venue, candles in (("binance", binance), ("dydx", dydx)):
        if candles.empty:
            raise FrameError(f"{market} {venue}: no minutes; import or fetch some first")
    start = max(binance.index[0], dydx.index[0])
    end = min(binance.index[-1], dydx.index[-1])
    if start > end:
        raise FrameError(
            f"{market}: the venues do not overlap (binance {_span(binance)}, dydx {_span(dydx)}); "
            "import minutes of the same days for both"
        )
    if price_scale != 1.0:
        binance = _rescaled(binance, price_scale)
        sources = (*sources, f"binance prices / {price_scale:g}")
    grid = pd.date_range(start, end, freq="min", unit="ms", name="minute")
    venues: dict[Venue, pd.DataFrame] = {"binance": binance, "dydx": dydx}
    columns: dict[str, Any] = {
        f"{venue}_{name}": candles[name].reindex(grid)
        for venue, candles in venues.items()
        for name in VENUE_COLUMNS
    }
    columns |= {f"{venue}_age_min": _age_on(grid, candles) for venue, candles in venues.items()}
    columns["funding_rate"] = hourly_rates(grid, funding)
    if binance_funding is not None:
        columns["binance_funding_rate"] = interval_rates(grid, binance_funding)
    named = bad_print_minutes(find_bad_prints(dydx, binance, "dydx"), "dydx")
    is_bad = np.isin(minutes_ms(grid), named)
    if is_bad.any():
        columns["dydx_bad_print"] = is_bad
    table = pd.DataFrame(columns, index=grid, dtype=np.float64)
    exclusions = pair_exclusions(binance, dydx, rule) if rule else ()
    table.loc[excluded_minutes(minutes_ms(grid), exclusions), list(CANDLE_COLUMNS)] = np.nan
    base = Origin(
        content_sha256="",
        first_minute="",
        last_minute="",
        sources=tuple(sources),
        is_synthetic=is_synthetic,
        exclusion_rule=rule.sentence() if rule else "",
    )
    return _with_origin(table, market, base, exclusions)


def _rescaled(candles: pd.DataFrame, scale: float) -> pd.DataFrame:
    made = candles.copy()
    for name in ("open", "high", "low", "close"):
        made[name] = candles[name] / scale
    made["volume"] = candles["volume"] * scale
    return made


def remade_frame(frame: Frame, table: pd.DataFrame, *, market: str, source: str) -> Frame:
    """The minutes of ``frame`` with other columns: synthetic for good, ``source`` says how."""
    base = replace(frame.origin, sources=(source, *frame.origin.sources), is_synthetic=True)
    return _with_origin(table, market, base, frame.exclusions)


def with_table(frame: Frame, table: pd.DataFrame, sources: Sequence[str]) -> Frame:
    """``frame`` with another table of the same minutes, and what it was made of beside."""
    origin = replace(frame.origin, sources=(*frame.origin.sources, *sources))
    return _with_origin(table, frame.market, origin, frame.exclusions)


def write_frame(frame: Frame, path: Path, command: Sequence[str] = ()) -> None:
    """Writes ``frame`` as Parquet with its origin inside, atomically. Raises StoreError."""
    table = pa.Table.from_pandas(frame.table)
    about = {
        "schema": _SCHEMA,
        "market": frame.market,
        "origin": {
            name: value for name, value in frame.origin.to_dict().items() if name not in _ADDED
        },
        "exclusion_rule": frame.origin.exclusion_rule,
        "exclusions": [astuple(exclusion) for exclusion in frame.exclusions],
        "versions": versions(),
        "command": " ".join(command),
    }
    write_parquet(path, table, about)


def read_frame(path: Path) -> Frame:
    """The frame that :func:`write_frame` wrote.

    Raises
    ------
    FrameError
        Missing, not Parquet, not a frame, changed since it was written, or off the minute grid.
    """
    try:
        stored = pq.read_table(path)
    except (OSError, UnicodeDecodeError, pa.ArrowException) as error:
        raise FrameError(
            f"{path}: cannot be read as a frame ({error}); make one with `leadfollow frame`"
        ) from None
    try:
        about = about_in(stored.schema.metadata)
    except ValueError as error:
        raise _damaged(path, error) from None
    if about is None or about.get("schema") not in _READS:
        raise FrameError(
            f"{path}: Parquet, but not a frame of schema {' or '.join(map(str, _READS))}; make "
            "one with `leadfollow frame`, or import candle files with `leadfollow data import`"
        )
    try:
        table = stored.to_pandas()
    except (KeyError, TypeError, ValueError) as error:  # of pandas' own words about the columns
        raise _damaged(path, error) from None
    _check_table(table, about["schema"], str(path))
    try:
        origin = Origin(**about["origin"], exclusion_rule=about.get("exclusion_rule", ""))
        exclusions = [Exclusion(*stored) for stored in about.get("exclusions", ())]
        market = str(about["market"])
    except (KeyError, TypeError, AttributeError) as error:
        raise _damaged(path, error) from None
    if _digest(table) != origin.content_sha256:
        raise FrameError(f"{path}: content differs from its own hash; make the frame again")
    if about["schema"] < _SCHEMA:
        table = _as_of_today(table, exclusions)
    return _with_origin(table, market, origin, exclusions)


def _damaged(path: Path, error: Exception) -> FrameError:
    return FrameError(
        f"{path}: what it says of itself is damaged ({error!r}); make the frame again"
    )


def _age_on(grid: pd.DatetimeIndex, candles: pd.DataFrame) -> pd.Series:
    """Minutes since the last trade; one before the common span counts, too."""
    own = pd.date_range(candles.index[0], grid[-1], freq="min", unit="ms", name="minute")
    return pd.Series(age_minutes(has_traded(candles.reindex(own))), index=own).reindex(grid)


def _as_of_today(table: pd.DataFrame, exclusions: Sequence[Exclusion]) -> pd.DataFrame:
    """A table of schema 1 as it would be written now, as far as it can know."""
    left_out = excluded_minutes(minutes_ms(table.index), exclusions)
    table["binance_age_min"] = age_minutes(has_traded(table, "binance_"))
    table.loc[left_out, list(CANDLE_COLUMNS)] = np.nan
    known = [name for name in (*COLUMNS, *OPTIONAL) if name in table.columns]
    return table[known + _joined(table)]


def _with_origin(
    table: pd.DataFrame, market: str, base: Origin, exclusions: Sequence[Exclusion]
) -> Frame:
    index = pd.DatetimeIndex(table.index)
    first, last = (int(ms) for ms in minutes_ms(index[[0, -1]]))
    within = tuple(each for each in exclusions if each.first_ms <= last and each.end_ms > first)
    origin = replace(
        base,
        content_sha256=_digest(table),
        first_minute=index[0].isoformat()[:19] + "Z",
        last_minute=index[-1].isoformat()[:19] + "Z",
        exclusions=tuple(each.sentence() for each in within),
    )
    return Frame(table, market, origin, within)


def _digest(table: pd.DataFrame) -> str:
    """Of the minutes and the columns that are there, in their fixed order; then joined ones."""
    names = [name for name in (*COLUMNS, *OPTIONAL) if name in table.columns]
    arrays = [pd.DatetimeIndex(table.index).as_unit("ms").asi8]
    arrays += [table[name].to_numpy() for name in names]
    for name in _joined(table):  # names too: a score is chosen by its name
        arrays += [np.frombuffer(name.encode(), np.uint8), table[name].to_numpy()]
    return array_digest(arrays)


def _joined(table: pd.DataFrame) -> list[str]:
    return sorted(set(table.columns) - {*COLUMNS, *OPTIONAL})


def _check_table(table: pd.DataFrame, schema: int, where: str) -> None:
    added = ("binance_age_min",) if schema < _SCHEMA else ()
    missing = [name for name in COLUMNS if name not in table.columns and name not in added]
    if missing:
        raise FrameError(f"{where}: columns {', '.join(missing)} are missing; make it again")
    index = table.index
    if not isinstance(index, pd.DatetimeIndex) or index.tz is None or len(index) == 0:
        raise FrameError(f"{where}: rows are not UTC minutes; make the frame again")
    if not (np.diff(index.as_unit("ms").asi8) == 60_000).all():
        raise FrameError(f"{where}: minutes are missing, doubled or unsorted; make it again")


def _span(candles: pd.DataFrame) -> str:
    return f"{candles.index[0]:%Y-%m-%dT%H:%MZ} .. {candles.index[-1]:%Y-%m-%dT%H:%MZ}"
