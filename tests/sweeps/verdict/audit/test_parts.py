"""What is known when, where history is cut, and what a search or a warm-up may not do."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from research.arrays import Floats
from research.errors import EvidenceError
from research.features import panel as panels
from research.features.panel import Panel
from sweeps.verdict.audit.choices import judged_choices
from sweeps.verdict.audit.compare import first_difference
from sweeps.verdict.audit.cuts import choose_cuts
from sweeps.verdict.audit.futures import opened, poisoned
from sweeps.verdict.audit.warmup import warmups_of
from sweeps.verdict.choice import GridSearch
from tests.samples.audits import SETTINGS
from tests.samples.histories import BINANCE_HALT, HALT, broken_history, quiet_history
from tests.samples.leaks import of_result
from tests.samples.verdicts import small_search

NAN = float("nan")


def panel_of(days: float = 2.0) -> Panel:
    return panels.features(quiet_history(days).whole, SETTINGS.panel)


def test_nan_equals_nan_and_nothing_else() -> None:
    whole = np.array([1.0, NAN, 3.0, 4.0])
    assert first_difference(whole, np.array([1.0, NAN, 3.0]), 2) is None
    assert first_difference(whole, np.array([1.0, 2.0, 3.0]), 2) == 1
    assert first_difference(whole, np.array([1.0, NAN, NAN]), 2) == 2
    assert first_difference(whole, np.array([1.0, NAN, 3.0 + 5e-16]), 2) == 2


def test_an_outcome_may_change_until_its_horizon_is_over() -> None:
    whole, seen = np.arange(10.0), np.arange(10.0)
    seen[6] = -1.0
    assert first_difference(whole, seen, 8, lag=3) is None
    assert first_difference(whole, seen, 9, lag=3) == 6
    assert first_difference(whole, seen, 5, lag=-1) == 6


def test_each_column_is_known_at_its_own_time() -> None:
    whole, seen = np.zeros((5, 2)), np.zeros((5, 2))
    seen[3] = 1.0
    assert first_difference(whole, seen, 3, np.array([1, 1])) is None
    assert first_difference(whole, seen, 3, np.array([1, 0])) == 3


def test_cuts_are_of_every_kind_and_the_same_for_the_same_seed() -> None:
    panel = panels.features(broken_history().whole, SETTINGS.panel)
    signals = {"signal": np.array([100, 900])}
    cuts = choose_cuts(panel, 100, 3, signals)
    rows = [cut.row for cut in cuts]
    assert rows == sorted(set(rows))
    assert len(rows) == 100
    assert rows[0] >= 0
    assert rows[-1] < len(panel) - 1
    assert {99, 100, 899, 900} <= set(rows)
    kinds = {"session", "regime", "binance silence", "dydx silence", "halt", "signal", "random"}
    assert kinds <= {cut.why for cut in cuts}
    assert choose_cuts(panel, 100, 3, signals) == cuts
    assert choose_cuts(panel, 100, 4, signals) != cuts


def test_more_cuts_than_minutes_are_refused() -> None:
    with pytest.raises(EvidenceError, match="cannot be cut at 5,000"):
        choose_cuts(panel_of(), 5000, 0)


@pytest.mark.parametrize("first", [HALT[0], BINANCE_HALT[0]])
def test_a_halt_is_undecided_until_it_is_known_to_be_one(first: int) -> None:
    history = broken_history()
    assert [history.settled(first + k) - first for k in (-1, 0, 1, 29)] == [-1, 0, 0, 0]
    assert history.settled(first + 30) == first + 30  # more than 30 minutes: known


def test_prices_that_a_binance_halt_takes_back_are_counted() -> None:
    assert quiet_history().taken_back == 0
    history = broken_history()
    first, last = BINANCE_HALT[0] + 1, BINANCE_HALT[0] + 30
    at = history.dydx.index.get_indexer(history.whole.table.index[first:last])
    traded = history.dydx["trades"].to_numpy()[at[at >= 0]] > 0
    assert history.taken_back == int(traded.sum()) > 20


def test_a_short_silence_is_decided_at_once() -> None:
    history = broken_history()
    gap = 700  # nine minutes without a Binance candle
    assert [history.settled(gap + k) - gap for k in range(10)] == list(range(10))


def test_the_past_of_another_future_is_the_same() -> None:
    frame, cut = broken_history().whole, 1500
    for spoilt in (poisoned(frame, cut, 1), opened(frame, cut, 1)):
        assert spoilt.table.iloc[: cut + 1].equals(frame.table.iloc[: cut + 1])
        assert not spoilt.table.iloc[cut + 2 :].equals(frame.table.iloc[cut + 2 :])


def test_an_opened_minute_shows_its_open_and_no_more() -> None:
    frame, cut = quiet_history().whole, 1500
    true, seen = frame.table.iloc[cut + 1], opened(frame, cut, 1).table.iloc[cut + 1]
    assert seen["dydx_open"] == true["dydx_open"]
    assert seen["dydx_trades"] == true["dydx_trades"]
    assert all(seen[f"dydx_{name}"] != true[f"dydx_{name}"] for name in ("high", "low", "close"))


class Peeking(GridSearch):
    """A search that also looks at the rows after its own."""

    def choose(self, panel: Panel, rows: slice) -> Any:
        return super().choose(panel, slice(rows.start, rows.stop + 500))


@pytest.mark.parametrize("peeks", [False, True])
def test_a_search_that_looks_beyond_its_rows_is_named(peeks: bool) -> None:
    history, search = quiet_history(4.0), replace(small_search(), min_events=5)
    if peeks:
        fields = {name: getattr(search, name) for name in search.__dataclass_fields__}
        search = Peeking(**fields)
    panel = panels.features(history.whole, SETTINGS.panel)
    found = judged_choices(history, panel, search, 0)
    assert [each.verdict for each in found] == (["LEAK"] if peeks else ["clean"]) * 3
    if peeks:
        last = [int(panel.minute[row]) for row in (len(panel) // 4 - 1, len(panel) // 2 - 1)]
        assert [each.leak.minute for each in found if each.leak] == [*last, last[1]]


def test_windows_are_exact_when_they_are_full_and_no_sooner_said_to_be() -> None:
    by_name = {each.name: each for each in warmups_of(panel_of(), 0)}
    assert not [each for each in by_name.values() if each.is_broken]
    basis = by_name["basis_pct"]
    assert (basis.known_after, basis.exact_after, basis.declared) == (20, 120, 120)
    assert "hangs on the start up to 120" in basis.sentence
    vol = by_name["realized_vol_pct"]
    assert (vol.known_after, vol.exact_after) == (60, 60)
    atr = by_name["atr_pct"]
    assert atr.known_after == 60
    assert atr.close_after is not None
    assert 600 < atr.close_after < 30 * 60
    assert by_name["rsi_4h"].known_after is None
    assert by_name["spread_pct"].sentence == "needs no history"


def running(true: Callable[..., Floats]) -> Callable[..., Floats]:
    """A window by running sums: its rounding hangs on where the data starts."""

    def vol(close: Floats, n: int) -> Floats:
        returns = np.diff(np.log(close), prepend=np.nan)
        sums = np.cumsum(np.nan_to_num(returns**2))
        out = np.full(close.size, np.nan)
        out[n:] = np.sqrt((sums[n:] - sums[:-n]) / (n - 1)) * 100
        return out

    return vol


@pytest.mark.parametrize(
    ("name", "leaky"),
    [
        ("realized_vol_pct", running),
        ("atr_pct", of_result(lambda atr: atr + 1e-6 * np.arange(atr.size))),
    ],
)
def test_a_feature_that_hangs_on_the_start_of_the_data_is_named(
    monkeypatch: pytest.MonkeyPatch, name: str, leaky: Callable[..., Any]
) -> None:
    monkeypatch.setattr(panels, name, leaky(getattr(panels, name)))
    broken = [each for each in warmups_of(panel_of(3.0), 0) if each.is_broken]
    assert name in [each.name for each in broken]
    assert all("hangs on the start" in each.sentence for each in broken)


def test_a_frame_too_short_to_be_started_late_has_no_warmups() -> None:
    assert warmups_of(panel_of(20 / 1440), 0) == ()
