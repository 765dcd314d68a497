"""An audit of a world with a planted leak, and on which minutes that world truly differs."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np

from research.arrays import Ints, Records
from research.data.tables.schema import PRICES
from research.features import panel as panels
from research.features.panel import Panel
from research.frame.frame import Frame
from strategies.backtest.model import Model, executable_model, plain_model
from strategies.law.position import TRADE_FIELDS
from strategies.registry import Strategy, strategy_named
from sweeps.verdict.audit.audit import audit
from sweeps.verdict.audit.decisions import decisions_of
from sweeps.verdict.audit.findings import Audit, Finding
from sweeps.verdict.audit.history import History
from sweeps.verdict.audit.subjects import subjects_of, train_spans
from tests.samples.histories import broken_history, settings_of_audits
from tests.samples.leaks import Leak, planted

SETTINGS = settings_of_audits()
MODELS: tuple[Model, ...] = (
    executable_model(SETTINGS),
    plain_model(8.0, SETTINGS.filters),
)


def audited(
    history: History,
    strategies: Sequence[Strategy] | None = None,
    *,
    cuts: int = 40,
    models: Sequence[Model] = MODELS,
    seed: int = 0,
) -> Audit:
    return audit(history, SETTINGS.panel, models, strategies=strategies, cuts=cuts, seed=seed)


class Caught:
    """What an audit said of one planted leak."""

    def __init__(self, leak: Leak, *, cuts: int, models: Sequence[Model] = MODELS) -> None:
        self.leak, self.models = leak, models
        with planted(leak) as strategies:
            self.history = broken_history()
            strategies = strategies if leak.of_strategy else ()
            self.found = audited(self.history, strategies, cuts=cuts, models=models)
            self._leaking = _values(_panel(self.history.whole), strategies, models)
        self.named: tuple[Finding, ...] = tuple(
            each for each in self.found.leaks if each.name.startswith(leak.names)
        )
        self._true = _panel(broken_history().whole)

    @cached_property
    def _honest(self) -> dict[str, Any]:
        return _values(self._true, (), self.models, decisions=self._leaking)

    def is_right(self, finding: Finding) -> bool:
        """Whether at the named minute, or beside it, the leak truly shows.

        Either the leaking world differs there from the true one, or what it says there is another
        thing for every other future.
        """
        assert finding.leak is not None
        name = finding.name
        minutes = self._true.minute[_other_rows(self._honest[name], self._leaking[name])]
        is_near = np.abs(minutes - finding.leak.minute) <= 1
        return bool(is_near.any()) or self._hangs(finding)

    def _hangs(self, finding: Finding) -> bool:
        assert finding.leak is not None
        first = int(self._true.minute[0])
        row, cut = finding.leak.minute - first, finding.leak.cut - first
        cut += finding.leak.how == "opened"  # the next minute then is no future
        with planted(self.leak) as strategies:
            told = [
                _at(self._read(_panel(frame), strategies, finding.name), row, cut)
                for frame in _futures(self.history.whole, cut)
            ]
        return len(set(told)) > 1

    def _read(self, panel: Panel, strategies: Sequence[Strategy], name: str) -> Any:
        for subject in subjects_of(panel, judges_frame=True, train_rows=1):
            if subject.name == name:
                return subject.read(panel)
        decision = self._leaking[name.removeprefix("signal of ")][0]
        its = next(each for each in strategies if each.name == decision.strategy.name)
        decision = replace(decision, strategy=its)
        is_signal = name.startswith("signal of ")
        return decision.signals(panel) if is_signal else (decision, decision.trades(panel))


def _futures(frame: Frame, cut: int) -> list[Frame]:
    """No minutes after ``cut``, as they were, and three times in another order and shaken."""
    past = Frame(frame.table.iloc[: cut + 1], frame.market, frame.origin, frame.exclusions)
    found = [past, frame]
    for seed in range(3):
        draw = np.random.default_rng(seed)
        rest = draw.permutation(np.arange(cut + 1, len(frame)))
        order = np.concatenate((np.arange(cut + 1), rest))
        table = frame.table.iloc[order].set_axis(frame.table.index)
        shaken = np.exp(draw.normal(0.0, 0.005, (len(rest), len(PRICES))))
        table.iloc[cut + 1 :, table.columns.get_indexer([f"dydx_{n}" for n in PRICES])] *= shaken
        found.append(Frame(table, frame.market, frame.origin, frame.exclusions))
    return found


def _at(value: Any, row: int, cut: int) -> bytes:
    """What is said at ``row``, of a decision only what is over at ``cut``."""
    if not isinstance(value, tuple):
        return np.asarray(value[row]).tobytes()
    trades = value[1]
    is_in = (trades["entered_at"] <= cut) & (trades["entry"] == row)
    is_over = (trades["left_at"] <= cut) & ((trades["entry"] == row) | (trades["exit"] == row))
    told = [trade[["entry", "entry_price"]].tobytes() for trade in trades[is_in]]
    return b"".join(told + [trade[list(TRADE_FIELDS)].tobytes() for trade in trades[is_over]])


def _panel(frame: Frame) -> Panel:
    rows = max(1, train_spans(len(frame))[0].stop)
    return panels.features(frame, SETTINGS.panel, train_rows=rows)


def _values(
    panel: Panel,
    strategies: Sequence[Strategy],
    models: Sequence[Model],
    decisions: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """By name: numbers by minute, a row and what was fitted on it, or a decision and its trades."""
    found: dict[str, Any] = {}
    train_rows = max(1, int(train_spans(len(panel))[0].stop))
    for subject in subjects_of(panel, judges_frame=True, train_rows=train_rows):
        values = subject.read(panel)
        found[subject.name] = values if subject.is_by_minute else (subject.since, values)
    judged = (
        decisions_of(panel, strategies, models)
        if decisions is None
        else [
            replace(each, strategy=strategy_named(each.strategy.name))
            for name, (each, _) in _decided(decisions).items()
        ]
    )
    for decision in judged:
        found[decision.name] = (decision, decision.trades(panel))
        found[f"signal of {decision.name}"] = decision.signals(panel)
    return found


def _decided(values: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value
        for name, value in values.items()
        if isinstance(value, tuple) and hasattr(value[0], "strategy")
    }


def _other_rows(honest: Any, leaking: Any) -> Ints:
    if not isinstance(honest, tuple):
        return _differing(honest, leaking)
    if isinstance(honest[0], int):
        return np.array([honest[0]] if len(_differing(honest[1], leaking[1])) else [], np.int64)
    return _other_trades(honest[1], leaking[1])


def _differing(honest: Any, leaking: Any) -> Ints:
    same = honest == leaking
    if honest.dtype.kind == "f":
        same |= np.isnan(honest) & np.isnan(leaking)
    return np.flatnonzero(~same.reshape(len(same), -1).all(axis=1))


def _other_trades(honest: Records, leaking: Records) -> Ints:
    told = [{trade[list(TRADE_FIELDS)].tobytes() for trade in each} for each in (honest, leaking)]
    rows = [
        int(trade[row])
        for each, other in ((honest, told[1]), (leaking, told[0]))
        for trade in each
        if trade[list(TRADE_FIELDS)].tobytes() not in other
        for row in ("entry", "exit")
    ]
    return np.array(rows, dtype=np.int64)
