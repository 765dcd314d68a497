"""What is printed of studies."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.table import Table

from research.errors import SearchError
from sweeps.cli.terminal import console, say
from sweeps.study.books import Books
from sweeps.study.listing import (
    StudyRow,
    list_studies,
    neighbours_of,
    read_trials,
    top_trials,
)
from sweeps.study.study import front_of
from sweeps.study.trials import (
    BOUND,
    DRAWDOWN,
    EVENTS,
    FOLDS,
    MEAN,
    PARAMS,
    SCORE,
    is_feasible,
)

__all__ = ["print_best", "print_comparison", "print_studies"]


def print_studies(books: Books) -> None:
    """A line for each study."""
    table = Table("study", "trials", "sets", "feasible", "score %", "lcb %", "trades", "says")
    for row in list_studies(books):
        table.add_row(
            row.study,
            f"{row.trials} of {row.wanted}",
            f"{row.sets:,}",
            f"{row.feasible}",
            *("-" if value is None else f"{value:+.4f}" for value in (row.score, row.lcb_pnl)),
            "-" if row.events is None else f"{row.events}",
            _says(row),
        )
    console.print(table)
    console.print("best of many, in sample: `leadfollow verdict` judges them", style="dim")


def print_best(books: Books, segment: str | None, top: int) -> None:
    """The best sets of each study, in full."""
    for row in list_studies(books):
        if segment is not None and row.segment != segment:
            continue
        if row.score is None:
            say(f"{row.study}: no feasible set in {row.trials} trials; {_says(row)}")
            continue
        trials = read_trials(books, row.study)
        say(f"{row.study}: best of {row.sets:,} sets, in sample")
        for place, trial in enumerate(top_trials(trials, top), start=1):
            _print_set(place, trial.user_attrs)
            near = [_scored(each) for each in neighbours_of(trial, trials)]
            say(f"      nearest trials score {', '.join(near) or '-'}")
        if row.sampler == "nsga2":
            _print_front(row.study, front_of(trials))


def print_comparison(books: Books, one: str, other: str) -> None:
    """Two best sets side by side."""
    rows = {row.study: row for row in list_studies(books)}
    for name in (one, other):
        if name not in rows:
            raise SearchError(f"no study {name!r}; there are {', '.join(rows) or 'none'}")
    pair = rows[one], rows[other]
    table = Table("", one, other)
    for name in ("trials", "sets", "feasible", "score", "lcb_pnl", "events"):
        table.add_row(name, *(_short(getattr(row, name)) for row in pair))
    names = [*pair[0].params, *(name for name in pair[1].params if name not in pair[0].params)]
    for name in names:
        cells = [_short(row.params.get(name)) for row in pair]
        table.add_row(name, *cells, style="bold" if cells[0] != cells[1] else None)
    console.print(table)


def _print_set(place: int, known: Mapping[str, Any]) -> None:
    params = ", ".join(f"{name}={value:.6g}" for name, value in known[PARAMS].items())
    worst = known[DRAWDOWN]
    drawdown = "" if worst is None else f", worst drawdown {worst:.2f} %"
    say(
        f"  {place}. score {known[SCORE]:+.4f} %, lower bound {known[BOUND]:+.4f} %, mean "
        f"{known[MEAN]:+.4f} % over {known[EVENTS]} trades{drawdown}"
    )
    say(f"      {params}")
    folds = ", ".join(f"{mean:+.4f} ({events})" for events, mean in known[FOLDS])
    say(f"      folds, mean % (trades): {folds}")


def _print_front(name: str, front: Sequence[Any]) -> None:
    table = Table("mean %", "worst drawdown %", "trades", "parameters", title=f"{name}: front")
    for trial in front:
        known = trial.user_attrs
        params = ", ".join(f"{name}={value:.6g}" for name, value in known[PARAMS].items())
        table.add_row(f"{known[MEAN]:+.4f}", f"{known[DRAWDOWN]:.2f}", f"{known[EVENTS]}", params)
    console.print(table)


def _says(row: StudyRow) -> str:
    words = [] if row.stopped is None else [row.stopped]
    if row.seconds_left:
        words.append(f"{_span(row.seconds_left)} left")
    if row.score is None:
        words.append("no set" if row.fallback is None else f"falls back to {row.fallback}")
    return "; ".join(words)


def _span(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min" if minutes else f"{rest} s"


def _short(value: Any) -> str:
    return "-" if value is None else f"{value:,}" if isinstance(value, int) else f"{value:.6g}"


def _scored(trial: Any) -> str:
    return f"{trial.user_attrs[SCORE]:+.4f} %" if is_feasible(trial) else "infeasible"
