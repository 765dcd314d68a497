"""A set traded minute by minute, by the very ``step`` that a bot calls."""

from importlib import import_module

import numpy as np

from research.arrays import Records
from research.features.labels import RegimeEdges
from research.features.panel import Panel, features
from research.frame.frame import Frame
from research.settings.features import (
    FeatureSettings,
    PanelSettings,
    SessionSettings,
)
from strategies.bot.armed import costs_of, execution_of, params_of
from strategies.bot.contract import BotConfig
from strategies.bot.sets import BotSet
from strategies.law.funding import is_funding_known
from strategies.law.minute import START, bar_at, empty_desk, finish
from strategies.law.position import POSITION
from strategies.listed import LISTED

__all__ = ["panel_of", "replayed"]


def panel_of(config: BotConfig, frame: Frame) -> Panel:
    """Features and labels of ``frame`` as the file's numbers make them."""
    lookbacks = {} if config.lookbacks is None else config.lookbacks.model_dump()
    low, high = (
        np.nan if edge is None else edge for edge in (config.regime.low, config.regime.high)
    )
    return features(
        frame,
        PanelSettings(
            features=FeatureSettings(
                basis_min=config.basis_min, atr_min=config.regime.atr_min, **lookbacks
            ),
            sessions=SessionSettings(**{str(name): hour for name, hour in config.sessions.items()}),
        ),
        edges=RegimeEdges(
            low=low, high=high, fitted_on=config.regime.fitted_on, is_in_sample=False
        ),
    )


def replayed(panel: Panel, bot_set: BotSet, rows: slice) -> Records:
    """Trades entered in ``rows``, in the order of entry; the frame ends with them.

    Raises
    ------
    ParamError
        The set asks for a score that the frame does not hold.
    """
    package = LISTED[bot_set.strategy]
    kernel, adapter = (import_module(f"{package}.{name}") for name in ("kernel", "adapter"))
    execution, params = execution_of(bot_set), params_of(bot_set)
    read = execution.minutes_of(panel)
    terms = adapter.terms(
        params, execution, costs_of(bot_set), is_funding_known(read, adapter.LEGS)
    )
    minutes = adapter.minutes(read, params, rows.start, rows.stop)
    desk, state, seen = empty_desk(terms.rules), START, []
    # one minute before the first is enough: nothing is open, and a crossing needs no more
    for t in range(max(rows.start - 1, 0), rows.stop):
        state = kernel.step(state, bar_at(minutes, t), terms, desk)
        if state.ended:
            seen.append(desk.closed[: state.ended].copy())
    state = finish(state, desk, terms.rules)
    seen.append(desk.closed[: state.ended].copy())
    trades = np.concatenate(seen) if seen else np.zeros(0, POSITION)
    ordered: Records = trades[np.argsort(trades["entry"], kind="stable")]
    return ordered
