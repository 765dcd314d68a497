"""Candles doubled, shuffled, gapped and shifted: the frame of the clean ones, or a refusal."""

import collections
import functools
import re
from typing import Any

import numpy as np
import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from research.data.parse.order import finish
from research.data.tables.schema import MINUTE_MS
from research.errors import DataError
from research.frame.frame import build_frame
from tests.exchange.arrange import FIRST_MS
from tests.exchange.minutes import make_minutes

ROWS = 40
_BINANCE = make_minutes(first_ms=FIRST_MS, minutes=ROWS, seed=1).binance_table()
_DYDX = make_minutes(first_ms=FIRST_MS, minutes=ROWS, seed=2).dydx_table()
HARM = ("doubled", "shuffled", "gapped", "off_grid", "set_back", "contradicting", "reversed")
FRAMES = st.tuples(
    st.lists(st.sampled_from(HARM), min_size=1, max_size=3), st.integers(0, 2**32 - 1)
)


def run(count: int | None = None) -> dict[str, Any]:
    """``count`` frames (10,000)."""
    figures: collections.Counter[str] = collections.Counter()
    wanted = count or 10_000

    @settings(
        max_examples=wanted, deadline=None, database=None, derandomize=True,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(FRAMES)
    def judge(frame: tuple[list[str], int]) -> None:
        figures[outcome(*frame)] += 1

    judge()
    return {
        "frames": sum(figures.values()),
        "equal": figures["equal"],
        "refused_with_row": figures["refused"],
        "refused_without_row": figures["unnamed"],
        "wrong": figures["wrong"],
        "failures": figures["wrong"] + figures["unnamed"],
    }


def outcome(harms: list[str], seed: int) -> str:
    """What became of the dYdX side after ``harms``: equal, refused, unnamed or wrong."""
    chance = np.random.default_rng(seed)
    harmed, lost = _DYDX, set[int]()
    # gaps first: taking harmed rows away again would leave a harm that nobody can see
    for harm in sorted(harms, key=lambda name: name != "gapped"):
        harmed, lost = _harm(harm, harmed, lost, chance)
    try:
        mended, _ = finish(harmed, place="dydx", now=None)
    except DataError as error:
        return (
            "refused" if re.search(r"row \d+|minute \d{4}-|no completed", str(error)) else "unnamed"
        )
    frame = build_frame(_BINANCE, mended, market="X").table
    return "equal" if frame.equals(_expected(frozenset(lost))) else "wrong"


@functools.lru_cache(maxsize=1)
def _expected(lost: frozenset[int]) -> pd.DataFrame:
    clean = _DYDX.drop(_DYDX.index[sorted(lost)])
    return build_frame(_BINANCE, clean, market="X").table


def _harm(
    harm: str, table: pd.DataFrame, lost: set[int], chance: np.random.Generator
) -> tuple[pd.DataFrame, set[int]]:
    n = len(table)
    at = int(chance.integers(n))
    if harm == "doubled":
        order = np.sort(
            np.append(np.arange(n), chance.integers(n, size=int(chance.integers(1, 5))))
        )
        return table.iloc[order], lost
    if harm == "shuffled":
        return table.iloc[chance.permutation(n)], lost
    if harm == "reversed":
        return table[::-1], lost
    if harm == "gapped":
        gone = table.index[chance.random(n) < 0.2]
        kept = table[~table.index.isin(gone)]
        if len(kept) < 3:
            return table, lost
        return kept, lost | {
            _DYDX.index.get_loc(minute) for minute in gone if minute in _DYDX.index
        }
    if harm == "off_grid":
        seconds = int(chance.integers(1, 60))
        return table.set_axis(_moved(table.index, slice(at, n), seconds)), lost
    if harm == "set_back":
        # rows that slide into a gap leave no trace in one venue's candles; the pair's shift does
        if not (np.diff(pd.DatetimeIndex(table.index).as_unit("ms").asi8) == MINUTE_MS).all():
            return table, lost
        seconds = -60 * int(chance.integers(1, 9))
        return table.set_axis(_moved(table.index, slice(max(at, 1), n), seconds)), lost
    changed = table.iloc[[at]] * 1.01
    return pd.concat([table.iloc[: at + 1], changed, table.iloc[at + 1 :]]), lost


def _moved(index: pd.Index, rows: slice, seconds: int) -> pd.Index:
    times = pd.DatetimeIndex(index).as_unit("ms").asi8.copy()
    times[rows] += seconds * 1000
    moved = pd.DatetimeIndex(times.astype("datetime64[ms]"), name="minute")
    return moved.tz_localize("UTC")
