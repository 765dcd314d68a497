"""Twenty ways to look ahead: each is caught, by its name and at a minute at which it shows."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from research.arrays import Bools, Floats
from research.features import panel as panels
from sweeps.verdict.audit.findings import Finding
from tests.samples.audits import MODELS, Caught, audited
from tests.samples.histories import HALT, broken_history
from tests.samples.leaks import LEAKS, Leak, ahead, planted

ONE_BAR = {
    "shift(-1)",
    "basis with its own minute",
    "next minute's open",
    "ATR with the next bar",
    "lead window off by one",
    "fill at the next close",
}


def test_there_are_twenty_of_different_kinds() -> None:
    assert len({leak.kind for leak in LEAKS}) == 20


@pytest.mark.parametrize("leak", LEAKS, ids=lambda leak: leak.kind)
def test_a_planted_leak_is_caught_by_name_and_minute(leak: Leak) -> None:
    caught = Caught(leak, cuts=30, models=MODELS[:1])
    assert caught.named
    assert all(caught.is_right(finding) for finding in caught.named)
    if leak.kind in ONE_BAR:
        for finding in caught.named:
            assert finding.leak is not None
            assert abs(finding.leak.minute - finding.leak.cut) <= 1


def at(rows: Callable[[Floats], Bools]) -> Leak:
    """Volatility that looks one minute ahead on ``rows`` of the closes, and nowhere else."""

    def leaky(true: Callable[..., Floats]) -> Callable[..., Floats]:
        def vol(close: Floats, n: int) -> Floats:
            honest = true(close, n)
            return np.where(rows(close), ahead(honest) + 0.0, honest)

        return vol

    return Leak("rare", ("realized_vol_pct",), (panels, "realized_vol_pct"), leaky)


def last_of_session(close: Floats) -> Bools:
    return np.arange(close.size) % 480 == 479


def last_of_bar(close: Floats) -> Bools:
    return np.arange(close.size) % 240 == 239


@pytest.mark.parametrize("rows", [last_of_session, last_of_bar])
def test_a_leak_of_a_few_minutes_is_named_by_its_very_minute(
    rows: Callable[[Floats], Bools],
) -> None:
    history = broken_history()
    with planted(at(rows)):
        found = audited(history, (), cuts=60, models=MODELS[:1])
    (leak,) = (each.leak for each in found.leaks)
    assert leak is not None
    row = leak.minute - int(history.whole.minute[0])
    assert rows(np.zeros(len(history.whole)))[row]
    assert leak.cut == leak.minute


def named(found: Any, name: str) -> Finding:
    (finding,) = (each for each in found.findings if each.name == name)
    return finding


def test_a_halt_blanked_from_its_first_minute_is_told_by_that_minute() -> None:
    (leak,) = (each for each in LEAKS if each.kind == "halt left out from before")
    with planted(leak):
        history = broken_history()
        found = audited(history, (), cuts=60, models=MODELS[:1])
    told = named(found, "binance_close").leak
    assert told is not None
    first = int(history.whole.minute[0]) + HALT[0]
    assert first - 1 <= told.minute <= first


def test_one_leak_is_not_blamed_on_what_does_not_read_it() -> None:
    (leak,) = (each for each in LEAKS if each.kind == "shift(-1)")
    with planted(leak) as strategies:
        found = audited(broken_history(), strategies, models=MODELS[:1])
    assert [each.name for each in found.leaks] == ["realized_vol_pct"]
