"""Everything a journal says over time, as columns: the ground that HALTs are explained on."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from research.arrays import Bools, Floats, Ints
from research.halts.history import PointHistory

__all__ = ["NO_TIME", "Timeline", "is_side", "timelines"]

NO_TIME: Final = np.iinfo(np.int64).min
_HALT: Final = "halt"


@dataclass(frozen=True, slots=True, eq=False)
class Timeline:
    """Records of one market in the order of time; n rows.

    Floats are NaN and moments :data:`NO_TIME` where unknown. ``side`` is +1 for an intended buy,
    -1 for a sell, 0 where unknown.
    """

    market: str | None
    ts: Ints
    binance_ts: Ints
    dydx_ts: Ints
    binance_mid: Floats
    dydx_mid: Floats
    expected_fill_buy: Floats
    expected_fill_sell: Floats
    diff_buy: Floats  # fraction
    diff_sell: Floats
    binance_age_ms: Floats
    dydx_age_ms: Floats
    side: Ints
    is_halt: Bools
    was_halt: Ints  # by previous_state: 1, 0, -1 where unknown
    place: Ints  # row among the HALT rows that were kept whole, -1 for other records

    def __len__(self) -> int:
        return len(self.ts)

    @property
    def worst_diff(self) -> Floats:
        """The larger of both sides' absolute diffs, NaN where neither is known."""
        return np.fmax(np.abs(self.diff_buy), np.abs(self.diff_sell))

    def binance_history(self) -> PointHistory:
        """Binance mids at their own timestamps, as the journal saw them."""
        known = self.binance_ts != NO_TIME
        return PointHistory.of(self.binance_ts[known], self.binance_mid[known], "journal")

    def halt_starts(self) -> Ints:
        """Rows at which a HALT begins: in HALT now, and not before.

        What was before is ``previous_state``, or the record before where that is unknown.
        """
        before = np.concatenate(([False], self.is_halt[:-1]))
        was = np.where(self.was_halt >= 0, self.was_halt == 1, before)
        return np.flatnonzero(self.is_halt & ~was)


def timelines(
    batches: Iterable[pa.RecordBatch], *, halt_state: str = _HALT
) -> tuple[list[Timeline], pa.Table | None]:
    """One timeline per market, and the whole rows of all HALT records.

    Keeps about 120 bytes per record. ``halt_state`` is the name of the state, in any case.
    """
    parts: list[dict[str, Any]] = []
    halts: list[pa.RecordBatch] = []
    kept = 0
    for batch in batches:
        columns = _columns(batch, halt_state.lower())
        is_halt = columns["is_halt"]
        columns["place"] = np.where(is_halt, kept + np.cumsum(is_halt) - 1, -1)
        kept += int(is_halt.sum())
        halts.append(batch.filter(pa.array(is_halt)))
        parts.append(columns)
    table = pa.Table.from_batches(halts) if halts else None
    return _by_market(parts), table


def is_side(batch: pa.RecordBatch) -> Ints:
    """+1 where the order intent buys, -1 where it sells, 0 where that is unknown."""
    sides = batch["order_intent.side"]
    buys, sells = (np.asarray(pc.fill_null(pc.equal(sides, name), False)) for name in _SIDES)
    return buys.astype(np.int64) - sells.astype(np.int64)


_SIDES: Final = ("buy", "sell")


def _columns(batch: pa.RecordBatch, halt_state: str) -> dict[str, Any]:
    ts = _moments(batch["ts"])
    mid = _prices(batch["binance_mid"])
    fills = {side: _prices(batch[f"expected_fill_{side}"]) for side in _SIDES}
    ages = {name: _floats(batch[name]) for name in ("binance_age_ms", "dydx_age_ms")}
    made = {
        "market": batch["market"].to_pylist(),
        "ts": ts,
        "binance_ts": _quoted(batch["binance_ts"], ts, ages["binance_age_ms"]),
        "dydx_ts": _quoted(batch["dydx_ts"], ts, ages["dydx_age_ms"]),
        "binance_mid": mid,
        "dydx_mid": _prices(batch["dydx_mid"]),
        "side": is_side(batch),
        "is_halt": np.asarray(_is_state(batch["risk_state"], halt_state)),
        "was_halt": _was_halt(batch["previous_state"], halt_state),
    }
    for side in _SIDES:
        recorded = _floats(batch[f"effective_diff_signed_{side}"])
        exact = (fills[side] - mid) / mid
        made[f"expected_fill_{side}"] = fills[side]
        made[f"diff_{side}"] = np.where(np.isnan(exact), recorded, exact)
    return made | ages


def _by_market(parts: list[dict[str, Any]]) -> list[Timeline]:
    names = [market for part in parts for market in part["market"]]
    markets = sorted(set(names), key=str)
    codes = {market: code for code, market in enumerate(markets)}
    coded = np.array([codes[market] for market in names], dtype=np.int64)
    whole = {
        item.name: np.concatenate([part[item.name] for part in parts])
        for item in fields(Timeline)
        if item.name != "market" and parts
    }
    made = []
    for market, code in codes.items():
        rows = np.flatnonzero(coded == code)
        rows = rows[np.argsort(whole["ts"][rows], kind="stable")]
        made.append(Timeline(market, **{name: column[rows] for name, column in whole.items()}))
    return made


def _floats(column: pa.Array) -> Floats:
    return np.asarray(column.to_numpy(zero_copy_only=False), dtype=np.float64)


def _prices(column: pa.Array) -> Floats:
    values = _floats(column)
    return np.where(values > 0, values, np.nan)


def _moments(column: pa.Array) -> Ints:
    return np.asarray(pc.fill_null(column.cast(pa.int64()), NO_TIME))


def _quoted(column: pa.Array, ts: Ints, age_ms: Floats) -> Ints:
    moments = _moments(column)
    by_age = np.where(np.isnan(age_ms), 0, np.nan_to_num(age_ms)).round().astype(np.int64)
    derived = np.where(np.isnan(age_ms), NO_TIME, ts - by_age)
    return np.where(moments == NO_TIME, derived, moments)


def _is_state(column: pa.Array, state: str) -> pa.Array:
    return pc.fill_null(pc.equal(pc.utf8_lower(column), state), False)


def _was_halt(column: pa.Array, state: str) -> Ints:
    return np.where(
        np.asarray(column.is_valid()), np.asarray(_is_state(column, state)).astype(np.int64), -1
    )
