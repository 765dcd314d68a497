"""Rows of a source -> rising, unique minutes: what may be mended silently and what may not."""

from datetime import datetime

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from research.data.parse.pages import first_out_of_order, page_order
from research.data.tables.schema import MINUTE_MS, check_grid, check_prices, iso_minute, minutes_ms
from research.errors import ConflictError, FormatError, OrderError

__all__ = ["check_step", "drop_running", "finish", "settle"]

# a clock this far behind is still taken for a clock, not for a file from another time
_CLOCK_SLACK_MS = 10 * MINUTE_MS


def finish(
    table: pd.DataFrame, *, place: str, now: datetime | None
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Candle table of completed minutes made from a source's rows, and notes on what was mended.

    Prices are checked first, in the source's own order, so that a message counts its rows.

    Raises
    ------
    PriceError, OrderError, ConflictError, FormatError
        As :func:`check_prices`, :func:`settle` and :func:`check_step` do; FormatError too where
        no completed minute is left.
    """
    check_prices(table, place)
    table, mended = settle(table, place=place)
    check_step(table, place=place)
    table, dropped = drop_running(table, now)
    if table.empty:
        raise FormatError(f"{place}: no completed minute in it; fetch it again in a minute")
    return table, mended + dropped


def settle(table: pd.DataFrame, *, place: str) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Rising, unique minutes of ``table``, and notes on what was mended.

    A source that falls throughout (newest first) is turned round, pages are put in order; rows
    that repeat a minute with the same values are dropped.

    Raises
    ------
    OrderError
        Minutes off the grid, or rising and falling other than page by page.
    ConflictError
        One minute twice with different values.
    """
    notes: list[str] = []
    minutes = minutes_ms(table.index)
    check_grid(minutes, place)
    if _falls(minutes):
        table, minutes = table[::-1], minutes[::-1]
        notes.append("newest first: turned round")
    elif (np.diff(minutes) < 0).any():
        order = page_order(minutes)
        if order is None:
            raise _unsorted(minutes, place)
        table, minutes = table.iloc[order], minutes[order]
        notes.append("pages put in order")
    doubled = np.diff(minutes, prepend=minutes[:1] - 1) == 0
    if doubled.any():
        _check_repetitions(table, minutes, doubled, place)
        table = table[~doubled]
        notes.append(f"{int(doubled.sum()):,} repeated rows dropped")
    return table, tuple(notes)


def _falls(minutes: NDArray[np.int64]) -> bool:
    steps = np.diff(minutes)
    return bool((steps < 0).any() and (steps <= 0).all())


def _unsorted(minutes: NDArray[np.int64], place: str) -> OrderError:
    row = first_out_of_order(minutes)
    return OrderError(
        f"{place}: row {row + 1} ({iso_minute(int(minutes[row]))}) comes after "
        f"{iso_minute(int(minutes[row - 1]))}; minutes must rise, or fall, throughout or page by "
        "page; sort the rows by open time (in local time a clock set back looks so too)"
    )


def _check_repetitions(
    table: pd.DataFrame, minutes: NDArray[np.int64], doubled: NDArray[np.bool_], place: str
) -> None:
    values = table.to_numpy()
    second = np.flatnonzero(doubled)
    here, before = values[second], values[second - 1]
    differs = (here != before) & ~(np.isnan(here) & np.isnan(before))
    if differs.any():
        which, column = (int(found[0]) for found in np.nonzero(differs))
        raise ConflictError(
            f"{place}: minute {iso_minute(int(minutes[second[which]]))} stands twice with "
            f"{table.columns[column]} = {float(before[which, column])!r} and "
            f"{float(here[which, column])!r}; keep the right row"
        )


def check_step(table: pd.DataFrame, *, place: str) -> None:
    """Raises FormatError where settled minutes stand evenly more than one minute apart."""
    steps = np.unique(np.diff(minutes_ms(table.index)))
    if len(table) >= 3 and len(steps) == 1 and steps[0] > MINUTE_MS:
        raise FormatError(
            f"{place}: candles are {steps[0] / MINUTE_MS:g} minutes apart; "
            "fetch the 1-minute interval"
        )


def drop_running(table: pd.DataFrame, now: datetime | None) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Candles that are over at ``now``, and a note where one was still running.

    Minutes far in the future are kept and noted: the clock of a machine is weaker evidence
    than a file.
    """
    if now is None or table.empty:
        return table, ()
    now_ms = int(now.timestamp() * 1000)
    ends = minutes_ms(table.index) + MINUTE_MS
    running = ends > now_ms
    if not running.any():
        return table, ()
    if int(ends[-1]) <= now_ms + _CLOCK_SLACK_MS:
        note = f"still running at {iso_minute(now_ms - now_ms % MINUTE_MS)}: dropped"
        return table[~running], (f"{int(running.sum())} minute {note}",)
    return table, (
        f"{int(running.sum()):,} minutes lie after this machine's clock: "
        "look at the clock and at the time zone of the source",
    )
