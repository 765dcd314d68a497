"""Groups of options that several commands share, as frozen values. Light, as options are.

A command asks for a group by the type of one parameter (``source: Source``); :func:`spelled_out`
gives the command line the options of its fields.
"""

import inspect
from collections.abc import Callable
from dataclasses import MISSING, Field, asdict, dataclass, fields, is_dataclass, replace
from enum import Enum
from functools import wraps
from typing import TYPE_CHECKING, Any, get_type_hints

from sweeps.cli.options import (
    AlignmentOption,
    AnywayOption,
    ConfigOption,
    FillOption,
    FrameOption,
    MarketOption,
    MaxAgeOption,
    MaxFundingOption,
    MinEventsOption,
    OverlapOption,
    PatienceOption,
    ReferenceOption,
    RegimesOption,
    RsiMaxOption,
    RsiMinOption,
    RsiTimeframeOption,
    SamplerOption,
    ScoreColumnOption,
    ScoreMinOption,
    SeedOption,
    SegmentsOption,
    SessionsOption,
    StorageOption,
    StoreOption,
    TouchOption,
    TrialsOption,
    TrustPrintsOption,
    WorkersOption,
)

if TYPE_CHECKING:
    from strategies.backtest.model import Model

__all__ = ["Command", "FilterOptions", "Overrides", "SearchOptions", "Source", "spelled_out"]

Command = Callable[..., None]
_EXECUTION = ("fill", "touch", "overlap", "trusts_prints")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where settings and minutes come from."""

    market: MarketOption = None
    frame: FrameOption = None
    store: StoreOption = None
    config: ConfigOption = None
    anyway: AnywayOption = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchOptions:
    """What a command line changes of the searches; None leaves the setting."""

    trials: TrialsOption = None
    seed: SeedOption = None
    min_events: MinEventsOption = None
    workers: WorkersOption = None
    segments: SegmentsOption = None
    sampler: SamplerOption = None
    patience: PatienceOption = None
    storage: StorageOption = None

    def changes(self) -> dict[str, dict[str, Any]]:
        """The same by table and name of the settings file."""
        return {"study": asdict(self)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Overrides:
    """What a command line changes of a model; None leaves the model's own value."""

    fill: FillOption = None
    touch: TouchOption = None
    overlap: OverlapOption = None
    max_age_min: MaxAgeOption = None
    reference: ReferenceOption = None
    trusts_prints: TrustPrintsOption = None

    def changes(self) -> dict[str, dict[str, Any]]:
        """The same by table and name of the settings file: what the executable model reads."""
        return {"execution": self._given(*_EXECUTION, "max_age_min", "reference")}

    def on(self, model: "Model") -> "Model":
        """``model`` with what is given here."""
        age = self._given("max_age_min")
        return replace(
            model,
            execution=replace(model.execution, **self._given(*_EXECUTION)),
            filters=replace(model.filters, **age),
            **self._given("reference"),
        )

    def _given(self, *names: str) -> dict[str, Any]:
        values = {name: getattr(self, name) for name in names}
        return {
            name: value.value if isinstance(value, Enum) else value
            for name, value in values.items()
            if value is not None
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterOptions:
    """What must hold at an entry beside the thresholds; None leaves the setting."""

    sessions: SessionsOption = None
    regimes: RegimesOption = None
    needs_alignment: AlignmentOption = None
    rsi_timeframe: RsiTimeframeOption = None
    rsi_min: RsiMinOption = None
    rsi_max: RsiMaxOption = None
    max_funding_pct: MaxFundingOption = None
    score_column: ScoreColumnOption = None
    score_min: ScoreMinOption = None

    def changes(self) -> dict[str, dict[str, Any]]:
        """The same by table and name of the settings file, which every model reads."""
        given = asdict(self)
        for name in ("sessions", "regimes"):
            if given[name] is not None:
                given[name] = tuple(part.strip() for part in given[name].split(","))
        return {"filters": given}


def spelled_out(command: Command) -> Command:
    """``command`` as typer reads it: each group of options replaced by the options of its fields.

    Names of options must differ between the groups of a command.
    """
    hints = get_type_hints(command, include_extras=True)
    groups: dict[str, Any] = {name: kind for name, kind in hints.items() if is_dataclass(kind)}
    options: list[inspect.Parameter] = []
    for parameter in inspect.signature(command).parameters.values():
        kind = hints[parameter.name]
        options += _options(kind) if is_dataclass(kind) else [_by_name(parameter, kind)]

    @wraps(command)
    def called(**values: Any) -> None:
        for name, kind in groups.items():
            values[name] = kind(**{each.name: values.pop(each.name) for each in fields(kind)})
        command(**values)

    shown: Any = called
    shown.__signature__ = inspect.Signature(options)
    shown.__annotations__ = {each.name: each.annotation for each in options}
    return called


def _options(group: Any) -> list[inspect.Parameter]:
    hints = get_type_hints(group, include_extras=True)
    return [
        inspect.Parameter(
            each.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=_default(each),
            annotation=hints[each.name],
        )
        for each in fields(group)
    ]


def _default(option: "Field[Any]") -> Any:
    return inspect.Parameter.empty if option.default is MISSING else option.default


def _by_name(parameter: inspect.Parameter, kind: Any) -> inspect.Parameter:
    return parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY, annotation=kind)
