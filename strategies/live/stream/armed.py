"""What the stream runs: armed sets, and the rules that their features were made by."""

import math
from dataclasses import dataclass

from research.errors import LiveError
from research.features.labels import RegimeEdges
from research.measures.costs import Costs
from research.settings.features import (
    FeatureSettings,
    PanelSettings,
    SessionSettings,
)
from research.settings.frame import FrameSettings
from strategies.bot.armed import costs_of, execution_of, params_of
from strategies.bot.contract import BotConfig
from strategies.law.execution import Execution
from strategies.registry import Params

__all__ = ["ArmedSet", "StreamRules", "armed_sets", "stream_rules"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmedSet:
    """One parameter set with the execution and the costs of its evidence."""

    id: str
    params: Params
    execution: Execution
    costs: Costs


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamRules:
    """How minutes become features and labels.

    ``silence`` None: the minutes come from a frame, whose rule has left out what it leaves out.
    ``funding``: the venues whose rates may come; a frame may know none of one.
    """

    panel: PanelSettings
    edges: RegimeEdges
    silence: FrameSettings | None
    funding: tuple[str, ...] = ("dydx", "binance")

    def knows_funding(self, legs: int) -> bool:
        """Whether any venue of the legs has rates: else no funding is booked at all."""
        return "dydx" in self.funding or (legs == 2 and "binance" in self.funding)


def armed_sets(config: BotConfig) -> tuple[ArmedSet, ...]:
    """The enabled sets of the bot's file, in its order."""
    return tuple(
        ArmedSet(
            id=each.id,
            params=params_of(each),
            execution=execution_of(each),
            costs=costs_of(each),
        )
        for each in config.enabled
    )


def stream_rules(config: BotConfig) -> StreamRules:
    """The rules of the bot's file.

    Raises
    ------
    LiveError
        The file is of schema 1, which does not say what RSI and volatility look back at.
    """
    if config.lookbacks is None or config.silence is None:
        raise LiveError(
            "bot config: lookbacks and silence are not in it (schema 1), so its features cannot "
            "be made again; write it anew with `leadfollow export`"
        )
    regime = config.regime
    return StreamRules(
        panel=PanelSettings(
            features=FeatureSettings(
                basis_min=config.basis_min,
                atr_min=regime.atr_min,
                realized_vol_min=config.lookbacks.realized_vol_min,
                rsi_bars=config.lookbacks.rsi_bars,
            ),
            sessions=SessionSettings.model_validate(config.sessions),
        ),
        edges=RegimeEdges(
            low=math.nan if regime.low is None else regime.low,
            high=math.nan if regime.high is None else regime.high,
            fitted_on=regime.fitted_on,
            is_in_sample=regime.edges == "in-sample",
        ),
        silence=FrameSettings(**config.silence.model_dump()),
    )
