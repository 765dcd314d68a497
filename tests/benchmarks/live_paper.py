"""Paper runs: the same decisions from a recording, kills at random moments, thirty days at once."""

import json
import os
import random
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from strategies.live.feeds import FeedEvent, Recording
from strategies.live.paper import PaperSettings
from strategies.live.paper.session import PaperSession, Rules
from strategies.live.settings import GateSettings, RiskSettings
from strategies.live.stream import LiveMinute, minutes_of_frame
from tests.samples.forks import forked, is_killed
from tests.samples.markets import small_frame
from tests.samples.recordings import (
    FIRST,
    events_of,
    paper_config,
    recorded_minutes,
    write_recording,
)

_DAY = 1440
_KILL_MINUTES = 240


def journal(count: int) -> dict[str, Any]:
    """``differences`` between ledger and journal of events and of their recording, line by line.

    ``count``: minutes of it.
    """
    history, minutes = recorded_minutes()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        events = list(events_of(minutes[:count]))
        path = write_recording(folder / "recording.jsonl", iter(events))
        _whole(folder / "heard", history, events)
        _whole(folder / "replayed", history, Recording((path,), "BTCUSDT", "BTC-USD"))
        heard, replayed = (_lines(folder / each) for each in ("heard", "replayed"))
    differing = sum(one != other for one, other in zip(heard, replayed, strict=False))
    told = {"events": len(events), "lines": len(heard)}
    return {"differences": differing + abs(len(heard) - len(replayed))} | told


def kills(count: int) -> dict[str, Any]:
    """``position_mismatch``: positions after a kill; ``unlike_at_the_end``: whole runs."""
    chance = random.Random(16)
    history, minutes = recorded_minutes()
    events = list(events_of(minutes[:_KILL_MINUTES]))
    told = {"position_mismatch": 0, "kills": 0, "with_positions": 0, "runs_to_the_end": 0}
    told["unlike_at_the_end"] = 0
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        _whole(root / "whole", history, events)
        began = time.perf_counter()
        _whole(root / "again", history, events)
        spent = time.perf_counter() - began  # of a run that nobody kills, on this machine
        want, run = _lines(root / "whole"), 0
        while told["kills"] < count:
            folder = root / f"run-{run}"
            pid = forked(lambda folder=folder: _whole(folder, history, events))
            if is_killed(pid, chance.uniform(0.0, spent)):
                told["kills"] += 1
                found = _session(folder, history)
                held = set(found.run.ledger.positions)
                told["with_positions"] += bool(held)
                told["position_mismatch"] += held != _summed(folder)
                found.close(is_over=False)
            else:
                told["unlike_at_the_end"] += _lines(folder) != want
                told["runs_to_the_end"] += 1
                run += 1
    return told


def soak(count: int) -> dict[str, Any]:
    """``rss_growth_pct`` from the second day to the last of ``count`` simulated ones."""
    frame = small_frame(1.0, count + 2.0)
    history, _ = recorded_minutes(frame)
    began = time.perf_counter()
    after: list[int] = []
    with tempfile.TemporaryDirectory() as name:
        session = _session(Path(name), history)
        for day in range(count):
            session_minutes = _of_day(frame, day)
            for event in events_of(session_minutes, step_ms=1500):
                session.take(event)
            after.append(_rss())
        consumed = session.run.consumed
        session.close()
    base = after[min(1, len(after) - 1)]
    return {
        "rss_growth_pct": round((after[-1] / base - 1) * 100, 2),
        "days": count,
        "events": consumed,
        "rss_mib": round(after[-1] / 2**20, 1),
        "seconds": round(time.perf_counter() - began, 1),
    }


def _rss() -> int:
    """Bytes of this process in memory."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _of_day(frame: Any, day: int) -> list[LiveMinute]:
    first = FIRST + day * _DAY
    return [each for k, each in enumerate(minutes_of_frame(frame)) if first <= k < first + _DAY]


def _rules() -> Rules:
    return Rules(
        config=paper_config(), config_hash="b" * 64, risk=RiskSettings(), gate=GateSettings(),
        # often: a run of half a second must be taken up again amid positions, too
        paper=PaperSettings(checkpoint_sec=0.005),
    )  # fmt: skip


def _session(folder: Path, history: Iterable[LiveMinute]) -> PaperSession:
    return PaperSession(_rules(), folder, source="bench", is_replay=True, history=history)


def _whole(folder: Path, history: Iterable[LiveMinute], events: Iterable[FeedEvent]) -> None:
    session = _session(folder, history)
    session.feed(events)
    session.close()


def _lines(folder: Path) -> list[bytes]:
    paths = [folder / "ledger.jsonl", *sorted((folder / "journal").iterdir())]
    return [line for path in paths for line in path.read_bytes().splitlines()]


def _summed(folder: Path) -> set[str]:
    """Ids of open positions by the kept part of the ledger, counted here and not by the run."""
    size = json.loads((folder / "paper.json").read_text())["ledger_bytes"]
    held: set[str] = set()
    for raw in (folder / "ledger.jsonl").read_bytes()[:size].splitlines():
        line = json.loads(raw)
        if line["kind"] == "open":
            held.add(line["id"])
        elif line["kind"] == "close":
            held.remove(line["id"])
    return held
