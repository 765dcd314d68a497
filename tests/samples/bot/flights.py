"""A config that may fly: exported from a store whose minutes pass for recorded ones."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd

from research.data.store.store import Store
from research.data.synthetic.market import SyntheticSpec, synthesize
from research.data.tables.schema import VENUES
from research.data.tables.source import Source
from research.features.panel import features
from research.frame.load import load_frame
from strategies.backtest.model import executable_model
from strategies.bot.contract import BotConfig
from sweeps.export.bot_config import bot_config, write_bot_config
from sweeps.settings import Settings
from sweeps.verdict.choice import grid_search
from sweeps.verdict.verdict import reach_verdict
from tests.samples.verdicts import SMALL

__all__ = ["Change", "Ready", "made_ready"]

DAYS, NEWER = 14.0, 3.0
Change = Callable[[pd.DataFrame, pd.DataFrame], tuple[pd.DataFrame, pd.DataFrame]]


class _Quiet:
    def __init__(self, title: str, total: int) -> None:
        del title, total

    def __enter__(self) -> object:
        return lambda steps=1: None

    def __exit__(self, *_: object) -> None:
        return


@dataclass(frozen=True)
class Ready:
    """A store, the config made of it, and the moment at which it is fresh."""

    store: Path
    file: Path
    config: BotConfig
    now: datetime

    @property
    def as_of(self) -> str:
        return f"{self.now:%Y-%m-%dT%H:%MZ}"


def made_ready(folder: Path, change: Change = lambda binance, dydx: (binance, dydx)) -> Ready:
    """A second: a small market in a store, the verdict on its first fourteen days, the export.

    Parameters
    ----------
    change
        Of the candles of both venues on the three days after the evidence.
    """
    pair = synthesize(SyntheticSpec(days=DAYS + NEWER, seed=7, edge=3.0))
    cut = pair.binance.index[round(DAYS * 1440)]
    store, source = Store(folder / "data"), Source(name="as recorded", layout="made", rows=1)
    newer = change(*(each[each.index >= cut].copy() for each in (pair.binance, pair.dydx)))
    for venue, candles, after in zip(VENUES, (pair.binance, pair.dydx), newer, strict=True):
        store.add("BTC", venue, candles[candles.index < cut], source=source)
        store.add("BTC", venue, after, source=source)
    store.add_funding("BTC", pair.funding, source=source)
    settings = Settings.model_validate(SMALL)
    frame = load_frame("BTC", store=store.root, span=(pair.binance.index[0], cut))
    panel = features(frame, settings.panel, train_rows=settings.study.train_rows(len(frame)))
    model = executable_model(settings)
    now = pair.binance.index[-1].to_pydatetime().astimezone(UTC) + timedelta(hours=1)
    found = reach_verdict(
        panel,
        grid_search(settings, model, threads=1),
        settings.verdict,
        seed=7,
        stage=_Quiet,
        now=now,
    )
    config = bot_config(
        found.walk.last.panel, settings, found.judged, command=["leadfollow"], verdict=found
    )
    write_bot_config(config, folder / "bot_config.json")
    return Ready(store.root, folder / "bot_config.json", config, now)
