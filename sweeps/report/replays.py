"""vectorbt's accounts of the exported sets, by processes that have nothing else to do."""

from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress

from research.features.panel import Panel
from strategies.backtest.portfolio import replay_in_vectorbt
from sweeps.study.crew import Crew
from sweeps.verdict.judgement import Judged
from sweeps.verdict.verdict import Stage, Verdict

__all__ = ["begin_replays"]


def begin_replays(
    panel: Panel, verdict: Verdict, stage: Stage, ready: Crew | None
) -> Callable[[], dict[str, str]]:
    """Begins the accounts of every exported set; what it gives waits for them, by set.

    Without processes, or where they are gone, it is done when it is waited for.
    """
    exported = [
        each
        for each in verdict.judged
        if each.params is not None and each.inside is not None and each.held_out is not None
    ]
    if verdict.walk.model.execution.overlap:  # vectorbt holds one position at a time
        exported = []
    pending: dict[str, Future[str]] = {}
    if ready is not None:
        with suppress(BrokenProcessPool):  # then it is done here
            for each in exported:
                pending[each.name] = ready.hand_out(_replayed, panel, each)

    def words() -> dict[str, str]:
        found: dict[str, str] = {}
        title = "vectorbt replay (its import takes a while)"
        with stage(title, len(exported)) as advance:
            for each in exported:
                with suppress(BrokenProcessPool):
                    if known := pending.get(each.name):
                        found[each.name] = known.result()
                if each.name not in found:
                    found[each.name] = _replayed(each)
                advance(1)
        return found

    return words


def _replayed(judged: Judged, *_: object) -> str:
    if judged.inside is None or judged.held_out is None:
        raise ValueError(f"{judged.name} made no trades to replay")
    inside, held_out = map(replay_in_vectorbt, (judged.inside, judged.held_out))
    return f"in sample {inside}; holdout {held_out}"
