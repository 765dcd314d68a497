"""A command for every strategy of the registry, and ``leadfollow week`` over all of them.

Nothing of a strategy is typed here: its flags, defaults and modes are read from its parameters.
"""

import sys
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
import typer

from research.atomic import write_json, write_text
from research.jit import skip_blas
from strategies.listed import summary_of
from strategies.registry import Params, Strategy, strategies
from sweeps.cli.backtest.show import show_analysis, show_header, show_spread
from sweeps.cli.backtest.thresholds import BOTH, flag_of, given_to, modes_asked, thresholds
from sweeps.cli.groups import Command, FilterOptions, Overrides, Source, spelled_out
from sweeps.cli.options import FeesOption, HoursOption, ModelName, ModelOption
from sweeps.cli.session import Session, choose_models
from sweeps.cli.terminal import say
from sweeps.report.prints import bad_print_words
from sweeps.report.week import Analysis, analyse, week_json

__all__ = ["strategy_command", "week_command"]

EventsOption = Annotated[
    Path | None, typer.Option("--events-out", help="CSV of every trade of the last model shown")
]
DaysOption = Annotated[float, typer.Option("--days", help="Only the last so many days")]
OutOption = Annotated[Path | None, typer.Option("--out", help="JSON file with every segment")]


def strategy_command(strategy: Strategy) -> Command:
    """``leadfollow lead``, say: one strategy, in both models."""

    def command(
        given: Any,
        source: Source,
        overrides: Overrides,
        filters: FilterOptions,
        hours: HoursOption = None,
        fees_bps: FeesOption = None,
        model: ModelOption = None,
        events_out: EventsOption = None,
    ) -> None:
        sets = _sets(strategy, given)
        skip_blas()
        session = Session.open(source, hours=hours, changes=filters.changes())
        analyses = _run(session, sets, model, fees_bps, overrides)
        if events_out is not None:
            _write_events(analyses, events_out)

    command.__annotations__["given"] = thresholds([strategy])
    command.__doc__ = f"{summary_of(strategy.name)}\n\n{_example(strategy)}"
    return spelled_out(command)


def week_command() -> Command:
    """``leadfollow week``: every strategy, in both models and every segment."""

    def command(
        given: Any,
        source: Source,
        overrides: Overrides,
        filters: FilterOptions,
        days: DaysOption = 7.0,
        fees_bps: FeesOption = None,
        model: ModelOption = None,
        out: OutOption = None,
    ) -> None:
        sets = [params for strategy in strategies() for params in _sets(strategy, given)]
        skip_blas()
        session = Session.open(source, hours=days * 24, changes=filters.changes())
        show_spread(session.panel, session.rows)
        analyses = _run(session, sets, model, fees_bps, overrides, per_segment=True)
        if out is not None:
            write_json(out, _week_json(session, analyses))
            say(f"wrote {out}")

    command.__annotations__["given"] = thresholds(strategies(), mode=BOTH)
    command.__doc__ = (
        "The weekly look: spread distribution, every strategy; all segments into JSON.\n\n"
        "Example: leadfollow week --days 7 --mode both --out backtest_results/week.json"
    )
    return spelled_out(command)


def _week_json(session: Session, analyses: list[Analysis]) -> dict[str, Any]:
    doubts = [finding.sentence for finding in session.findings]
    return week_json(session.panel, session.rows, analyses, sys.argv, doubts)


def _example(strategy: Strategy) -> str:
    defaults = strategy.params_type()
    mode = f" --mode {strategy.modes[0]}" if strategy.modes else ""
    flags = " ".join(
        f"{flag_of(strategy, name)} {getattr(defaults, name):g}" for name in strategy.axes
    )
    return f"Example: leadfollow {strategy.name} --hours 12{mode} {flags} --fees-bps 8"


def _sets(strategy: Strategy, given: Any) -> list[Params]:
    """The parameter sets asked for: one for each mode of the strategy that is meant."""
    values = given_to(strategy, given)
    if not strategy.modes:
        return [strategy.params_type(**values)]
    return [strategy.params_type(mode=mode, **values) for mode in modes_asked(strategy, given)]


def _run(
    session: Session,
    sets: list[Params],
    model: ModelName | None,
    fees_bps: float | None,
    overrides: Overrides,
    *,
    per_segment: bool = False,
) -> list[Analysis]:
    """Every parameter set in every model, printed."""
    models = choose_models(session.settings, name=model, fees_bps=fees_bps, overrides=overrides)
    show_header(session.panel, session.rows)
    if session.panel.bad_prints:
        say(bad_print_words(session.panel, models))
    analyses = [analyse(session.panel, params, models, session.rows) for params in sets]
    for analysis in analyses:
        show_analysis(analysis, per_segment=per_segment)
    return analyses


def _write_events(analyses: list[Analysis], path: Path) -> None:
    model = analyses[0].models[-1].name
    tables = [analysis.results[model].events() for analysis in analyses]
    table = pd.concat(tables, ignore_index=True).sort_values("entry_time", kind="stable")
    write_text(path, table.to_csv(index=False, lineterminator="\n"))
    say(f"wrote {path}: {len(table):,} trades of the {model} model")
