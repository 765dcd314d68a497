"""Frames from the store, from a file, from the generator."""

from datetime import datetime
from pathlib import Path

import pandas as pd

from research.data.quality.splits import price_scale as scale_between
from research.data.store.store import Store
from research.data.synthetic.market import SyntheticSpec, synthesize
from research.data.tables.schema import VENUES
from research.errors import FrameError
from research.frame.frame import Frame, build_frame, read_frame
from research.settings.frame import FrameSettings

__all__ = ["load_frame", "synthetic_frame"]


def load_frame(
    market: str = "BTC",
    *,
    store: str | Path = "data",
    file: str | Path | None = None,
    rule: FrameSettings | None = None,
    price_scale: float = 1.0,
    anyway: bool = False,
    span: tuple[datetime, datetime] | None = None,
) -> Frame:
    """The frame of ``market`` from the store, or the one in ``file``.

    Parameters
    ----------
    rule
        Which silences of either venue are left out of a frame from the store (default: the
        settings' defaults); a file was made by its own rule.
    price_scale
        How many of dYdX's units one of Binance's contract is.
    anyway
        Also where the prices of both venues are a power of ten apart.
    span
        Of the store's minutes those from the first on and before the second, as if the store held
        no others.

    Raises
    ------
    FrameError
        A venue has no minutes in the store, the venues do not overlap, their prices are a power of
        ten apart, or ``file`` is no frame.
    StoreError
        The store is damaged.
    """
    if file is not None:
        return read_frame(Path(file))
    minutes = Store(Path(store))
    start, end = span or (None, None)
    binance, dydx = (minutes.candles(market, venue, start, end) for venue in VENUES)
    if not anyway:
        _check_scale(binance, dydx, market, price_scale)
    return build_frame(
        binance,
        dydx,
        minutes.funding(market),
        market=market,
        binance_funding=minutes.funding(market, "binance"),
        sources=minutes.sources(market),
        is_synthetic=minutes.is_synthetic(market),
        rule=rule or FrameSettings(),
        price_scale=price_scale,
    )


def _check_scale(
    binance: pd.DataFrame, dydx: pd.DataFrame, market: str, price_scale: float
) -> None:
    """Refuses two contracts of different size. Raises :class:`FrameError`."""
    found = scale_between(binance["close"] / price_scale, dydx["close"])
    if found is not None:
        asked = price_scale * 10.0**-found.power
        raise FrameError(
            f"{market}: {found.sentence()}: set markets.{market}.price_scale = {asked:g} in "
            "leadfollow.toml"
        )


def synthetic_frame(spec: SyntheticSpec | None = None, market: str = "SYNTH") -> Frame:
    """The frame of a generated market pair, labelled synthetic for good."""
    pair = synthesize(spec or SyntheticSpec())
    return build_frame(
        pair.binance,
        pair.dydx,
        pair.funding,
        market=market,
        sources=[pair.source.name],
        is_synthetic=True,
    )
