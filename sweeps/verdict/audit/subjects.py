"""What is judged: every array that a decision may look at, and when each number becomes known.

A number of row t is known at the end of minute ``t + lag``. A feature has lag 0: it may look at its
own minute. The basis has lag -1, as it is made of the minutes before. An outcome may look ahead as
far as its horizon, and must not change once that is over. A fitted edge is known when the last
training row is over, and stays.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from research.arrays import Ints
from research.features.labels import REGIMES, SESSIONS
from research.features.panel import FEATURES, Panel
from research.frame.frame import CANDLE_COLUMNS
from research.leadlag.event_paths import Sample, event_sample
from research.leadlag.minutes import PairMinutes
from strategies.law.filters import EntryFilters, is_allowed, is_comparable, last_funding_rate
from strategies.law.funding import leg_rates

__all__ = ["Kind", "Subject", "subjects_of", "train_spans"]

Kind = Literal[
    "frame", "feature", "label", "outcome", "filter", "edge", "signal", "decision", "choice"
]
Read = Callable[[Panel], npt.NDArray[Any]]

_LEAD_WINDOWS = (3, 5, 10)
_AFTER = 15  # minutes that outcomes look ahead
_SIDES = {"long": 1, "short": -1}


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """One array by minute.

    Attributes
    ----------
    read
        From a panel to numbers of shape (n,) or (n, columns); with ``since``, of any shape.
    lag
        Minutes after its own at which a number is known: one, or one for each column.
    since
        The row that everything is known at, for what is no array by minute: a fitted edge. For
        one that is read with such an edge, the first row from which it may be judged.
    is_by_minute
        Whether there is a row for every minute.
    """

    name: str
    kind: Kind
    read: Read
    lag: int | Ints = 0
    since: int = 0
    is_by_minute: bool = True


def train_spans(rows: int) -> tuple[slice, slice, slice]:
    """Training rows as searches choose them: the first quarter, half of all, and a rolling span."""
    return slice(0, rows // 4), slice(0, rows // 2), slice(rows // 4, rows // 2)


def subjects_of(panel: Panel, *, judges_frame: bool, train_rows: int) -> tuple[Subject, ...]:
    """All that is read of panels like ``panel``, whose edges are of its first ``train_rows``."""
    frame = _frame_columns(panel) if judges_frame else []
    since = train_rows - 1
    return (
        *frame,
        *_features(panel),
        *_labels(since),
        *_outcomes(),
        *_filters(panel, since),
        *_edges(len(panel), since),
    )


def _frame_columns(panel: Panel) -> list[Subject]:
    ages = ("binance_age_min", "dydx_age_min")
    return [Subject(name=n, kind="frame", read=_column(n)) for n in (*CANDLE_COLUMNS, *ages)]


def _column(name: str) -> Read:
    # as the frame has it, flat candles and all: panels hide prices of silent minutes
    return lambda panel: panel.frame.column(name)


def _features(panel: Panel) -> list[Subject]:
    def feature(name: str, read: Read, lag: int = 0) -> Subject:
        return Subject(name=name, kind="feature", read=read, lag=lag)

    def named(name: str) -> Read:
        return lambda panel: panel.column(name)

    def lead(window: int) -> Read:
        return lambda panel: panel.lead_return_pct(window)

    before = {"basis_pct": -1}  # of the minutes before
    names = (*FEATURES, *(f"rsi_{timeframe}" for timeframe in panel.rsi))
    return [
        *(feature(name, named(name), before.get(name, 0)) for name in names),
        *(feature(f"binance_ret_{w}_pct", lead(w)) for w in _LEAD_WINDOWS),
        # not known is not charged: laws read it so, and when a rate was due is told by later ones
        feature("dydx funding", lambda panel: leg_rates(panel, 1)),
        feature("funding of both", lambda panel: leg_rates(panel, 2)),
        feature("last_funding_rate", last_funding_rate),
    ]


def _labels(since: int) -> list[Subject]:
    return [
        # the clock alone: known before its minute begins
        Subject(name="session", kind="label", read=lambda panel: panel.session, lag=-1),
        Subject(name="regime", kind="label", read=lambda panel: panel.regime, since=since),
    ]


def _outcomes() -> list[Subject]:
    offset = np.arange(_AFTER + 1, dtype=np.int64)

    def path(name: str) -> Read:
        return lambda panel: getattr(_sample(panel), name)

    paths = {"gap": "gap", "binance": "lead", "dydx": "follow"}
    return [
        *(
            Subject(name=f"{venue} after 0..{_AFTER} min", kind="outcome", read=path(n), lag=offset)
            for venue, n in paths.items()
        ),
        Subject(name="move to the fill", kind="outcome", read=path("to_fill"), lag=1),
        Subject(name=f"spread_compress({_AFTER})", kind="outcome", read=_compress, lag=_AFTER),
    ]


@lru_cache(maxsize=1)
def _sample(panel: Panel) -> Sample:
    close = {venue: np.log(panel.column(f"{venue}_close")) for venue in ("binance", "dydx")}
    pair = PairMinutes(
        minute=panel.minute,
        lead=close["binance"],
        follow=close["dydx"],
        follow_open=np.log(panel.column("dydx_open")),
        gap_pct=panel.spread_excess_pct,
        basis_pct=panel.basis_pct,
        session=panel.session,
        regime=panel.regime,
    )
    rows = np.arange(len(panel))
    side = np.ones(len(panel), np.int64)
    return event_sample(pair, rows, side, np.ones(len(panel)), before=0, after=_AFTER)


def _compress(panel: Panel) -> npt.NDArray[np.float64]:
    """``1 - |spread[t + k]| / |spread[t]|`` of the semantics page; NaN where either is."""
    spread = np.abs(panel.spread_pct)
    later = np.full(spread.size, np.nan)
    later[:-_AFTER] = spread[_AFTER:]
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(1 - later / spread)


def _filters(panel: Panel, since: int) -> list[Subject]:
    def allowed(filters: EntryFilters, side: int) -> Read:
        return lambda panel: is_allowed(panel, filters, side)

    def fresh(max_age_min: float) -> Read:
        return lambda panel: is_comparable(panel, max_age_min)

    found = [
        Subject(name=f"filter dYdX age <= {age:g}m", kind="filter", read=fresh(age))
        for age in (0.0, 5.0)
    ]
    for name, filters in _examples(panel).items():
        asks_side = filters.needs_alignment or filters.asks_funding
        start = since if name == "regimes" else 0
        for word, side in _SIDES.items() if asks_side else (("", 1),):
            title = f"filter {name} {word}".strip()
            read = allowed(filters, side)
            found.append(Subject(name=title, kind="filter", read=read, since=start))
    return found


def _examples(panel: Panel) -> dict[str, EntryFilters]:
    """Every filter by itself, with bounds that part minutes of ``panel``."""
    rate = last_funding_rate(panel)
    known = rate[~np.isnan(rate)]
    usual = float(np.median(known)) * 100 if known.size else 0.0
    return {
        "sessions": EntryFilters(sessions=SESSIONS[1:]),
        "regimes": EntryFilters(regimes=REGIMES[1:]),
        "alignment": EntryFilters(needs_alignment=True),
        **{
            f"rsi_{timeframe}": EntryFilters(
                rsi_timeframe=timeframe,  # type: ignore[arg-type]  # the keys are the timeframes
                rsi_min=40.0,
                rsi_max=60.0,
            )
            for timeframe in panel.rsi
        },
        "funding": EntryFilters(max_funding_pct=float(np.clip(usual, -100.0, 100.0))),
    }


def _edges(rows: int, since: int) -> list[Subject]:
    def fitted(span: slice) -> Read:
        return lambda panel: _pair(panel.with_edges_of(span))

    found = [
        Subject(
            name=f"edges of rows 0..{since:,}", kind="edge", read=_pair, since=since,
            is_by_minute=False,
        )
    ]  # fmt: skip
    for span in train_spans(rows)[1:]:
        name = f"edges of rows {span.start:,}..{span.stop - 1:,}"
        found.append(
            Subject(
                name=name, kind="edge", read=fitted(span), since=span.stop - 1, is_by_minute=False
            )
        )
    return found


def _pair(panel: Panel) -> npt.NDArray[np.float64]:
    return np.array([panel.edges.low, panel.edges.high])
