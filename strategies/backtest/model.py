"""The two models that every analysis shows side by side: plain and executable.

*Plain* is the definition of the first analyses: fills at closes that are known only when they
are gone, any number of positions, no question of how old a price is, or whether anybody traded at
it. *Executable* counts a
signal only at a price that could be traded. The difference between the two is the point.
"""

from dataclasses import dataclass, field, replace
from typing import Literal

from research.measures.costs import Costs, taker_costs
from research.settings.costs import CostSettings
from strategies.law.execution import PLAIN, Execution
from strategies.law.filters import NO_AGE_LIMIT, EntryFilters
from strategies.registry import Params, strategy_of
from strategies.settings import FilterSettings, ModelSettings

__all__ = ["Model", "executable_model", "plain_model"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """How signals are read, filled and charged.

    Attributes
    ----------
    fees_bps
        Round trip over all legs, basis points; None takes the taker fees of ``cost_settings``.
    cost_settings
        Taker fees, slippage and funding.
    """

    name: str
    execution: Execution
    reference: Literal["raw", "excess"]
    filters: EntryFilters
    fees_bps: float | None = None
    cost_settings: CostSettings = field(default_factory=CostSettings)

    def apply(self, params: Params) -> Params:
        """``params`` read the way of this model: its spread reference and its filters.

        A filter of ``params`` stays where the model does not ask for another.
        """
        asked = self.filters.changes() | {"max_age_min": self.filters.max_age_min}
        filters = replace(params.filters, **asked)
        return replace(params, reference=self.reference, filters=filters)

    def costs(self, params: Params) -> Costs:
        """What a round trip of the strategy of ``params`` costs."""
        costs = taker_costs(self.cost_settings, strategy_of(params).legs)
        return costs if self.fees_bps is None else replace(costs, fees_bps=self.fees_bps)

    def describe(self) -> str:
        """The model in one line for tables, files and pictures."""
        fees = "taker fees + slippage" if self.fees_bps is None else f"{self.fees_bps:g} bps"
        age, entries = self.filters.max_age_min, self.filters.describe()
        fresh = "any age" if age == NO_AGE_LIMIT else f"dYdX age <= {age:g}m"
        positions = "overlapping" if self.execution.overlap else "one position"
        flat = "flat candles are prices, " if self.execution.flat_is_price else ""
        prints = "bad prints fire, " if self.execution.trusts_prints else ""
        return (
            f"{flat}{prints}fill={self.execution.fill}, touch={self.execution.touch}, {positions}, "
            f"{self.reference} spread, {fresh}, {entries and f'only {entries}, '}{fees}"
        )


def plain_model(fees_bps: float, filters: FilterSettings | None = None) -> Model:
    """Fills and touches at closes, flat ones too, overlapping, raw spread, the fees given."""
    return Model(
        name="plain",
        execution=PLAIN,
        reference="raw",
        filters=_filters(filters or FilterSettings(), NO_AGE_LIMIT),
        fees_bps=fees_bps,
        cost_settings=CostSettings(slippage_bps=0.0, funding=False),
    )


def executable_model(settings: ModelSettings) -> Model:
    """Next open, intrabar, one position, fresh minutes, taker costs: as the settings say."""
    chosen = settings.execution
    return Model(
        name="executable",
        execution=Execution(
            fill=chosen.fill,
            touch=chosen.touch,
            overlap=chosen.overlap,
            trusts_prints=chosen.trusts_prints,
        ),
        reference=chosen.reference,
        filters=_filters(settings.filters, chosen.max_age_min),
        cost_settings=settings.costs,
    )


def _filters(settings: FilterSettings, max_age_min: float) -> EntryFilters:
    given = {name: value for name, value in dict(settings).items() if value is not None}
    return EntryFilters(max_age_min=max_age_min, **given)
