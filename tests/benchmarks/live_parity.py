"""Streams against backtests, bit for bit: random frames of all shapes, and the recorded week."""

import os
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from research.features.panel import FEATURES, Panel, features
from research.frame.frame import Frame, age_minutes, remade_frame
from research.settings.features import FeatureSettings, PanelSettings
from strategies.live.stream import Closed, minutes_of_frame, restore_stream, write_snapshot
from tests.samples.markets import small_frame, week_panel
from tests.samples.streams import differences, random_sets, stream_over

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "data"
SETS = 8
SNAPSHOT_EVERY = 10  # frames: in between a stream is put away and taken up again


def random_frame(seed: int) -> Frame:
    """Two venues on a tick grid, with holes, silences, flat candles, doubted prints and rates."""
    rng = np.random.default_rng(seed)
    rows = int(rng.integers(2, 400))
    first = pd.Timestamp("2026-01-01", tz="UTC") + pd.Timedelta(minutes=int(rng.integers(0, 2880)))
    index = pd.date_range(first, periods=rows, freq="min", unit="ms", name="minute")
    tick = float(rng.choice([0.01, 0.5]))
    binance = 1000 + np.cumsum(rng.normal(0, 1, rows)) * rng.choice([0.2, 1.0])
    dydx = binance * (1 + rng.normal(0, 4e-4, rows) + rng.normal(0, 2e-4))
    columns: dict[str, Any] = {}
    for venue, close, hole in (("binance", binance, 0.01), ("dydx", dydx, rng.random() * 0.3)):
        close = (close / tick).round() * tick
        opened = np.concatenate((close[:1], close[:-1]))
        wick = rng.integers(0, 3, (2, rows)) * tick
        trades = rng.poisson(3.0, rows).astype(float)
        columns |= {
            f"{venue}_open": opened,
            f"{venue}_high": np.maximum(opened, close) + wick[0],
            f"{venue}_low": np.minimum(opened, close) - wick[1],
            f"{venue}_close": close,
            f"{venue}_volume": trades * 0.1,
            f"{venue}_trades": trades if rng.random() < 0.7 else np.full(rows, np.nan),
        }
        gone = rng.random(rows) < hole
        for name in ("open", "high", "low", "close", "volume", "trades"):
            columns[f"{venue}_{name}"][gone] = np.nan
        traded = ~gone & np.where(
            np.isnan(columns[f"{venue}_trades"]), columns[f"{venue}_volume"] != 0, trades > 0
        )
        columns[f"{venue}_age_min"] = age_minutes(traded)
    hour = index.minute.to_numpy() == 0
    rates = np.where(hour, rng.normal(1e-5, 1e-5, rows), 0.0)
    columns["funding_rate"] = np.where(hour & (rng.random(rows) < 0.2), np.nan, rates)
    if rng.random() < 0.5:
        columns["dydx_bad_print"] = (rng.random(rows) < 0.05).astype(float)
    if rng.random() < 0.5:
        columns["binance_funding_rate"] = np.where(hour, 2e-5, 0.0)
    table = pd.DataFrame(columns, index=index, dtype=np.float64)
    return remade_frame(small_frame(), table, market="RANDOM", source=f"seed {seed}")


def random_panel(seed: int) -> Panel:
    """With lookbacks short enough to know something in a frame that short."""
    rng = np.random.default_rng(seed + 1_000_000)
    look = FeatureSettings(
        basis_min=int(rng.integers(1, 120)),
        atr_min=int(rng.integers(2, 40)),
        realized_vol_min=int(rng.integers(2, 40)),
        rsi_bars=int(rng.integers(2, 15)),
    )
    return features(random_frame(seed), PanelSettings(features=look))


def disagreements(panel: Panel, seed: int, *, is_put_away: bool) -> tuple[int, int]:
    """Values and trades in which a stream differs from the batch, and trades compared."""
    sets = random_sets(SETS, seed)
    stream, found = stream_over(panel, sets), 0
    cut = int(np.random.default_rng(seed).integers(0, len(panel))) if is_put_away else -1
    closed: list[Closed] = []
    rows = np.empty((len(panel), len(_names(panel))))
    for t, minute in enumerate(minutes_of_frame(panel.frame)):
        stream.push(minute)
        latest = stream.latest
        rows[t] = [getattr(latest, name) for name in _names(panel)]
        if t == cut:
            closed += stream.closed_trades
            with tempfile.TemporaryDirectory() as folder:
                write_snapshot(stream, Path(folder) / "stream.json")
                stream = stream_over(panel, sets)
                restore_stream(stream, Path(folder) / "stream.json")
    stream.finish()
    closed += stream.closed_trades
    for place, name in enumerate(_names(panel)):
        want = panel.regime if name == "regime" else panel.session if name == "session" else None
        batch = panel.column(name) if want is None else want.astype(float)
        found += int(
            np.sum((rows[:, place] != batch) & ~(np.isnan(rows[:, place]) & np.isnan(batch)))
        )
    return found + differences(panel, sets, closed), len(closed)


def _names(panel: Panel) -> Sequence[str]:
    return (*FEATURES, *(f"rsi_{each}" for each in panel.rsi), "session", "regime", "dydx_age_min")


def _share(seeds: range) -> tuple[int, int, int]:
    found = trades = minutes = 0
    for seed in seeds:
        panel = random_panel(seed)
        more, compared = disagreements(panel, seed, is_put_away=seed % SNAPSHOT_EVERY == 0)
        found, trades, minutes = found + more, trades + compared, minutes + len(panel)
    return found, trades, minutes


def parity(count: int) -> dict[str, Any]:
    """``differences`` over all frames; the week is skipped where it is not there."""
    began = time.perf_counter()
    _share(range(1))  # compiles once, not in every process
    parts = [range(k, min(k + 100, count)) for k in range(0, count, 100)]
    with ProcessPoolExecutor(max_workers=os.cpu_count()) as pool:
        shares = list(pool.map(_share, parts))
    found, trades, minutes = (sum(each) for each in zip(*shares, strict=True))
    told: dict[str, Any] = {"frames": count, "minutes": minutes, "trades": trades}
    if (SHARED / "btc_week").is_dir():
        panel = week_panel(SHARED)
        more, compared = disagreements(panel, 7, is_put_away=True)
        told |= {"week_trades": compared, "week_differences": more}
        found += more
    else:
        told["week"] = "not there"
    return {"differences": found} | told | {"seconds": round(time.perf_counter() - began, 1)}
