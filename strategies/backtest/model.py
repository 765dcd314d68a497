"""The two models that every analysis shows side by side: plain and executable.

*Plain* is the definition of the first analyses: fills at closes that are known only when they
are gone, any number of positions, no question of how old a price is, or whether anybody traded at
it. *Executable* counts a
signal only at a price that could be traded. The difference between the two is the point.
"""

from dataclasses import dataclass, field, replace
from typing import Literal

from research.measures.costs import Costs, plain_costs, taker_costs
from research.settings.file import CostSettings, Settings
from strategies.law.execution import PLAIN, Execution
from strategies.law.filters import NO_AGE_LIMIT
from strategies.registry import Params, strategy_of

__all__ = ["Model", "executable_model", "plain_model"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """How signals are read, filled and charged.

    Attributes
    ----------
    fees_bps
        Round trip over all legs, basis points; None takes the taker fees of ``cost_settings``,
        their slippage and funding.
    """

    name: str
    execution: Execution
    reference: Literal["raw", "excess"]
    max_age_min: float
    fees_bps: float | None = None
    cost_settings: CostSettings = field(default_factory=CostSettings)

    def apply(self, params: Params) -> Params:
        """``params`` read the way of this model: its spread reference and age filter."""
        filters = replace(params.filters, max_age_min=self.max_age_min)
        return replace(params, reference=self.reference, filters=filters)

    def costs(self, params: Params) -> Costs:
        """What a round trip of the strategy of ``params`` costs."""
        if self.fees_bps is not None:
            return plain_costs(self.fees_bps)
        return taker_costs(self.cost_settings, strategy_of(params).legs)

    def describe(self) -> str:
        """The model in one line for tables, files and pictures."""
        fees = "taker fees + slippage" if self.fees_bps is None else f"{self.fees_bps:g} bps"
        fresh = (
            "any age" if self.max_age_min == NO_AGE_LIMIT else f"dYdX age <= {self.max_age_min:g}m"
        )
        positions = "overlapping" if self.execution.overlap else "one position"
        flat = "flat candles are prices, " if self.execution.flat_is_price else ""
        return (
            f"{flat}fill={self.execution.fill}, touch={self.execution.touch}, {positions}, "
            f"{self.reference} spread, {fresh}, {fees}"
        )


def plain_model(fees_bps: float) -> Model:
    """Fills and touches at closes, flat ones too, overlapping, raw spread, the fees given."""
    return Model(
        name="plain",
        execution=PLAIN,
        reference="raw",
        max_age_min=NO_AGE_LIMIT,
        fees_bps=fees_bps,
    )


def executable_model(settings: Settings) -> Model:
    """Next open, intrabar, one position, fresh minutes, taker costs: as the settings say."""
    chosen = settings.execution
    return Model(
        name="executable",
        execution=Execution(fill=chosen.fill, touch=chosen.touch, overlap=chosen.overlap),
        reference=chosen.reference,
        max_age_min=chosen.max_age_min,
        cost_settings=settings.costs,
    )
