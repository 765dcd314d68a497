"""Frames whose lead is destroyed: whatever still finds an edge in one of them finds noise.

A placebo of lead/follow must leave nothing to earn on dYdX and look like a market. So dYdX keeps
every one of its minutes and BINANCE is made anew beside it. The other way round, a follower put
back to Binance's level, would plant what is to be destroyed: each return to that level is a move of
dYdX that somebody waits for. Two families, and an exchange:

- ``spread_*``: Binance is dYdX less a spread that belongs to other minutes. The excess over the
  slow basis is moved or its blocks are shuffled: same sizes, same memory, no news of dYdX.
- ``lead_*``: Binance keeps its own returns, of other minutes or with random signs, and is put to
  dYdX's level at the start of each block: within one the two walk apart by chance alone, so
  spreads are wider than real ones and triggers more frequent.
- ``swapped``: each venue stands in the other's columns; a lead, if there is one, points back.

They say nothing about spread reversion, whose spread comes back in all of them: it needs no lead.
Signs of trades are the verdict's to draw; on a frame only signs of Binance's minutes make sense.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
import pandas as pd

from research.arrays import Bools, Floats, Ints
from research.errors import EvidenceError, ParamError
from research.features.spread import basis_pct, spread_pct
from research.frame.frame import COLUMNS, VENUE_COLUMNS, Frame, age_minutes, remade_frame

__all__ = ["PLACEBOS", "placebo"]

_DAY = 1440
_BASIS_MIN = 720
_BLOCK_MIN = 60  # of the lead family: longer ones let the venues walk further apart
_SPREAD_BLOCK_MIN = 240
_PRICES = ("open", "high", "low", "close")


def placebo(frame: Frame, name: str, seed: int = 7) -> Frame:
    """``frame`` without its lead, labelled as a placebo and as synthetic.

    Same minutes, same columns; same seed, same bytes.

    Raises
    ------
    ParamError
        There is no placebo of that name.
    EvidenceError
        The frame is shorter than two days, or a venue has no price in it.
    """
    if name not in PLACEBOS:
        raise ParamError(f"placebo = {name!r}: take one of {', '.join(PLACEBOS)}")
    if len(frame) < 2 * _DAY:
        raise EvidenceError(
            f"{frame.label}: {len(frame):,} minutes; a placebo needs {2 * _DAY:,}, or what is "
            "moved by a day falls on itself: take a longer frame"
        )
    if frame.table[["binance_close", "dydx_close"]].notna().sum().min() == 0:
        raise EvidenceError(f"{frame.label}: a venue has no price at all; check the frame")
    table = PLACEBOS[name](frame, np.random.Generator(np.random.PCG64(seed)))
    return remade_frame(
        frame,
        table,
        market=f"{frame.market} PLACEBO {name}",
        source=f"placebo {name} seed={seed} of {frame.origin.content_sha256}",
    )


def _spread_day(frame: Frame, _: np.random.Generator) -> pd.DataFrame:
    return _on_spread(frame, _rolled(len(frame), _DAY))


def _spread_circular(frame: Frame, generator: np.random.Generator) -> pd.DataFrame:
    return _on_spread(frame, _rolled(len(frame), _far(len(frame), generator)))


def _spread_blocks(frame: Frame, generator: np.random.Generator) -> pd.DataFrame:
    return _on_spread(frame, _shuffled(len(frame), _SPREAD_BLOCK_MIN, generator))


def _lead_day(frame: Frame, _: np.random.Generator) -> pd.DataFrame:
    return _on_returns(frame, _rolled(len(frame), _DAY))


def _lead_circular(frame: Frame, generator: np.random.Generator) -> pd.DataFrame:
    return _on_returns(frame, _rolled(len(frame), _far(len(frame), generator)))


def _lead_blocks(frame: Frame, generator: np.random.Generator) -> pd.DataFrame:
    return _on_returns(frame, _shuffled(len(frame), _BLOCK_MIN, generator))


def _lead_signs(frame: Frame, generator: np.random.Generator) -> pd.DataFrame:
    n = len(frame)
    sign = np.where(generator.random(n) < 0.5, -1.0, 1.0)
    return _on_returns(frame, np.arange(n), sign)


def _swapped(frame: Frame, _: np.random.Generator) -> pd.DataFrame:
    table = frame.table.copy()
    names = list(VENUE_COLUMNS)
    for one, other in (("binance", "dydx"), ("dydx", "binance")):
        for name in names:
            table[f"{one}_{name}"] = frame.table[f"{other}_{name}"]
    for age in (name for name in COLUMNS if name.endswith("_age_min")):
        table[age] = age_minutes(_traded(table, age.removesuffix("_age_min")))
    return table


PLACEBOS: Mapping[str, Callable[[Frame, np.random.Generator], pd.DataFrame]] = MappingProxyType(
    {
        "spread_day": _spread_day,
        "spread_circular": _spread_circular,
        "spread_blocks": _spread_blocks,
        "lead_day": _lead_day,
        "lead_circular": _lead_circular,
        "lead_blocks": _lead_blocks,
        "lead_signs": _lead_signs,
        "swapped": _swapped,
    }
)
"""Every placebo by name."""


def _on_spread(frame: Frame, source: Ints) -> pd.DataFrame:
    """Binance as dYdX less the excess spread of the rows ``source``, basis of its own minute."""
    spread = spread_pct(frame.column("dydx_close"), frame.column("binance_close"))
    basis = _filled(basis_pct(spread, _BASIS_MIN))
    excess = _filled(np.where(_traded(frame.table, "dydx"), spread, np.nan) - basis)
    level = 1 + (basis + excess[source]) / 100
    close = _filled(frame.column("dydx_close"))
    prices = {
        name: np.where(np.isnan(own := frame.column(f"dydx_{name}")), close, own) / level
        for name in _PRICES
    }
    return _with_lead(frame, prices, np.arange(len(frame)))


def _on_returns(frame: Frame, source: Ints, sign: Floats | None = None) -> pd.DataFrame:
    """Binance with its own returns of the rows ``source``, at dYdX's level as blocks begin."""
    log = {name: np.log(frame.column(f"binance_{name}")) for name in _PRICES}
    step = np.diff(_filled(log["close"]), prepend=np.nan)[source]
    turn = np.ones(len(frame)) if sign is None else sign
    spread = spread_pct(frame.column("dydx_close"), frame.column("binance_close"))
    anchor = np.log(_filled(frame.column("dydx_close")))
    anchor -= np.log1p(_filled(basis_pct(spread, _BASIS_MIN)) / 100)
    walk = np.cumsum(np.where(np.isnan(step), 0.0, turn * step))
    first = np.arange(len(frame)) // _BLOCK_MIN * _BLOCK_MIN
    close = anchor[first] + walk - walk[first]
    # a minute keeps its shape around its close; upside down, its high is as far as its low was
    above = {name: turn * (log[name] - log["close"])[source] for name in _PRICES}
    top = np.maximum(above["high"], above["low"])
    bottom = np.minimum(above["high"], above["low"])
    shape = {"open": above["open"], "high": top, "low": bottom, "close": above["close"]}
    return _with_lead(frame, {name: np.exp(close + shape[name]) for name in _PRICES}, source)


def _with_lead(frame: Frame, prices: Mapping[str, Floats], source: Ints) -> pd.DataFrame:
    """The frame's table with other Binance prices; volumes and gaps of the rows ``source``."""
    table = frame.table.copy()
    is_missing = np.isnan(frame.column("binance_close"))[source]
    for name, values in prices.items():
        table[f"binance_{name}"] = np.where(is_missing, np.nan, values)
    for name in ("volume", "trades"):
        table[f"binance_{name}"] = frame.column(f"binance_{name}")[source]
    return table


def _filled(values: Floats) -> Floats:
    """The last known value at each row, the first known one before it."""
    known = ~np.isnan(values)
    if not known.any():
        return np.zeros(values.size)
    row = np.maximum.accumulate(np.where(known, np.arange(values.size), -1))
    return values[np.where(row < 0, int(known.argmax()), row)]


def _traded(table: pd.DataFrame, venue: str) -> Bools:
    volume, trades = (table[f"{venue}_{name}"].to_numpy() for name in ("volume", "trades"))
    return np.where(np.isnan(trades), volume > 0, trades > 0)


def _rolled(n: int, minutes: int) -> Ints:
    return (np.arange(n) - minutes) % n


def _far(n: int, generator: np.random.Generator) -> int:
    """An offset of half a day at least, either way around the circle."""
    return int(generator.integers(_DAY // 2, n - _DAY // 2))


def _shuffled(n: int, block: int, generator: np.random.Generator) -> Ints:
    """Rows with their blocks in random order; the last, shorter block stays where it is."""
    whole = n // block
    order = generator.permutation(whole)
    rows = (order[:, np.newaxis] * block + np.arange(block)).ravel()
    return np.concatenate((rows, np.arange(whole * block, n)))
