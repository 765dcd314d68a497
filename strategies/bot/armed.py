"""A set of the bot's file as the law takes it: parameters, execution, costs."""

from typing import TYPE_CHECKING

from research.measures.costs import Costs
from strategies.law.bounds import bounds
from strategies.law.execution import Execution
from strategies.law.filters import NO_AGE_LIMIT, EntryFilters
from strategies.registry import Params, strategy_named

if TYPE_CHECKING:  # a set proves itself by building its parameters
    from strategies.bot.parts import CostsAssumed, ExecutionAssumed, Filters
    from strategies.bot.sets import BotSet

__all__ = ["costs_of", "execution_of", "params_of"]


def params_of(bot_set: "BotSet") -> Params:
    """Parameters and filters. Raises :class:`ParamError` where a value is out of its bounds."""
    strategy = strategy_named(bot_set.strategy)
    known = bounds(strategy.params_type)
    values = {
        # a file has 3.0 for 3, and a window of 3.0 minutes is no number of rows
        name: int(each.value) if known[name].is_integer and known[name].holds(each.value)
        else each.value
        for name, each in bot_set.parameters.items()
    }  # fmt: skip
    mode = {"mode": bot_set.mode} if strategy.modes else {}
    made: Params = strategy.params_type(
        reference=bot_set.reference, filters=_filters(bot_set.filters), **mode, **values
    )
    return made


def execution_of(bot_set: "BotSet") -> Execution:
    """The execution model of its evidence."""
    assumed: ExecutionAssumed = bot_set.execution
    return Execution(
        fill=assumed.fill,
        touch=assumed.touch,
        overlap=assumed.overlap,
        trusts_prints=assumed.trusts_prints,
    )


def costs_of(bot_set: "BotSet") -> Costs:
    """What its evidence paid."""
    assumed: CostsAssumed = bot_set.costs
    return Costs(
        fees_bps=assumed.fees_bps, slippage_bps=assumed.slippage_bps, funding=assumed.funding
    )


def _filters(filters: "Filters") -> EntryFilters:
    given = {name: value for name, value in dict(filters).items() if value is not None}
    if filters.max_age_min is None:
        given["max_age_min"] = NO_AGE_LIMIT
    return EntryFilters(**given)
