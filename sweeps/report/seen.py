"""What a run leaves for its page: the minutes, and the trades of the sets that its heatmaps show.

A page cannot ask for a backtest, so the trades behind its cells are made here, by the law, for as
many sets as there is room for: the winners first, then what is best on all minutes, then segments.
"""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from research.features.panel import Panel
from research.parquet import write_parquet
from strategies.backtest.backtest import backtest
from sweeps.grid.looks.views import Bests
from sweeps.grid.result import GridResult

__all__ = ["MINUTES", "shown_sets", "trades_file", "write_minutes", "write_trades"]

MINUTES = Path("page") / "minutes.parquet"
_MOST_SETS = 300
_MOST_TRADES = 150_000
_MOST_MINUTES = 60_000


def trades_file(name: str) -> Path:
    """Where the trades of a grid's shown sets stand in the folder of a run."""
    return Path("page") / f"{name}.trades.parquet"


def write_minutes(panel: Panel, folder: Path, about: dict[str, Any]) -> None:
    """Writes prices and spreads, of a long span every so many minutes. Raises StoreError."""
    every = -(-len(panel) // _MOST_MINUTES)
    table = panel.frame.table
    picked = slice(None, None, every)
    columns = {
        "minute": panel.minute[picked],
        "dydx": table["dydx_close"].to_numpy(np.float64)[picked],
        "binance": table["binance_close"].to_numpy(np.float64)[picked],
        "spread_pct": panel.spread_pct[picked],
        "basis_pct": panel.basis_pct[picked],
    }
    told = {"schema": "leadfollow.page-minutes/1", "every_min": every, **about}
    write_parquet(folder / MINUTES, pa.table(columns), told)


def shown_sets(bests: Bests) -> list[int]:
    """The sets of a grid's heatmaps whose trades are worth their room, most wanted first."""
    usual, *others = bests.sets
    wanted = [
        np.array([bests.winner]),
        usual[0].ravel(),
        usual.reshape(len(usual), -1).T.ravel(),
        *(each[0].ravel() for each in others),
    ]
    found = dict.fromkeys(np.concatenate(wanted).tolist())
    return [cell for cell in found if cell >= 0][:_MOST_SETS]


def write_trades(
    panel: Panel,
    result: GridResult,
    after: slice | None,
    sets: Sequence[int],
    folder: Path,
    about: dict[str, Any],
    progress: Callable[[int], Any],
) -> None:
    """Writes the trades of ``sets`` on the minutes of the grid and on those after it.

    Raises
    ------
    StoreError
        The folder cannot be written.
    """
    tables, count = [], 0
    for cell in sets:
        if count > _MOST_TRADES:
            break
        for table in _trades(panel, result, cell, after):
            tables.append(table)
            count += len(table)
        progress(1)
    columns = ["set", "entry", "exit", "net_pct", "gross_pct", "side", "reason", "session"]
    columns += ["regime", "is_after"]
    whole = pd.concat(tables) if tables else pd.DataFrame(columns=columns)
    told = {"schema": "leadfollow.page-trades/1", "sets": list(sets), **about}
    table = pa.Table.from_pandas(whole[columns], preserve_index=False)
    write_parquet(folder / trades_file(result.name), table, told)


def _trades(
    panel: Panel, result: GridResult, cell: int, after: slice | None
) -> Iterator[pd.DataFrame]:
    params = result.spec.params_at(cell)
    for rows in (result.rows, after):
        if rows is None:
            continue
        made = backtest(
            panel, params, execution=result.execution, costs=result.costs, rows=rows
        ).positions
        entry = made["entry"]
        yield pd.DataFrame(
            {
                "set": np.full(len(made), cell, dtype=np.int32),
                "entry": panel.minute[entry].astype(np.int32),
                "exit": panel.minute[made["exit"]].astype(np.int32),
                "net_pct": made["net_pct"].astype(np.float32),
                "gross_pct": made["gross_pct"].astype(np.float32),
                "side": made["side"].astype(np.int8),
                "reason": made["reason"].astype(np.int8),
                "session": panel.session[entry].astype(np.int8),
                "regime": panel.regime[entry].astype(np.int8),
                "is_after": np.full(len(made), rows is after, dtype=np.bool_),
            }
        )
