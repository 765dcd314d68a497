"""Walk-forward: searched on the past, frozen, traded on what comes next; again and again.

::

    |--- first train ---|-- test 1 --|-- test 2 --|-- ... --|-- test k --|==== holdout ====|
    |------ train of test 2 (anchored) ----------|purge      the walk: its trades are pooled

Each step fits regime edges, searches and chooses on rows before its test, less a purge of the
longest hold; then the chosen sets trade the test, frozen. The tests' trades are pooled: they are
the evidence. A last search, on everything before the holdout, makes the sets that are exported;
the holdout, which no search saw, is traded by them once, for confirmation.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Literal, Protocol

import numpy as np

from research.arrays import Bools, Floats, Ints, Records
from research.errors import EvidenceError
from research.features.panel import Panel
from research.statistics.splits import Stretch, walk_forward
from strategies.backtest.backtest import backtest
from strategies.backtest.model import Model
from strategies.law.position import POSITION
from strategies.registry import Params
from sweeps.settings import VerdictSettings
from sweeps.verdict.choice import Choice
from sweeps.verdict.claims import Claim, claims_of

__all__ = ["MINUTES_OF_A_DAY", "Search", "Step", "Trades", "Walk", "WalkKind", "trade", "walk"]

MINUTES_OF_A_DAY = 1440
WalkKind = Literal["anchored", "rolling"]


class Search(Protocol):
    """What a walk needs of a search."""

    @property
    def bases(self) -> Mapping[str, Params]:
        """Parameters that the search does not vary, by base name."""

    @property
    def model(self) -> Model:
        """How its trades are filled and charged."""

    @property
    def sets(self) -> int:
        """How many sets one search looks at."""

    @property
    def longest_hold(self) -> int:
        """Minutes that a trade of any of its sets may last."""

    def choose(self, panel: Panel, rows: slice) -> dict[Claim, Choice]:
        """The set for every claim, from ``rows`` alone."""

    def aside(self, claim: Claim, choice: Choice) -> Mapping[str, Params]:
        """Sets one level away along each axis, by ``name-`` and ``name+``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One search and what it may trade."""

    train: slice
    test: slice
    panel: Panel  # with regime edges of the training rows
    seen: Mapping[Claim, Choice]  # the best set of each claim, also where it does not earn

    @property
    def chosen(self) -> dict[Claim, Choice]:
        """What the step trades: the sets that earned on its training rows."""
        return {claim: choice for claim, choice in self.seen.items() if choice.earns}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Trades:
    """Trades of one claim over some steps, in the order of entry."""

    positions: Records  # POSITION, shape (trades,)
    minute: Ints  # epoch minutes of the entries
    step: Ints  # number of the step that traded
    session: Ints  # index into SESSIONS, of the entries
    regime: Ints  # index into REGIMES by the edges of the step, -1 unknown

    def __len__(self) -> int:
        return len(self.positions)

    @property
    def net_pct(self) -> Floats:
        """Net pnl, percent."""
        net: Floats = self.positions["net_pct"]
        return net

    @property
    def gross_pct(self) -> Floats:
        """Pnl before costs, percent."""
        gross: Floats = self.positions["gross_pct"]
        return gross

    @property
    def day(self) -> Ints:
        """Day of each entry, UTC, since 1970."""
        return self.minute // MINUTES_OF_A_DAY

    def of(self, chosen: Iterable[bool]) -> "Trades":
        """Some of the trades."""
        keep = np.asarray(chosen)
        return self._at(keep)

    @classmethod
    def joined(cls, parts: "list[Trades]") -> "Trades":
        """All trades of ``parts``, by time of entry."""
        whole = cls(
            **{
                each.name: np.concatenate([getattr(part, each.name) for part in parts])
                for each in fields(cls)
            }
        )
        return whole._at(np.argsort(whole.minute, kind="stable"))

    def _at(self, chosen: Bools | Ints) -> "Trades":
        return Trades(**{each.name: getattr(self, each.name)[chosen] for each in fields(self)})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Walk:
    """What a walk-forward made of one panel.

    Attributes
    ----------
    steps
        The walk, in time.
    last
        The search on everything before the holdout, whose sets are exported.
    trades
        By claim: what the steps traded, pooled.
    """

    panel: Panel
    model: Model
    claims: tuple[Claim, ...]
    steps: tuple[Step, ...]
    last: Step
    trades: Mapping[Claim, Trades]
    longest_hold: int
    sets: int  # looked at by each search
    kind: WalkKind

    @property
    def pooled_rows(self) -> slice:
        """The rows that the pooled trades were entered in."""
        return slice(self.steps[0].test.start, self.steps[-1].test.stop)

    @property
    def pooled_days(self) -> float:
        """Length of the evidence, days."""
        return int(self.pooled_rows.stop - self.pooled_rows.start) / MINUTES_OF_A_DAY

    def traded(
        self,
        claim: Claim,
        *,
        params_of: Callable[[Choice], Params | None] = lambda choice: choice.params,
        panel_of: Callable[[Step, int], Panel] = lambda step, _: step.panel,
    ) -> Trades:
        """The pooled trades of ``claim`` once more, changed: see :func:`trade`."""
        return trade(
            self.model,
            self.steps,
            claim,
            self.longest_hold,
            self.last.test.start,
            params_of=params_of,
            panel_of=panel_of,
        )


def walk(
    panel: Panel,
    search: Search,
    settings: VerdictSettings,
    *,
    kind: WalkKind | None = None,
    on_search: Callable[[int], object] = lambda _: None,
) -> Walk:
    """Searches and trades ``panel`` step by step.

    Parameters
    ----------
    on_search
        Called with 1 after each of ``settings.stretches + 1`` searches.

    Raises
    ------
    EvidenceError
        The frame is too short for a training span, the tests and a holdout.
    """
    chosen_kind = kind or settings.walk
    n, hold = len(panel), search.longest_hold
    held = n - int(n * settings.holdout_share)
    first = int(n * settings.first_train_share)
    if first <= hold or held - first < settings.stretches * 2 or n - held < 2:
        raise EvidenceError(
            f"{panel.frame.label}: {n:,} minutes are too few for {settings.stretches} tests after "
            f"a first training span of {first:,} with holds of up to {hold:,} minutes, and a "
            "holdout; take a longer span or a shorter longest hold"
        )
    stretches = walk_forward(
        held, stretches=settings.stretches, first_train=first, purge=hold, kind=chosen_kind
    )
    steps = []
    for stretch in stretches:
        steps.append(_step(panel, search, stretch))
        on_search(1)
    begin = 0 if chosen_kind == "anchored" else held - first
    last = _step(panel, search, Stretch(slice(begin, held - hold), slice(held, n)))
    on_search(1)
    claims = claims_of(search.bases)
    return Walk(
        panel=panel,
        model=search.model,
        claims=claims,
        steps=tuple(steps),
        last=last,
        trades={claim: trade(search.model, steps, claim, hold, held) for claim in claims},
        longest_hold=hold,
        sets=search.sets,
        kind=chosen_kind,
    )


def _step(panel: Panel, search: Search, stretch: Stretch) -> Step:
    trained = panel.with_edges_of(stretch.train)
    if trained.edges.is_in_sample:
        raise EvidenceError(
            f"{panel.frame.label}: regime edges fitted on {trained.edges.fitted_on}, the span they "
            "are applied to; leave a test out of the training rows"
        )
    seen = search.choose(trained, stretch.train)
    return Step(train=stretch.train, test=stretch.test, panel=trained, seen=seen)


def trade(
    model: Model,
    steps: Iterable[Step],
    claim: Claim,
    longest_hold: int,
    end: int,
    *,
    params_of: Callable[[Choice], Params | None] = lambda choice: choice.params,
    panel_of: Callable[[Step, int], Panel] = lambda step, _: step.panel,
) -> Trades:
    """What the steps' sets for ``claim`` trade on their tests; changed, for stress and placebos.

    A trade belongs to the test of its entry and may end after it, but not after row ``end``.

    Parameters
    ----------
    params_of
        The set to trade in place of the chosen one; None trades nothing in that step.
    panel_of
        From a step and its number to the minutes to trade on.
    """
    parts = []
    for number, step in enumerate(steps):
        choice = step.seen.get(claim)
        if choice is None or not choice.earns:
            continue
        params = params_of(choice)
        if params is None:
            continue
        stop = min(step.test.stop + longest_hold, end)
        result = backtest(
            panel_of(step, number),
            params,
            execution=model.execution,
            costs=model.costs(params),
            rows=slice(step.test.start, stop),
        )
        positions = result.positions[result.positions["entry"] < step.test.stop]
        parts.append(_trades(positions, step.panel, number))
    return Trades.joined(parts) if parts else _trades(np.zeros(0, dtype=POSITION), None, 0)


def _trades(positions: Records, panel: Panel | None, number: int) -> Trades:
    entry, none = positions["entry"], np.zeros(0, dtype=np.int64)
    return Trades(
        positions=positions,
        minute=none if panel is None else panel.minute[entry],
        step=np.full(len(positions), number),
        session=none if panel is None else panel.session[entry],
        regime=none if panel is None else panel.regime[entry],
    )
