"""Whether two runs of a law made the same decisions, as far as they were known at a cut.

An entry is known once it is filled; a trade once its exit is. What hangs over the cut is not
compared: a signal that waits for its fill, a position that is open, an exit that waits for a price.
"""

from dataclasses import dataclass

import numpy as np

from research.arrays import Bools, Ints, Records
from research.features.panel import Panel
from research.outcomes import END, HORIZON, TIMEOUT
from strategies.law.execution import Execution
from strategies.law.position import AT_CLOSE, TRADE_FIELDS, WITHIN

__all__ = ["Knowledge", "first_other_decision", "next_price", "traded_rows"]

_ENTRY_FIELDS = ("entry", "entered_at", "side", "entry_price", "binance_entry_price")
_NEVER = 2**40


@dataclass(frozen=True, slots=True, kw_only=True)
class Knowledge:
    """What is known of a market.

    Attributes
    ----------
    row
        The last minute that is over.
    instant
        The last instant whose prices are known: ``row`` where nothing after it is, ``row + 1``
        where the next minute has opened.
    """

    row: int
    instant: int


def next_price(panel: Panel, execution: Execution, legs: int) -> Ints:
    """The next row after each at which a position of ``legs`` legs has a price, shape (n,)."""
    panel = execution.minutes_of(panel)
    has_price = ~np.isnan(panel.column("dydx_close"))
    if legs == 2:
        has_price &= ~np.isnan(panel.column("binance_close"))
    rows = np.where(has_price, np.arange(len(panel)), _NEVER)
    later = np.minimum.accumulate(rows[::-1])[::-1]
    return np.append(later[1:], _NEVER)


def first_other_decision(
    whole: Records,
    seen: Records,
    known: Knowledge,
    execution: Execution,
    next_prices: tuple[Ints, Ints],
) -> int | None:
    """The first row of an entry or exit that is not the same in both runs; None: all are.

    Parameters
    ----------
    next_prices
        :func:`next_price` of both.
    """
    after_whole, after_seen = next_prices
    entries = _first_other(
        whole[_entry_known(whole, known, execution, after_whole)],
        seen[_entry_known(seen, known, execution, after_seen)],
        _ENTRY_FIELDS,
        "entry",
    )
    if entries is not None:
        return entries
    return _first_other(
        whole[_exit_known(whole, known, execution, after_whole)],
        seen[_exit_known(seen, known, execution, after_seen)],
        TRADE_FIELDS,
        "exit",
    )


def traded_rows(trades: Records, rows: int) -> dict[str, Ints]:
    """Rows of entries, of exits, and on the way between them."""
    entry, left = (np.clip(trades[name], 0, rows - 1) for name in ("entry", "exit"))
    held = np.concatenate([entry + (left - entry) * part // 4 for part in (1, 2, 3)])
    return {"entry": entry, "held": held, "exit": left}


def _entry_known(trades: Records, known: Knowledge, execution: Execution, after: Ints) -> Bools:
    if execution.fill == "close":
        # a position that never sees a price again was no trade
        return np.asarray(after[trades["entry"]] <= known.row)
    return np.asarray(trades["entered_at"] <= known.instant)


def _exit_known(trades: Records, known: Knowledge, execution: Execution, after: Ints) -> Bools:
    at, how, reason = trades["left_at"], trades["left_how"], trades["reason"]
    is_known = np.where(how == WITHIN, at <= known.row, at <= known.instant) & (reason != END)
    if execution.fill == "close":
        # that nothing closed it in time is seen at the first price after, at the latest
        is_late = (reason == HORIZON) | (reason == TIMEOUT)
        is_known &= ~is_late | (after[trades["exit"]] <= known.row)
    else:
        is_known &= how != AT_CLOSE  # the frame ended before a price came
    return np.asarray(is_known)


def _first_other(whole: Records, seen: Records, fields: tuple[str, ...], row: str) -> int | None:
    if len(whole) == len(seen) and not _differs(whole, seen, fields).any():
        return None
    is_ours = np.isin(whole["entry"], seen["entry"])
    is_theirs = np.isin(seen["entry"], whole["entry"])
    found = [whole[row][~is_ours], seen[row][~is_theirs]]
    ours, theirs = whole[is_ours], seen[is_theirs]
    differs = _differs(ours, theirs, fields)
    found += [ours[row][differs], theirs[row][differs]]
    return int(np.concatenate(found).min())


def _differs(ours: Records, theirs: Records, fields: tuple[str, ...]) -> Bools:
    differs = np.zeros(len(ours), np.bool_)
    for name in fields:
        left, right = ours[name], theirs[name]
        differs |= (left != right) & ~(np.isnan(left) & np.isnan(right))
    return differs
