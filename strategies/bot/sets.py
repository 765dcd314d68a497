"""One parameter set of the bot's file: enabled, forced, or refused with the reason."""

from typing import Literal

from pydantic import Field, model_validator

from research.errors import ParamError
from research.features.labels import REGIMES, SESSIONS, Segment, segment_of
from strategies.bot.evidence import Evidence, SetVerdict
from strategies.bot.parts import (
    CostsAssumed,
    ExecutionAssumed,
    Filters,
    ParameterValue,
    Part,
    StrategyName,
)
from strategies.law.bounds import bounds

__all__ = ["BotSet"]


class BotSet(Part):
    """One parameter set, enabled or refused with the reason."""

    id: str = Field(min_length=1)
    enabled: bool
    forced: bool = Field(description="enabled by hand, although the verdict does not let it trade")
    failed: tuple[str, ...] = Field(description="checks that it did not pass, where it is forced")
    reason: str = Field(min_length=1, description="why it is enabled, or why not")
    strategy: StrategyName
    mode: Literal["short", "long", "both"]
    segment: str
    reference: Literal["raw", "excess"]
    parameters: dict[str, ParameterValue]
    filters: Filters
    execution: ExecutionAssumed
    costs: CostsAssumed
    in_sample: Evidence
    holdout: Evidence | None = Field(description="the same set on the holdout")
    out_of_sample: Evidence = Field(description="the walk's trades: of each search's own set")
    verdict: SetVerdict | None = Field(description="null: written by schema 1")
    sets_tried: int = Field(ge=1, description="parameter sets looked at to find this one")

    @property
    def base(self) -> str:
        """``lead-short``, ``lead-long`` or ``reversion``: what sets compete within."""
        return self.strategy if self.mode == "both" else f"{self.strategy}-{self.mode}"

    @property
    def where(self) -> Segment:
        """The segment."""
        return segment_of(self.segment)

    @property
    def lower_bound(self) -> float:
        """Lower bound of the out-of-sample mean, percent; minus infinity where unknown."""
        bound = self.out_of_sample.report.get("lcb_pnl")
        return float("-inf") if bound is None else bound

    @property
    def units(self) -> dict[str, str]:
        """Unit by parameter."""
        return {name: each.unit for name, each in self.parameters.items()}

    def value(self, name: str) -> float:
        """One parameter."""
        return self.parameters[name].value

    @model_validator(mode="after")
    def _enabled_needs_proof(self) -> "BotSet":
        if self.forced:
            if not self.enabled or not self.failed:
                raise ValueError("a forced set is enabled and names the checks that it failed")
            return self
        if self.failed:
            raise ValueError("failed names checks of a forced set only")
        if self.enabled and not self.lower_bound > 0:
            raise ValueError("an enabled set needs a positive out-of-sample lcb_pnl")
        if self.enabled and self.verdict is not None and not self.verdict.is_proven:
            raise ValueError("an enabled set needs a verdict whose deciding checks all passed")
        return self

    @model_validator(mode="after")
    def _filters_stay_in_the_segment(self) -> "BotSet":
        try:
            session, regime = self.where
        except ParamError as error:
            raise ValueError(str(error)) from None
        inside = session is None or set(self.filters.sessions) <= {SESSIONS[session]}
        inside &= regime is None or set(self.filters.regimes) <= {REGIMES[regime]}
        if not inside:
            raise ValueError(f"filters let entries outside of segment {self.segment} pass")
        return self

    @model_validator(mode="after")
    def _parameters_are_the_strategys(self) -> "BotSet":
        # not at the top: who asks for the schema alone needs no strategy
        from strategies.bot.params import built_params
        from strategies.registry import BOTH, strategy_named

        strategy = strategy_named(self.strategy)
        if set(self.parameters) != set(strategy.axes):
            raise ValueError(
                f"parameters of {strategy.name} are {', '.join(strategy.axes)}; were "
                f"{', '.join(self.parameters) or 'none'}"
            )
        known = bounds(strategy.params_type)
        for name, each in self.parameters.items():
            if each.unit != known[name].unit:
                raise ValueError(f"{name} must be in {known[name].unit}, was in {each.unit}")
        if not strategy.modes and self.mode != BOTH:
            raise ValueError(f"mode of {strategy.name} must be {BOTH}, was {self.mode}")
        try:
            built_params(self.strategy, self.mode, self.reference, self.parameters, self.filters)
        except ParamError as error:
            raise ValueError(str(error)) from None
        return self
