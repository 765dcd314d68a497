"""The running sum of net pnl over time, one curve a model, with its drawdown underneath."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter, date2num
from matplotlib.figure import Figure

from research.arrays import Floats
from research.plots.figure import (
    COLORS,
    FAINT,
    INK,
    LINE_HEIGHT,
    new_figure,
    quiet,
    wrapped,
    write_head,
    write_notes,
)

__all__ = ["EquityCurve", "EquityInfo", "draw_equity", "equity_info"]

Times = npt.NDArray[np.datetime64]
_WIDTH, _HEAD, _TALL, _SHORT, _GAP = 10.0, 0.75, 3.2, 1.1, 0.15  # inches


@dataclass(frozen=True, slots=True, eq=False)
class EquityCurve:
    """Trades of one model in the order of their entries; arrays of shape (trades,)."""

    name: str
    time: Times  # entry minute, UTC
    equity: Floats  # sum of net pnl up to and with each trade, percent
    drawdown: Floats  # how far below its highest point so far, percent, >= 0
    train_total: float  # sum over the trades before the split; all where there is none
    test_total: float  # sum from the split on; NaN where there is none

    @property
    def total(self) -> float:
        """Sum of net pnl, percent."""
        return float(self.equity[-1]) if self.equity.size else 0.0

    @property
    def max_drawdown(self) -> float:
        """The deepest drawdown, percent: the report column of the same name."""
        return float(self.drawdown.max(initial=0.0))


@dataclass(frozen=True, slots=True, eq=False)
class EquityInfo:
    """Everything that :func:`draw_equity` draws."""

    title: str
    subtitle: str
    start: np.datetime64
    end: np.datetime64
    split: np.datetime64 | None  # the first minute of the test part
    curves: tuple[EquityCurve, ...]
    notes: tuple[str, ...]


def equity_info(
    trades: Mapping[str, pd.DataFrame],
    *,
    title: str,
    label: str,
    span: tuple[pd.Timestamp, pd.Timestamp],
    split: pd.Timestamp | None = None,
    notes: Sequence[str] = (),
) -> EquityInfo:
    """Equity curves of one parameter set.

    Each trade counts at its ENTRY, as in the reports: the order in which drawdowns are measured
    and in which minutes are train or test.

    Parameters
    ----------
    trades
        By name of the model; columns ``entry_time`` (UTC) and ``net_pct``.
    label
        Market and span of the data; says so where it is synthetic.
    span
        First and last minute of the picture.
    split
        The first minute of the test part.
    """
    parting = None if split is None else _utc(split)
    return EquityInfo(
        title=title,
        subtitle=label,
        start=_utc(span[0]),
        end=_utc(span[1]),
        split=parting,
        curves=tuple(_curve(name, table, parting) for name, table in trades.items()),
        notes=tuple(notes),
    )


def draw_equity(info: EquityInfo) -> Figure:
    """The picture: equity above, drawdown below, a line where the test part begins."""
    notes = wrapped((*info.notes, "net pnl is summed, not compounded, at each entry"), _WIDTH)
    foot = 0.45 + LINE_HEIGHT * len(notes)
    height = _HEAD + _TALL + _GAP + _SHORT + foot
    figure = new_figure(_WIDTH, height)
    write_head(figure, info.title, info.subtitle)
    write_notes(figure, notes)
    left, wide = 0.75 / _WIDTH, (_WIDTH - 1.0) / _WIDTH
    below = figure.add_axes((left, foot / height, wide, _SHORT / height))
    bottom = (foot + _SHORT + _GAP) / height
    above = figure.add_axes((left, bottom, wide, _TALL / height), sharex=below)
    for curve, color in zip(info.curves, COLORS, strict=False):
        time = _days(np.concatenate(([info.start], curve.time, [info.end])))
        above.plot(
            time,
            np.concatenate(([0.0], curve.equity, [curve.total])),
            drawstyle="steps-post",
            color=color,
            lw=1.4,
            label=_describe(curve, info.split is not None),
        )
        depth = np.concatenate(([0.0], -curve.drawdown, -curve.drawdown[-1:]))
        below.plot(time[: len(depth)], depth, drawstyle="steps-post", color=color, lw=1.0)
    _finish(above, below, info)
    return figure


def _curve(name: str, table: pd.DataFrame, split: np.datetime64 | None) -> EquityCurve:
    ordered = table.sort_values("entry_time", kind="stable")
    times = pd.DatetimeIndex(ordered["entry_time"])
    time: Times = (times.tz_convert("UTC").tz_localize(None) if times.tz else times).to_numpy()
    net = ordered["net_pct"].to_numpy(np.float64)
    equity = np.cumsum(net)
    peak = np.maximum.accumulate(np.concatenate(([0.0], equity)))[1:]
    is_train = np.ones(net.size, dtype=np.bool_) if split is None else time < split
    return EquityCurve(
        name=name,
        time=_read_only(time.astype("datetime64[ms]")),
        equity=_read_only(equity),
        drawdown=_read_only(peak - equity),
        train_total=float(net[is_train].sum()),
        test_total=float(net[~is_train].sum()) if split is not None else float("nan"),
    )


def _describe(curve: EquityCurve, has_split: bool) -> str:
    if curve.equity.size == 0:
        return f"{curve.name}: no trades"
    parts = f" (train {curve.train_total:+.2f}, test {curve.test_total:+.2f})" if has_split else ""
    return (
        f"{curve.name}: {curve.equity.size:,} trades, {curve.total:+.2f} %{parts}, "
        f"max drawdown {curve.max_drawdown:.2f} %"
    )


def _finish(above: Axes, below: Axes, info: EquityInfo) -> None:
    split = None if info.split is None else float(_days(info.split))
    for axes, name in ((above, "sum of net pnl [%]"), (below, "drawdown [%]")):
        quiet(axes)
        axes.axhline(0, color=FAINT, lw=0.6, zorder=0)
        axes.set_ylabel(name, size=8, color=INK)
        if split is not None:
            axes.axvline(split, color=INK, lw=0.8, ls="--")
    if split is not None:
        place: Any = above.get_xaxis_transform()
        for text, align in (("train ", "right"), (" test", "left")):
            above.text(split, 0.02, text, size=8, color=INK, ha=align, transform=place)
    above.tick_params(labelbottom=False)
    above.legend(loc="best", fontsize=8, frameon=False)
    locator: Any = AutoDateLocator()  # type: ignore[no-untyped-call]  # matplotlib's own gap
    below.xaxis.set_major_locator(locator)
    below.xaxis.set_major_formatter(ConciseDateFormatter(locator))  # type: ignore[no-untyped-call]
    below.xaxis.get_offset_text().set_fontsize(8)
    below.set_xlim(_days(info.start), _days(info.end))


def _days(time: Any) -> Any:
    return date2num(time)  # type: ignore[no-untyped-call]  # matplotlib's own gap


def _utc(time: pd.Timestamp) -> np.datetime64:
    plain = time.tz_convert("UTC").tz_localize(None) if time.tzinfo else time
    return np.datetime64(plain.isoformat(), "ms")


def _read_only(array: Any) -> Any:
    array.setflags(write=False)
    return array
