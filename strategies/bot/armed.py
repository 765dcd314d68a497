"""A set of the bot's file as the law takes it: parameters, execution, costs."""

from research.measures.costs import Costs
from strategies.bot.params import built_params
from strategies.bot.sets import BotSet
from strategies.law.execution import Execution
from strategies.registry import Params

__all__ = ["costs_of", "execution_of", "params_of"]


def params_of(bot_set: BotSet) -> Params:
    """Parameters and filters."""
    return built_params(
        bot_set.strategy, bot_set.mode, bot_set.reference, bot_set.parameters, bot_set.filters
    )


def execution_of(bot_set: BotSet) -> Execution:
    """The execution model of its evidence."""
    return Execution(**bot_set.execution.model_dump())


def costs_of(bot_set: BotSet) -> Costs:
    """What its evidence paid."""
    return Costs(**bot_set.costs.model_dump())
