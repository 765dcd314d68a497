"""Armed sets of every kind, streams over panels, and what the backtest makes of the same."""

from collections.abc import Sequence

import numpy as np

from research.features.panel import Panel
from research.measures.costs import Costs
from strategies.backtest.backtest import backtest
from strategies.law.execution import Execution
from strategies.law.filters import EntryFilters
from strategies.law.funding import funding_venues
from strategies.lead_follow.params import LeadFollowParams
from strategies.live.stream import ArmedSet, Closed, Stream, StreamRules, minutes_of_frame
from strategies.reversion.params import ReversionParams

COSTS = Costs(fees_bps=10.0, slippage_bps=1.0, funding=True)


def random_sets(count: int, seed: int) -> tuple[ArmedSet, ...]:
    """Busy sets of both strategies with filters, executions and windows of all kinds."""
    rng = np.random.default_rng(seed)
    return tuple(_random_set(str(k), rng) for k in range(count))


def _random_set(name: str, rng: np.random.Generator) -> ArmedSet:
    def maybe(share: float) -> bool:
        return bool(rng.random() < share)

    filters = EntryFilters(
        max_age_min=float(rng.choice([0.0, 3.0, np.inf])),
        sessions=("asia", "us") if maybe(0.3) else ("asia", "europe", "us"),
        regimes=("calm", "wild") if maybe(0.3) else ("calm", "normal", "wild"),
        needs_alignment=maybe(0.1),
        rsi_timeframe=str(rng.choice(["1m", "5m", "15m", "1h"])),  # type: ignore[arg-type]
        rsi_min=20.0 if maybe(0.3) else 0.0,
        rsi_max=75.0 if maybe(0.3) else 100.0,
        max_funding_pct=0.001 if maybe(0.2) else float("inf"),
        **({"score_column": "atr_pct", "score_min": 0.03} if maybe(0.2) else {}),  # type: ignore[arg-type]
    )
    execution = Execution(
        fill=str(rng.choice(["close", "next_open"])),  # type: ignore[arg-type]
        touch=str(rng.choice(["close", "intrabar"])),  # type: ignore[arg-type]
        overlap=maybe(0.4),
        trusts_prints=maybe(0.5),
    )
    reference = str(rng.choice(["raw", "excess"]))
    if maybe(0.6):
        params: LeadFollowParams | ReversionParams = LeadFollowParams(
            mode=str(rng.choice(["short", "long"])),  # type: ignore[arg-type]
            reference=reference,  # type: ignore[arg-type]
            window=int(rng.integers(1, 20)),
            move_pct=float(rng.choice([0.03, 0.08])),
            spread_entry=float(rng.choice([0.0, 0.02])),
            tp=float(rng.choice([0.1, 0.3])),
            sl=float(rng.choice([0.1, 0.3])),
            horizon=int(rng.integers(1, 40)),
            cooldown=int(rng.integers(0, 20)),
            filters=filters,
        )
    else:
        params = ReversionParams(
            reference=reference,  # type: ignore[arg-type]
            entry=float(rng.choice([0.02, 0.05])),
            exit=0.005,
            max_hold=int(rng.integers(1, 60)),
            min_gap=int(rng.integers(0, 20)),
            filters=filters,
        )
    return ArmedSet(id=name, params=params, execution=execution, costs=COSTS)


def stream_over(panel: Panel, sets: Sequence[ArmedSet]) -> Stream:
    """A stream by the rules of ``panel``, before its first minute."""
    rules = StreamRules(
        panel=panel.settings,
        edges=panel.edges,
        silence=None,
        funding=funding_venues(panel, 2),
    )
    return Stream(sets, rules)


def streamed(panel: Panel, sets: Sequence[ArmedSet]) -> Stream:
    """The same at the end of the frame."""
    stream = stream_over(panel, sets)
    for minute in minutes_of_frame(panel.frame):
        stream.push(minute)
    stream.finish()
    return stream


def differences(panel: Panel, sets: Sequence[ArmedSet], closed: Sequence[Closed]) -> int:
    """Trades of the stream that the backtest has not, and the other way round, bit for bit."""
    found = 0
    for armed in sets:
        want = backtest(panel, armed.params, execution=armed.execution, costs=armed.costs)
        ours = sorted(each.trade.item() for each in closed if each.set_id == armed.id)
        theirs = sorted(want.positions.tolist())
        found += abs(len(ours) - len(theirs))
        found += sum(
            np.array(one).tobytes() != np.array(other).tobytes()
            for one, other in zip(ours, theirs, strict=False)
        )
    return found
