"""How far recorded candles can be trusted: per venue, and for the pair."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd

from research.data.quality.alignment import Alignment, align
from research.data.quality.bad_prints import BadPrint, find_bad_prints
from research.data.quality.gaps import Gap, find_gaps, gap_period, longest
from research.data.quality.jumps import Jump, find_jumps, largest
from research.data.quality.splits import PriceScale, Split, find_splits, price_scale
from research.data.tables.schema import MINUTE_MS, Venue, iso_minute, minutes_ms
from research.data.tables.traded import has_traded
from research.errors import FrameError

__all__ = ["QUANTILES", "PairQuality", "VenueQuality", "assess", "assess_pair"]

BASIS_MIN = 720  # the 12 hours of the basis; a sixth of them must be present
QUANTILES = (0.01, 0.05, 0.25, 0.50, 0.75, 0.95, 0.99)
_LISTED = 5  # of the longest gaps and largest jumps
_THIN_SHARE = 0.05  # of minutes without a trade, from which a market is called thin
_FAR_APART_PCT = 2.0  # no basis between two perpetuals of one asset is that wide for long
_WIDE_PCT = 0.5  # a premium that wide, the whole span long, is another contract's or a spot price
_PRINTS_NAMED = 3
_FEWEST_IDLE = 30  # minutes without any volume: a mark or index price, not trades


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueQuality:
    """What is missing, doubled or odd in one venue's candles. Counts are of minutes."""

    venue: Venue
    rows: int
    first: str  # ISO minute
    last: str
    expected: int  # minutes of the span
    missing: int
    gaps: int
    gap_period_min: int | None  # distance of evenly spaced single gaps
    longest_gaps: tuple[Gap, ...]
    duplicates: int
    out_of_order: int
    flat: int  # high = low
    no_trade: int  # trades = 0, or volume = 0 where trades are not given
    sigma_pct: float  # robust std of one-minute log returns, percent
    jumps: int
    largest_jumps: tuple[Jump, ...]
    running_last: bool  # the last candle was not over at ``now``

    @property
    def findings(self) -> tuple[str, ...]:
        """What deserves a look, as sentences with their cure; empty if nothing does."""
        found = []
        if self.missing:
            found.append(self._about_gaps())
        if self.duplicates or self.out_of_order:
            found.append(
                f"{self.duplicates:,} doubled and {self.out_of_order:,} unsorted minutes: "
                "pass the table through the store, which refuses or drops them"
            )
        if self.no_trade > _THIN_SHARE * self.rows:
            share = self.no_trade / self.rows * 100
            found.append(f"{share:.0f} % of minutes without a trade: keep the age filter on")
        spikes = sum(jump.is_spike for jump in self.largest_jumps)
        if spikes:
            found.append(
                f"jumps that are gone a minute later: {spikes}; bad prints? compare elsewhere"
            )
        if self.running_last:
            found.append(f"the candle of {self.last} is still running: fetch it again")
        return tuple(found)

    def _about_gaps(self) -> str:
        gaps = "1 gap" if self.gaps == 1 else f"{self.gaps:,} gaps"
        text = f"{self.missing:,} minutes missing in {gaps}"
        if self.gap_period_min is not None:
            period = f"{self.gap_period_min:,} minutes apart"
            text += f", single ones {period}: a paging fault of the recorder"
        return f"{text}; fetch them again"

    def to_dict(self) -> dict[str, Any]:
        """The fields and findings for strict JSON: NaN becomes None."""
        return _plain_dict(asdict(self) | {"findings": self.findings})


@dataclass(frozen=True, slots=True, kw_only=True)
class PairQuality:
    """How two venues fit together."""

    first: str  # ISO minute, of the common span
    last: str
    expected: int  # minutes of the common span
    common: int  # minutes that both have
    common_share: float  # percent of expected
    comparable: int  # common, and both traded in that minute
    alignment: Alignment
    spread_pct: dict[str, float]  # p1..p99 of (dydx - binance) / binance * 100
    spread_excess_pct: dict[str, float]  # the same against the median of the 12 h before
    scale: PriceScale | None = None  # a power of ten between the two prices
    splits: tuple[Split, ...] = ()
    bad_prints: tuple[BadPrint, ...] = ()  # of both venues, oldest first
    idle_venues: tuple[Venue, ...] = ()  # without any volume at all

    @property
    def is_far_apart(self) -> bool:
        """Whether the median distance is wider than any basis of one asset."""
        return abs(self.spread_pct["p50"]) > _FAR_APART_PCT

    @property
    def premium_finding(self) -> str | None:
        """What the median distance says, None where it is a usual basis."""
        middle = self.spread_pct["p50"]
        if self.is_far_apart:
            return (
                f"dYdX closes lie {middle:+.1f} % from Binance's in the median: "
                "two different markets? check which files were imported"
            )
        if abs(middle) > _WIDE_PCT:
            return (
                f"dYdX closes lie {middle:+.2f} % from Binance's in the median, a constant "
                "premium: spot, a dated future or another contract? check which files were imported"
            )
        return None

    @property
    def bad_print_finding(self) -> str | None:
        """The bad prints as one sentence, None where there is none."""
        if not self.bad_prints:
            return None
        worst = sorted(self.bad_prints, key=lambda each: -abs(each.away_pct))[:_PRINTS_NAMED]
        named = ", ".join(f"{each.venue} {each.sentence()}" for each in worst)
        more = f" and {len(self.bad_prints) - len(worst)} more" if len(self.bad_prints) > 3 else ""
        return (
            f"bad prints, which the other venue does not show: {named}{more}; take-profits and "
            "stops inside those minutes are not to be believed"
        )

    @property
    def idle_findings(self) -> tuple[str, ...]:
        """Venues whose minutes hold no trade at all."""
        return tuple(
            f"{venue}: volume is 0 in every minute: a mark, index or premium price, not trades; "
            "import the contract's own klines"
            for venue in self.idle_venues
        )

    @property
    def findings(self) -> tuple[str, ...]:
        """What deserves a look, as sentences with their cure; empty if nothing does."""
        found = [each.sentence() for each in self.splits]
        if self.scale is not None:
            found.append(self.scale.sentence())
        elif self.premium_finding is not None:
            found.append(self.premium_finding)
        alignment = self.alignment
        if alignment.is_misaligned or alignment.cause == "lag" or not alignment.is_judged:
            found.append(alignment.sentence)
        found += self.idle_findings
        return (*found, self.bad_print_finding) if self.bad_print_finding else tuple(found)

    def to_dict(self) -> dict[str, Any]:
        """The fields and findings for strict JSON: NaN becomes None."""
        return _plain_dict(asdict(self) | {"findings": self.findings})


def assess(candles: pd.DataFrame, venue: Venue, now: datetime | None = None) -> VenueQuality:
    """Quality of one venue's candles.

    Parameters
    ----------
    candles : DataFrame
        Candle columns by ``minute``; n >= 1 rows, here also unsorted or doubled.
    now : datetime, optional
        Tells whether the last candle is still running; unknown counts as over.

    Raises
    ------
    FrameError
        There are no rows.
    """
    if candles.empty:
        raise FrameError(f"{venue}: no minutes to judge; import or fetch some first")
    stamps = minutes_ms(candles.index)
    minutes, kept = np.unique(stamps, return_index=True)
    table = candles.iloc[kept]
    gaps = find_gaps(minutes)
    sigma, jumps = find_jumps(minutes, table["close"].to_numpy())
    expected = int((minutes[-1] - minutes[0]) // MINUTE_MS) + 1
    return VenueQuality(
        venue=venue,
        rows=len(candles),
        first=iso_minute(int(minutes[0])),
        last=iso_minute(int(minutes[-1])),
        expected=expected,
        missing=expected - len(minutes),
        gaps=len(gaps),
        gap_period_min=gap_period(minutes),
        longest_gaps=longest(gaps, _LISTED),
        duplicates=len(candles) - len(minutes),
        out_of_order=int((np.diff(stamps) < 0).sum()),
        flat=int((table["high"] == table["low"]).sum()),
        no_trade=int((~has_traded(table)).sum()),
        sigma_pct=sigma,
        jumps=len(jumps),
        largest_jumps=largest(jumps, _LISTED),
        running_last=now is not None and int(minutes[-1]) + MINUTE_MS > now.timestamp() * 1000,
    )


def assess_pair(binance: pd.DataFrame, dydx: pd.DataFrame) -> PairQuality:
    """How two candle tables fit together: overlap, stamps, spread.

    Raises
    ------
    FrameError
        A venue has no minutes, or the two spans have no minute in common.
    """
    grid = _common_grid(binance, dydx)
    ours, theirs = binance["close"].reindex(grid), dydx["close"].reindex(grid)
    spread = (theirs - ours) / ours * 100
    basis = spread.rolling(BASIS_MIN, min_periods=BASIS_MIN // 6).median().shift(1)
    traded = [
        pd.Series(has_traded(table), index=table.index).reindex(grid, fill_value=False)
        for table in (binance, dydx)
    ]
    common = int(spread.notna().sum())
    return PairQuality(
        first=iso_minute(int(minutes_ms(grid)[0])),
        last=iso_minute(int(minutes_ms(grid)[-1])),
        expected=len(grid),
        common=common,
        common_share=common / len(grid) * 100,
        comparable=int((traded[0] & traded[1]).sum()),
        alignment=align(binance, dydx),
        spread_pct=_quantiles(spread),
        spread_excess_pct=_quantiles(spread - basis),
        scale=price_scale(binance["close"], dydx["close"]),
        splits=find_splits(binance["close"], dydx["close"]),
        bad_prints=find_bad_prints(binance, dydx, "binance")
        + find_bad_prints(dydx, binance, "dydx"),
        idle_venues=_idle(binance, dydx),
    )


def _common_grid(binance: pd.DataFrame, dydx: pd.DataFrame) -> pd.DatetimeIndex:
    for venue, candles in (("binance", binance), ("dydx", dydx)):
        if candles.empty:
            raise FrameError(f"{venue}: no minutes to judge; import or fetch some first")
    first, last = max(binance.index[0], dydx.index[0]), min(binance.index[-1], dydx.index[-1])
    if first > last:
        raise FrameError(
            f"the venues do not overlap: binance {_span(binance)}, dydx {_span(dydx)}; "
            "import minutes of the same days for both"
        )
    return pd.date_range(first, last, freq="min", unit="ms")


def _idle(binance: pd.DataFrame, dydx: pd.DataFrame) -> tuple[Venue, ...]:
    tables: dict[Venue, pd.DataFrame] = {"binance": binance, "dydx": dydx}
    return tuple(
        venue
        for venue, table in tables.items()
        if len(table) >= _FEWEST_IDLE and not (table["volume"] > 0).any()
    )


def _quantiles(series: pd.Series) -> dict[str, float]:
    values = series.dropna().to_numpy()
    found = np.quantile(values, QUANTILES) if len(values) else np.full(len(QUANTILES), np.nan)
    return {f"p{share * 100:g}": float(at) for share, at in zip(QUANTILES, found, strict=True)}


def _span(candles: pd.DataFrame) -> str:
    minutes = minutes_ms(candles.index)
    return f"{iso_minute(int(minutes[0]))} .. {iso_minute(int(minutes[-1]))}"


def _plain_dict(fields: dict[str, Any]) -> dict[str, Any]:
    return {key: _plain(part) for key, part in fields.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return _plain_dict(value)
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    return None if isinstance(value, float) and not np.isfinite(value) else value
