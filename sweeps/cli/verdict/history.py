"""The minutes that an audit cuts: of the store, of a frame file, or of the embedded market."""

import pandas as pd

from research.data.store.store import Store
from research.data.synthetic.market import SyntheticSpec, synthesize
from research.errors import SettingsError
from research.frame.frame import Frame, read_frame
from sweeps.cli.groups import Source
from sweeps.settings import Settings
from sweeps.verdict.audit.history import CandleHistory, FrameHistory, History

__all__ = ["history_of"]


def history_of(
    settings: Settings, source: Source, *, is_synthetic: bool, days: float | None
) -> History:
    """The last ``days`` of what ``source`` names, candles wherever there are some.

    Raises
    ------
    FrameError
        There are no minutes, or the file is no frame.
    SettingsError
        The embedded market is asked for beside another, or ``days`` is not above 0.
    """
    if days is not None and not days > 0:
        raise SettingsError(f"--days must be above 0, was {days:g}")
    if is_synthetic:
        if any(place is not None for place in (source.market, source.frame, source.store)):
            raise SettingsError(
                "--synthetic makes its own minutes; leave out --market/--frame/--store"
            )
        return _embedded(settings)
    if source.frame is not None:
        return FrameHistory(_last(read_frame(source.frame), days))
    return _stored(settings, source, days)


def _embedded(settings: Settings) -> CandleHistory:
    wanted = settings.synthetic
    pair = synthesize(SyntheticSpec(days=wanted.days, seed=wanted.seed, edge=wanted.edge))
    return CandleHistory(
        binance=pair.binance,
        dydx=pair.dydx,
        funding=pair.funding,
        market="SYNTH",
        sources=(pair.source.name,),
        is_synthetic=True,
        rule=settings.frame,
    )


def _stored(settings: Settings, source: Source, days: float | None) -> CandleHistory:
    store, market = Store(source.store or settings.store.folder), source.market or settings.market
    binance, dydx = (store.candles(market, venue) for venue in ("binance", "dydx"))
    if days is not None and len(binance) and len(dydx):
        start = min(binance.index[-1], dydx.index[-1]) - pd.Timedelta(days=days)
        binance, dydx = binance[binance.index > start], dydx[dydx.index > start]
    return CandleHistory(
        binance=binance,
        dydx=dydx,
        funding=store.funding(market),
        binance_funding=store.funding(market, "binance"),
        market=market,
        sources=store.sources(market),
        is_synthetic=store.is_synthetic(market),
        rule=settings.frame,
    )


def _last(frame: Frame, days: float | None) -> Frame:
    return frame if days is None else frame.last(max(1, round(days * 1440)))
