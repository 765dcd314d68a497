"""Trades to report columns per segment: as values, as a DataFrame, as JSON, as text."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from rich.table import Table

from research.arrays import Floats, Ints
from research.features.labels import SEGMENTS
from research.measures.report import REPORT_COLUMNS, Report, report
from research.outcomes import REASONS

__all__ = [
    "SEGMENT_COLUMNS",
    "format_value",
    "report_frame",
    "report_json",
    "report_of",
    "segment_reports",
    "segment_table",
    "side_by_side",
]


class _Unit(NamedTuple):
    name: str
    decimals: int


_PNL = _Unit("%", 4)
_SHARE = _Unit("%", 1)
_COUNT = _Unit("", 0)
_MINUTES = _Unit("min", 1)
_UNITS = dict.fromkeys(REPORT_COLUMNS, _PNL) | {
    "events": _COUNT,
    "max_losing_streak": _COUNT,
    "win_rate": _SHARE,
    "profit_factor": _Unit("", 2),
    "avg_hold": _MINUTES,
    "median_hold": _MINUTES,
    "breakeven_bps": _Unit("bps", 2),
    **{f"{reason.lower()}_share": _SHARE for reason in REASONS},
}

SEGMENT_COLUMNS = ("events", "win_rate", "avg_pnl", "lcb_pnl", "total_pnl", "breakeven_bps")
"""The few columns that fit beside every segment on a screen."""


def report_of(trades: pd.DataFrame) -> Report:
    """Report of all rows of ``trades``, in the order of their entries.

    Parameters
    ----------
    trades : DataFrame
        Columns ``net_pct, gross_pct`` (percent), ``entry, exit`` (frame rows, minutes),
        ``reason`` (a word of :data:`research.outcomes.REASONS`), and, where the strategy has
        them, ``mae_pct, mfe_pct``.
    """
    ordered = trades.sort_values("entry", kind="stable")
    return report(
        net_pct=ordered["net_pct"].to_numpy(),
        gross_pct=ordered["gross_pct"].to_numpy(),
        hold_min=(ordered["exit"] - ordered["entry"]).to_numpy(),
        reason=_reason_codes(ordered["reason"]),
        mae_pct=_optional(ordered, "mae_pct"),
        mfe_pct=_optional(ordered, "mfe_pct"),
    )


def segment_reports(trades: pd.DataFrame) -> dict[str, Report]:
    """Report of every segment by its name: all, each session, each regime, each pair of them.

    Parameters
    ----------
    trades : DataFrame
        As for :func:`report_of`, with ``session`` and ``regime``: codes at the entry
        (:mod:`research.features.labels`). Trades of unknown regime (-1) count in no regime.
    """
    session = trades["session"].to_numpy(dtype=np.int64)
    regime = trades["regime"].to_numpy(dtype=np.int64)
    return {segment.name: report_of(trades[segment.mask(session, regime)]) for segment in SEGMENTS}


def report_frame(
    reports: Mapping[str, Report], columns: Sequence[str] = REPORT_COLUMNS
) -> pd.DataFrame:
    """One row per report under its name, one column per report column."""
    rows = [[getattr(each, name) for name in columns] for each in reports.values()]
    index = pd.Index(list(reports), name="segment")
    return pd.DataFrame(rows, index=index, columns=pd.Index(columns))


def report_json(
    reports: Mapping[str, Report], columns: Sequence[str] = REPORT_COLUMNS
) -> dict[str, dict[str, float | int | None]]:
    """The same for JSON: NaN and infinity are None."""
    return {name: each.to_json(columns) for name, each in reports.items()}


def format_value(column: str, value: float) -> str:
    """``value`` with the decimals of its column; ``-`` for unknown, ``inf`` for no loss."""
    if np.isnan(value):
        return "-"
    return f"{value:z,.{_UNITS[column].decimals}f}"


def side_by_side(
    reports: Mapping[str, Report],
    *,
    title: str | None = None,
    columns: Sequence[str] = REPORT_COLUMNS,
) -> Table:
    """Text table with one line per report column and one column per report."""
    table = Table(title=title, title_justify="left")
    table.add_column("column")
    table.add_column("unit")
    for name in reports:
        table.add_column(name, justify="right", no_wrap=True)
    for column in columns:
        cells = [format_value(column, getattr(each, column)) for each in reports.values()]
        table.add_row(column, _UNITS[column].name, *cells)
    return table


def segment_table(
    reports: Mapping[str, Report],
    *,
    title: str | None = None,
    columns: Sequence[str] = SEGMENT_COLUMNS,
) -> Table:
    """Text table with one line per segment and one column per report column."""
    table = Table(title=title, title_justify="left")
    table.add_column("segment", no_wrap=True)
    for column in columns:
        unit = _UNITS[column].name
        heading = f"{column} {unit}" if unit and not column.endswith(unit) else column
        table.add_column(heading, justify="right")
    for name, each in reports.items():
        table.add_row(name, *(format_value(column, getattr(each, column)) for column in columns))
    return table


def _reason_codes(reason: "pd.Series[str]") -> Ints:
    return pd.Categorical(reason, categories=pd.Index(REASONS)).codes.astype(np.int64)


def _optional(trades: pd.DataFrame, column: str) -> Floats | None:
    return trades[column].to_numpy() if column in trades else None
