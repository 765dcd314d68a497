"""Two venues' prices of the minutes in which they traded: what every estimator here reads."""

from dataclasses import dataclass

import numpy as np

from research.arrays import Bools, Floats, Ints
from research.errors import EvidenceError
from research.features.panel import Panel, Reference

__all__ = ["MIN_MINUTES", "PairMinutes", "check_minutes", "moved", "pair_minutes"]

MIN_MINUTES = 240  # minutes in which both traded; fewer carry no claim about a lead


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, weakref_slot=True)
class PairMinutes:
    """Rows of a panel as two series of observations, all of shape (n,).

    A venue that did not trade in a minute has no price in it (NaN), whether its file holds a
    flat candle or none: a flat candle's close is an old price, and old prices look like a lag.
    """

    minute: Ints  # epoch minutes, without a gap
    lead: Floats  # log of Binance's close
    follow: Floats  # log of dYdX's close
    follow_open: Floats  # log of dYdX's open: the first price that an order of the last minute got
    gap_pct: Floats  # the spread that is looked at, percent; NaN unless both traded
    basis_pct: Floats  # the slow difference that is taken off it, percent; 0 where none is
    session: Ints
    regime: Ints

    def __len__(self) -> int:
        return self.minute.size

    @property
    def has_both(self) -> Bools:
        """Minutes in which both venues traded."""
        return ~np.isnan(self.lead) & ~np.isnan(self.follow)

    def part(self, rows: slice) -> "PairMinutes":
        """The same of some rows."""
        names = self.__dataclass_fields__
        return PairMinutes(**{name: getattr(self, name)[rows] for name in names})


def pair_minutes(
    panel: Panel, rows: slice = slice(None), reference: Reference = "excess"
) -> PairMinutes:
    """Both venues' minutes in ``rows``; the gap is the spread over its basis, or as it is.

    Raises
    ------
    EvidenceError
        Both traded in fewer than :data:`MIN_MINUTES` of them, or a price never changes.
    """
    lead = np.where(_traded(panel, "binance"), np.log(panel.column("binance_close")), np.nan)
    traded = _traded(panel, "dydx")
    follow = np.where(traded, np.log(panel.column("dydx_close")), np.nan)
    gap = panel.reference(reference)
    pair = PairMinutes(
        minute=panel.minute,
        lead=lead,
        follow=follow,
        follow_open=np.where(traded, np.log(panel.column("dydx_open")), np.nan),
        gap_pct=np.where(np.isnan(lead) | np.isnan(follow), np.nan, gap),
        basis_pct=panel.basis_pct if reference == "excess" else np.zeros(len(panel)),
        session=panel.session,
        regime=panel.regime,
    ).part(rows)
    check_minutes(pair, panel.frame.label)
    return pair


def check_minutes(pair: PairMinutes, where: str) -> None:
    """Raises EvidenceError where there is nothing to measure a lead on."""
    both = int(pair.has_both.sum())
    if both < MIN_MINUTES:
        raise EvidenceError(
            f"{where}: both venues traded in {both:,} minutes; a lead needs {MIN_MINUTES}: "
            "import or fetch more days, or ask for more of them"
        )
    for venue, price in (("Binance", pair.lead), ("dYdX", pair.follow)):
        if np.nanmin(price) == np.nanmax(price):
            raise EvidenceError(
                f"{where}: {venue}'s price is the same in all minutes; constant returns have no "
                "lead: check the file that was imported"
            )


def moved(values: Floats, shift: int) -> Floats:
    """``values[t + shift]`` at row t, shape (n,); NaN beyond the ends."""
    n = values.size
    out = np.full(n, np.nan)
    if 0 <= shift < n:
        out[: n - shift] = values[shift:]
    elif -n < shift < 0:
        out[-shift:] = values[:shift]
    return out


def _traded(panel: Panel, venue: str) -> Bools:
    volume, trades = panel.column(f"{venue}_volume"), panel.column(f"{venue}_trades")
    traded: Bools = np.where(np.isnan(trades), volume > 0, trades > 0)
    return traded & ~np.isnan(panel.column(f"{venue}_close"))
