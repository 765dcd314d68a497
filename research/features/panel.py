"""A frame and everything that is known at each of its minutes: what strategies read.

A minute in which a venue did not trade has no price here, flat candle or none, so that both ways
of writing it down give the same features and trades. Only :attr:`Panel.as_recorded` reads the
candles as they stand in the file: for the plain model.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
import pandas as pd

from research.arrays import Floats, Ints
from research.data.tables.schema import PRICES, VENUES
from research.errors import FrameError, ParamError
from research.features.labels import REGIMES, SESSIONS, RegimeEdges, session_codes
from research.features.lead import lead_return_pct
from research.features.rsi import rsi_by_timeframe
from research.features.spread import basis_pct, spread_excess_pct, spread_pct
from research.features.trend import mtf_aligned
from research.features.volatility import atr_pct, realized_vol_pct
from research.frame.frame import Frame
from research.settings.features import PanelSettings, RegimeSettings

__all__ = ["FEATURES", "Panel", "Reference", "features"]

Reference = Literal["raw", "excess"]
Reading = Callable[[Floats], Floats]

FEATURES = (
    "spread_pct",
    "basis_pct",
    "spread_excess_pct",
    "atr_pct",
    "realized_vol_pct",
    "mtf_aligned",
)
"""Features that are a field of the panel under their own name; the RSIs stand in ``rsi``."""

_PRINTS = ("dydx_high", "dydx_low")  # what an intrabar TP or SL is touched by
_PRICES = {f"{venue}_{name}": venue for venue in VENUES for name in PRICES}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, weakref_slot=True)
class Panel:
    """A frame with its features. All arrays have one row per minute of the frame.

    Percent where the name says so; NaN means unknown, also for want of history: a frame shorter
    than a lookback has that feature NaN throughout.
    """

    frame: Frame
    settings: PanelSettings  # lookbacks, session cuts and regime quantiles in force
    minute: Ints  # epoch minutes, UTC
    spread_pct: Floats
    basis_pct: Floats
    spread_excess_pct: Floats
    atr_pct: Floats
    realized_vol_pct: Floats
    rsi: dict[str, Floats]  # by timeframe: "1m", "5m", "15m", "1h", "4h"
    mtf_aligned: Floats  # +1, 0, -1, NaN
    session: Ints  # index into SESSIONS
    regime: Ints  # index into REGIMES, -1 unknown
    edges: RegimeEdges
    flat_is_price: bool = False  # a candle without a trade is read as a price: the plain model
    trusts_prints: bool = False  # highs and lows of minutes that quality names as bad prints count
    spread_as: Reading | None = None  # how the spreads are read: see read_as
    lead_as: Reading | None = None  # how the lead return is read
    # of the frame: another reading of the same minutes has the same ones, and does not read anew
    _columns: dict[str, Floats] = field(default_factory=dict, repr=False)
    _siblings: list["Panel"] = field(default_factory=list, init=False, repr=False)
    _known: dict[str, Floats] = field(default_factory=dict, init=False, repr=False)

    def __len__(self) -> int:
        return self.minute.size

    @property
    def has_funding(self) -> bool:
        """Whether any dYdX funding rate is known."""
        first_hour = int(-self.minute[0] % 60)  # rows are minutes without a gap
        return not np.isnan(self.column("funding_rate")[first_hour::60]).all()

    @property
    def has_binance_funding(self) -> bool:
        """Whether any Binance funding rate is known: its column is optional in a frame."""
        name = "binance_funding_rate"
        return name in self.frame.table and not bool(np.isnan(self.column(name)).all())

    @property
    def as_recorded(self) -> "Panel":
        """The same minutes with every flat candle read as a price, built when first asked for.

        Session and regime stay those of this panel: a segment is the same minutes in both. What
        :meth:`read_as` does to signals it does here too.
        """
        if self.flat_is_price:
            return self
        if not self._siblings:
            made = features(self.frame, self.settings, edges=self.edges, flat_is_price=True)
            made = replace(
                made,
                session=self.session,
                regime=self.regime,
                trusts_prints=self.trusts_prints,
            )
            self._siblings.append(made.read_as(spread=self.spread_as, lead=self.lead_as))
        return self._siblings[0]

    @property
    def trusting(self) -> "Panel":
        """The same minutes with the highs and lows of bad prints believed."""
        return self if self.trusts_prints else replace(self, trusts_prints=True, _columns={})

    @property
    def bad_prints(self) -> int:
        """Minutes of dYdX that quality names as bad prints."""
        name = "dydx_bad_print"
        return int((self.frame.table[name] > 0).sum()) if name in self.frame.table else 0

    def column(self, name: str) -> Floats:
        """A feature (``atr_pct``, ``rsi_1h``) or a column of the frame (``dydx_close``).

        A price is NaN where its venue did not trade, unless ``flat_is_price``; dYdX's high and low
        are NaN in minutes that quality names as bad prints, unless ``trusts_prints``. The same
        array at each call: to be read, not written.

        Raises
        ------
        ParamError
            There is none of that name.
        """
        if name in FEATURES:
            found: Floats = getattr(self, name)
            return found
        if name in _rsi_names(self):
            return self.rsi[name.removeprefix("rsi_")]
        if name not in self.frame.table.columns:
            raise ParamError(
                f"column = {name!r}: neither a feature nor a column of the frame; "
                f"take one of {', '.join([*FEATURES, *_rsi_names(self), *self.frame.table])}"
            )
        if name not in self._columns:
            values = _own(self.frame, name, flat_is_price=self.flat_is_price)
            if name in _PRINTS and self.bad_prints and not self.trusts_prints:
                values[self.frame.column("dydx_bad_print") > 0] = np.nan
            self._columns[name] = values
        return self._columns[name]

    def with_edges_of(self, rows: slice) -> "Panel":
        """The same minutes with regime edges fitted on ``rows`` and on no others.

        Raises
        ------
        ParamError
            ``rows`` hold no minute.
        """
        edges = _fitted(self.atr_pct, self.minute, self.settings.regime, rows)
        return replace(self, edges=edges, regime=edges.codes(self.atr_pct))

    def read_as(self, *, spread: Reading | None = None, lead: Reading | None = None) -> "Panel":
        """The same minutes and prices with signals read otherwise: for stress and placebos.

        Parameters
        ----------
        spread, lead
            From the spreads (raw and excess) and the lead returns to what signals see of them,
            arrays of the same shape.
        """
        if spread is None:
            return replace(self, lead_as=lead)
        return replace(
            self,
            spread_as=spread,
            lead_as=lead,
            spread_pct=spread(self.spread_pct),
            spread_excess_pct=spread(self.spread_excess_pct),
        )

    def lead_return_pct(self, window: int) -> Floats:
        """Binance's return over the last ``window`` minutes, percent; computed once per window.

        Raises
        ------
        ParamError
            ``window`` is below 1.
        """
        if window < 1:
            raise ParamError(f"window must be at least 1 minute, was {window}")
        name = f"binance_ret_{window}_pct"
        if name not in self._known:
            lead = lead_return_pct(self.column("binance_close"), window)
            self._known[name] = lead if self.lead_as is None else self.lead_as(lead)
        return self._known[name]

    def reference(self, name: Reference) -> Floats:
        """The spread that conditions look at: ``raw`` as it is, ``excess`` over its basis.

        Raises
        ------
        ParamError
            ``name`` is neither.
        """
        spreads = {"raw": self.spread_pct, "excess": self.spread_excess_pct}
        if name not in spreads:
            raise ParamError(f"reference = {name!r}: must be raw or excess")
        return spreads[name]

    def table(self, lead_windows: Sequence[int] = (3, 5, 10)) -> pd.DataFrame:
        """All features by minute, labels as categories: for looking at, not for kernels."""
        columns: dict[str, object] = {name: getattr(self, name) for name in FEATURES}
        columns |= dict(zip(_rsi_names(self), self.rsi.values(), strict=True))
        for window in lead_windows:
            columns[f"binance_ret_{window}_pct"] = self.lead_return_pct(window)
        columns["session"] = pd.Categorical.from_codes(self.session, pd.Index(SESSIONS))
        columns["regime"] = pd.Categorical.from_codes(self.regime, pd.Index(REGIMES))
        return pd.DataFrame(columns, index=self.frame.table.index)


def features(
    frame: Frame,
    settings: PanelSettings | None = None,
    *,
    edges: RegimeEdges | None = None,
    train_rows: int | None = None,
    flat_is_price: bool = False,
) -> Panel:
    """The panel of ``frame``: every feature at every minute.

    Parameters
    ----------
    frame : Frame
        At least one minute.
    settings : PanelSettings, optional
        Lookbacks, session cuts and regime quantiles; the defaults if left out.
    edges : RegimeEdges, optional
        Regime edges fitted elsewhere. Left out, they are fitted here.
    train_rows : int, optional
        Fit the edges on the first so many minutes. Left out, they are fitted on all of them and
        marked in-sample.
    flat_is_price : bool, optional
        Reads candles without a trade as prices, as :attr:`Panel.as_recorded` does.

    Raises
    ------
    FrameError
        The frame has no minute.
    ParamError
        ``train_rows`` is below 1, or given beside ``edges``.
    """
    if len(frame) == 0:
        raise FrameError(f"{frame.label}: the frame has no minute; widen the span")
    settings = settings or PanelSettings()
    minute, lookback = frame.minute, settings.features
    first_minute = int(minute[0])
    high, low, close, dydx_close = (
        _own(frame, name, flat_is_price=flat_is_price)
        for name in ("binance_high", "binance_low", "binance_close", "dydx_close")
    )
    spread = spread_pct(dydx_close, close)
    basis = basis_pct(spread, lookback.basis_min)
    atr = atr_pct(high, low, close, lookback.atr_min)
    edges = _edges(atr, minute, settings.regime, edges=edges, train_rows=train_rows)
    return Panel(
        frame=frame,
        settings=settings,
        minute=minute,
        spread_pct=spread,
        basis_pct=basis,
        spread_excess_pct=spread_excess_pct(spread, basis),
        atr_pct=atr,
        realized_vol_pct=realized_vol_pct(close, lookback.realized_vol_min),
        rsi=rsi_by_timeframe(close, first_minute, lookback.rsi_bars),
        mtf_aligned=mtf_aligned(close, first_minute),
        session=session_codes(minute, settings.sessions.cuts),
        regime=edges.codes(atr),
        edges=edges,
        flat_is_price=flat_is_price,
    )


def _rsi_names(panel: Panel) -> list[str]:
    return [f"rsi_{timeframe}" for timeframe in panel.rsi]


def _own(frame: Frame, name: str, *, flat_is_price: bool) -> Floats:
    # pandas hands out read-only views, which numba would compile a second time for
    values = np.require(frame.column(name), requirements=["C", "W"])
    if name in _PRICES and not flat_is_price:
        values[~frame.has_traded(_PRICES[name])] = np.nan
    return values


def _edges(
    atr: Floats,
    minute: Ints,
    regime: RegimeSettings,
    *,
    edges: RegimeEdges | None,
    train_rows: int | None,
) -> RegimeEdges:
    if edges is not None and train_rows is not None:
        raise ParamError("train_rows and edges exclude each other; give one of them")
    if edges is not None:
        return edges
    rows = minute.size if train_rows is None else min(train_rows, minute.size)
    if rows < 1:
        raise ParamError(f"train_rows must be at least 1 minute, was {train_rows}")
    return _fitted(atr, minute, regime, slice(0, rows))


def _fitted(atr: Floats, minute: Ints, regime: RegimeSettings, rows: slice) -> RegimeEdges:
    if not minute[rows].size:
        raise ParamError(f"rows {rows.start}..{rows.stop} hold no minute to fit regime edges on")
    return RegimeEdges.fit(
        atr[rows],
        regime.quantiles,
        fitted_on=_span(minute[rows]),
        is_in_sample=minute[rows].size == minute.size,
    )


def _span(minute: Ints) -> str:
    ends = np.array([minute[0], minute[-1]], dtype="datetime64[m]")
    return " .. ".join(f"{end}Z" for end in ends)
