"""Faults planted into a config that may fly, its store, its settings or the clock: one a line."""

import json
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from research.data.store.store import Store
from research.data.tables.schema import VENUES
from research.data.tables.source import Source
from strategies.bot.config import config_of
from strategies.bot.contract import BotConfig
from sweeps.cli.bot.flight import Flight
from sweeps.export.bot_config import signed
from sweeps.export.force import forced
from tests.samples.bot.flights import Change, Ready, made_ready

Raw = dict[str, Any]


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong, and the beginning of the check that must say so.

    Attributes
    ----------
    edit
        Of the file's values; what comes out is sealed again, unless ``is_sealed`` is off.
    newer
        Of the candles after the evidence.
    older
        Which minutes of the store are thrown away: "tail" or "head".
    """

    name: str
    check: str
    edit: Callable[[Raw], Any] | None = None
    is_sealed: bool = True
    newer: Change | None = None
    older: str = ""
    later_days: float = 0.0
    settings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def _set(*path: Any, to: Any) -> Callable[[Raw], None]:
    def edit(raw: Raw) -> None:
        place: Any = raw
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = to(place[path[-1]]) if callable(to) else to

    return edit


def _first_enabled(*path: Any, to: Any) -> Callable[[Raw], None]:
    def edit(raw: Raw) -> None:
        number = next(i for i, each in enumerate(raw["sets"]) if each["enabled"])
        _set("sets", number, *path, to=to)(raw)

    return edit


def _all(*edits: Callable[[Raw], None]) -> Callable[[Raw], None]:
    def edit(raw: Raw) -> None:
        for each in edits:
            each(raw)

    return edit


def _none_enabled(raw: Raw) -> None:
    for each in raw["sets"]:
        each["enabled"] = False


def _schema_1(raw: Raw) -> None:
    raw["schema_version"] = 1
    for name in (
        *("lookbacks", "silence", "validity", "guards", "holdout", "conflicts", "evidence_sha256"),
    ):
        del raw[name]
    del raw["market"]["price_scale"]
    for each in raw["sets"]:
        for name in ("forced", "failed", "holdout", "verdict"):
            del each[name]
        del each["execution"]["trusts_prints"]
        for part in ("in_sample", "out_of_sample"):
            del each[part]["trades_sha256"]


_PRICES = ("open", "high", "low", "close")
_MIDS = (*_PRICES, "mid_open", "mid_close")


def _quiet(binance: pd.DataFrame, dydx: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """dYdX trades in every third minute only."""
    silent = np.arange(len(dydx)) % 3 != 0
    dydx.loc[silent, ["volume", "trades"]] = 0.0
    return binance, dydx


def _wild(binance: pd.DataFrame, dydx: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Both venues' moves, thirty times as large around their mean."""
    for table in (binance, dydx):
        middle = float(binance["close"].mean())
        prices = [name for name in _MIDS if name in table]
        table[prices] = middle * np.exp(30 * np.log(table[prices] / middle))
        table["high"] = table[["open", "close", "high"]].max(axis=1)
        table["low"] = table[["open", "close", "low"]].min(axis=1)
    return binance, dydx


def _premium(share: Callable[[int], Any]) -> Change:
    def change(binance: pd.DataFrame, dydx: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
        prices = [name for name in _MIDS if name in dydx]
        dydx[prices] = dydx[prices].mul(1 + share(len(dydx)), axis=0)
        return binance, dydx

    return change


def _no_lead(binance: pd.DataFrame, dydx: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """dYdX is where Binance is: nothing ever signals."""
    for name in _PRICES:
        dydx[name] = binance[name]
    return binance, dydx


def _always(n: int) -> Any:
    return np.where(np.arange(n) // 7 % 2, 0.004, -0.004)  # one signal after the other


PLANTED = (
    Fault("a number changed by hand", "file", _first_enabled("parameters", "tp", "value", to=0.3),
          is_sealed=False),
    Fault("no digest", "file", _set("evidence_sha256", to=None), is_sealed=False),
    Fault("a file of schema 1", "file", _schema_1, is_sealed=False),
    Fault("take profit in another unit", "file",
          _first_enabled("parameters", "tp", "value", to=40.0)),
    Fault("a synthetic market", "real market", _set("synthetic", to=True)),
    Fault("nothing enabled", "armed", _none_enabled),
    Fault("a forced set", "verdict", lambda raw: None),  # by --force, see planted
    Fault("a set without a verdict", "verdict", _first_enabled("verdict", to=None)),
    Fault("the holdout opened twice", "holdout", _set("holdout", "opened_by", to=2)),
    Fault("no word about the holdout", "holdout", _set("holdout", to=None)),
    Fault("a month later", "not expired", later_days=30.0),
    Fault("no date", "not expired", _set("validity", to=None)),
    Fault("a loose age gate", "age gate", _set("guards", "max_dydx_age_ms", to=90_000.0)),
    Fault("evidence on prices of any age", "age gate",
          _first_enabled("filters", "max_age_min", to=None)),
    Fault("hundreds of losses in a row", "consecutive losses",
          _set("guards", "max_consecutive_losses", to=500)),
    Fault("no pause after losses", "consecutive losses",
          _set("guards", "loss_cooldown_min", to=0)),
    Fault("volatility never halts", "volatility",
          _set("guards", "volatility", "halt_above", to=50.0)),
    Fault("volatility of another lookback", "volatility",
          _set("guards", "volatility", "lookback_min", to=5)),
    Fault("edges that nobody fitted", "regime edges", _all(
        _set("regime", "low", to=None), _set("regime", "high", to=None),
        _first_enabled("segment", to="wild"), _first_enabled("filters", "regimes", to=["wild"]))),
    Fault("a thin book is enough", "depth", _set("guards", "min_depth_usdt", to=100.0)),
    Fault("a loss of twenty orders a day", "daily loss",
          _set("guards", "max_daily_loss_usdt", to=20_000.0)),
    Fault("no guards", "daily loss", _set("guards", to=None)),
    Fault("fees of a better tier", "fees lead", _first_enabled("costs", "fees_bps", to=5.0)),
    Fault("the venue became dearer", "fees lead", settings={"costs": {"dydx_taker_fee_bps": 7.5}}),
    Fault("no slippage", "slippage lead", _first_enabled("costs", "slippage_bps", to=0.0)),
    Fault("fees of two years ago", "fees known",
          settings={"bot": {"fees_checked": "2023-11-01"}}),
    Fault("minutes fetched anew", "evidence minutes", older="head"),
    Fault("another stop", "parity", _first_enabled("parameters", "sl", "value", to=0.05)),
    Fault("another basis", "parity", _set("basis_min", to=60)),
    Fault("a score that the store lacks", "parity", _all(
        _first_enabled("filters", "score_column", to="model"),
        _first_enabled("filters", "score_min", to=0.5))),
    Fault("a store that stands still", "newest minute", older="tail"),
    Fault("dYdX hardly trades any more", "usable minutes", newer=_quiet),
    Fault("another volatility", "range atr_pct", newer=_wild),
    Fault("another volatility of returns", "range realized_vol_pct", newer=_wild),
    Fault("a premium", "range spread_pct", newer=_premium(lambda n: 0.01)),
    Fault("a spread that swings", "range spread_excess_pct", newer=_premium(_always)),
    Fault("nothing signals any more", "dry run", newer=_no_lead),
)  # fmt: skip


@cache
def ready(change: Change | None = None) -> Ready:
    """A sound config with its store; kept while the process lives."""
    folder = Path(tempfile.mkdtemp(prefix="preflight-"))
    return made_ready(folder, change) if change else made_ready(folder)


def failed(fault: Fault | None) -> list[str]:
    """The checks that a pre-flight of the faulty config does not pass."""
    made = ready(fault.newer if fault else None)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        file = folder / "bot_config.json"
        file.write_text(_text(made.config, fault))
        flight = Flight.of(
            file,
            store=_store(made, folder, fault),
            frame=None,
            settings_file=_settings(folder, fault),
            anyway=True,  # a premium is a red finding: here the check is to say so
            offline=True,
            now=made.now + timedelta(days=fault.later_days if fault else 0.0),
            days=3.0,
        )
        return [line.check for line in flight.lines() if not line.passed]


def _text(config: BotConfig, fault: Fault | None) -> str:
    if fault is None or fault.edit is None:
        return config.to_json()
    if fault.name == "a forced set":
        refused = next(each for each in config.sets if not each.enabled)
        return forced(config, [refused.id]).to_json()
    raw = json.loads(config.to_json())
    fault.edit(raw)
    return signed(config_of(raw, "made")).to_json() if fault.is_sealed else json.dumps(raw)


def _settings(folder: Path, fault: Fault | None) -> Path:
    file = folder / "leadfollow.toml"
    lines = []
    for table, values in (fault.settings if fault else {}).items():
        lines += [f"[{table}]", *(f"{key} = {value}" for key, value in values.items())]
    file.write_text("\n".join(lines))
    return file


def _store(made: Ready, folder: Path, fault: Fault | None) -> Path:
    """The store, or a copy without its first or its last days."""
    if fault is None or not fault.older:
        return made.store
    whole, cut = Store(made.store), Store(folder / "data")
    for venue in VENUES:
        table = whole.candles("BTC", venue)
        kept = table.iloc[1440:] if fault.older == "head" else table.iloc[: -2 * 1440]
        cut.add("BTC", venue, kept, source=Source(name="cut", layout="made", rows=len(kept)))
    cut.add_funding("BTC", whole.funding("BTC"), source=Source(name="f", layout="made", rows=1))
    return cut.root


def run(count: int | None = None) -> dict[str, Any]:
    """Figures: how many of the planted faults the right check names, and whether clean passes."""
    planted = PLANTED[:count] if count else PLANTED
    clean, missed = failed(None), []
    for fault in planted:
        found = failed(fault)
        if not any(check.startswith(fault.check) for check in found):
            missed.append(f"{fault.name}: {found}")
    return {
        "planted": len(planted),
        "caught": len(planted) - len(missed),
        "checks": len({fault.check for fault in planted}),
        "clean_passes": not clean,
        "missed": missed + clean,
    }
