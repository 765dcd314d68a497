"""Parameters of the law from what stands in the file."""

from collections.abc import Mapping

from strategies.bot.parts import Filters, ParameterValue
from strategies.law.bounds import bounds
from strategies.law.filters import NO_AGE_LIMIT, EntryFilters
from strategies.registry import Params, strategy_named

__all__ = ["built_params"]


def built_params(
    strategy: str,
    mode: str,
    reference: str,
    parameters: Mapping[str, ParameterValue],
    filters: Filters,
) -> Params:
    """Parameters and filters. Raises :class:`ParamError` where a value is out of its bounds."""
    named = strategy_named(strategy)
    known = bounds(named.params_type)
    values = {name: each.value for name, each in parameters.items()}
    # a file has 3.0 for 3, and a window of 3.0 minutes is no number of rows
    values |= {
        name: int(value)
        for name, value in values.items()
        if known[name].is_integer and known[name].holds(value)
    }
    its_mode = {"mode": mode} if named.modes else {}
    made: Params = named.params_type(
        reference=reference, filters=_filters(filters), **its_mode, **values
    )
    return made


def _filters(filters: Filters) -> EntryFilters:
    given = {name: value for name, value in dict(filters).items() if value is not None}
    if filters.max_age_min is None:
        given["max_age_min"] = NO_AGE_LIMIT
    return EntryFilters(**given)
