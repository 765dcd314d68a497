"""Readers of a report see whose funding was charged, and whose was not there."""

from dataclasses import replace
from typing import Any

import numpy as np

from research.features.panel import Panel, features
from strategies.backtest.model import executable_model, plain_model
from strategies.reversion import ReversionParams
from sweeps.report.summary import RunFindings, summary
from sweeps.report.week import analyse, week_json
from sweeps.settings import Settings
from tests.samples.markets import small_frame, small_panel


def with_binance() -> Panel:
    frame = small_frame()
    paid = np.where(frame.minute % 480 == 0, 0.0001, 0.0)
    table = frame.table.assign(binance_funding_rate=paid)
    return features(replace(frame, table=table), edges=small_panel().edges)


def described(panel: Panel) -> dict[str, Any]:
    models, rows = (plain_model(8.0), executable_model(Settings())), slice(0, len(panel))
    found = analyse(panel, ReversionParams(), models, rows)
    parameters: dict[str, Any] = week_json(panel, rows, [found], ["leadfollow"])["provenance"]
    return {name.split("/")[1]: told for name, told in parameters["parameters"].items()}


def test_the_week_names_the_venues_whose_funding_was_charged() -> None:
    for panel, venues in ((small_panel(), ["dydx"]), (with_binance(), ["dydx", "binance"])):
        told = described(panel)
        assert (told["plain"]["funding"], told["plain"]["funding_venues"]) == (False, [])
        assert (told["executable"]["funding"], told["executable"]["funding_venues"]) == (
            True,
            venues,
        )


def test_the_summary_says_where_a_venues_funding_is_missing() -> None:
    missing = "Binance not in the data: left out of costs"
    for panel, word in (
        (small_panel(), missing),
        (with_binance(), "Binance known, reversion is charged it too"),
    ):
        found = RunFindings(panel=panel, models=(), train_rows=slice(0, 4000))
        assert f"- funding: dYdX known; {word}" in summary(found)
