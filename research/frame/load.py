"""Frames from the store, from a file, from the generator."""

from pathlib import Path

from research.data.store.store import Store
from research.data.synthetic.market import SyntheticSpec, synthesize
from research.frame.frame import Frame, build_frame, read_frame
from research.settings.frame import FrameSettings

__all__ = ["load_frame", "synthetic_frame"]


def load_frame(
    market: str = "BTC",
    *,
    store: str | Path = "data",
    file: str | Path | None = None,
    rule: FrameSettings | None = None,
) -> Frame:
    """The frame of ``market`` from the store, or the one in ``file``.

    ``rule`` says which silences of either venue are left out of a frame from the store (default:
    the settings' defaults); a file was made by its own rule.

    Raises
    ------
    FrameError
        A venue has no minutes in the store, the venues do not overlap, or ``file`` is no frame.
    StoreError
        The store is damaged.
    """
    if file is not None:
        return read_frame(Path(file))
    minutes = Store(Path(store))
    return build_frame(
        minutes.candles(market, "binance"),
        minutes.candles(market, "dydx"),
        minutes.funding(market),
        market=market,
        binance_funding=minutes.funding(market, "binance"),
        sources=minutes.sources(market),
        is_synthetic=minutes.is_synthetic(market),
        rule=rule or FrameSettings(),
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
