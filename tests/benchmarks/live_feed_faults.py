"""Seeded schedules of faults through sockets, feeds and the paper run, in virtual time.

The local exchange serves a moving market over real sockets of the loopback and misbehaves by
schedule; ``heard`` listens, reconnects and resyncs; the paper run asks the gate and fills orders.
Whatever it enters is held against what is true of the market at that moment.
"""

import asyncio
import json
import os
import tempfile
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from contextlib import aclosing
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from aiohttp import web

from research.quotes.socket import StreamSettings
from strategies.live.feeds.live import Addresses, heard
from strategies.live.paper import PaperSettings
from strategies.live.paper.session import PaperSession, Rules
from strategies.live.risk import RiskState
from strategies.live.settings import GateSettings, RiskSettings
from strategies.live.stream import LiveMinute, Signal, Stream
from tests.benchmarks.live_faults import KINDS
from tests.exchange.moving import Fault, MovingVenues
from tests.samples.recordings import paper_config, recorded_minutes
from tests.samples.virtual_time import run_virtually

__all__ = ["FAULTY_SEC", "SECONDS", "faults_of", "feed_faults"]

FAULTY_SEC, SECONDS = 120.0, 270.0
_LIMIT_SEC = 2.0  # the config's largest age of a book
_FAR = 0.01  # a fill this far from the true middle was made on a wrong book
_CLOCKS = ("clock_back", "clock_ahead")


def faults_of(seed: int) -> list[Fault]:
    """One to five faults within the first two minutes."""
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(rng.integers(1, 6)):
        kind, venue = str(rng.choice(KINDS)), str(rng.choice(["binance", "dydx"]))
        since = float(rng.uniform(0.0, FAULTY_SEC - 10.0))
        until = min(FAULTY_SEC, since + float(rng.uniform(0.5, 40.0)))
        strength = float(rng.choice([-1.0, 1.0]) * rng.uniform(0.03, 0.9))
        is_oracle = kind.startswith("oracle")
        found.append(Fault(kind, "dydx" if is_oracle else venue, since, until, strength))
    return found


def feed_faults(count: int) -> dict[str, Any]:
    """``stale_entries``, ``crashes`` and ``recovered`` of ``count`` schedules, on all cores."""
    told: Counter[str] = Counter()
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        for each in pool.map(_safely, range(count), chunksize=5):
            told.update(each)
    names = ("stale_entries", "crashes", "recovered", "signals", "entries", "halted", "losses")
    crashed = {name: n for name, n in told.items() if name.startswith("crash ")}
    return {"schedules": count} | {name: told[name] for name in names} | crashed


def _safely(seed: int) -> Counter[str]:
    try:
        with tempfile.TemporaryDirectory() as folder:
            return run_virtually(_one(seed, Path(folder)))
    except Exception as error:
        return Counter(["crashes", f"crash {seed}: {type(error).__name__}: {error}"])


@cache
def _market() -> tuple[list[LiveMinute], list[int]]:
    """All minutes, and the indices of those that close with a signal."""
    history, minutes = recorded_minutes()
    stream = Stream.of_config(paper_config())
    stream.warm(history)
    found = [
        k
        for k, minute in enumerate(minutes)
        if any(isinstance(each, Signal) for each in stream.push(minute))
    ]
    room = len(minutes) - int(SECONDS / 60) - 3
    return [*history, *minutes], [len(history) + k for k in found if 1 <= k < room]


async def _one(seed: int, folder: Path) -> Counter[str]:
    minutes, signals = _market()
    first = signals[seed % len(signals)]  # it closes in the second minute, amid the faults
    start_ms = minutes[first].minute * 60_000 - 1000.0
    loop = asyncio.get_running_loop()
    faults, began = faults_of(seed), loop.time()
    venues = MovingVenues(
        minutes[first - 2 :], faults, start_ms, clock_sec=lambda: loop.time() - began
    )

    def now_ms() -> float:
        sec = venues.clock_sec()
        jump = sum(
            (30_000.0 if each.kind == "clock_ahead" else -30_000.0) * abs(each.strength)
            for each in faults
            if each.kind in _CLOCKS and each.since_sec <= sec < each.until_sec
        )
        return start_ms + sec * 1000 + jump

    app = web.Application()
    app.add_routes(venues.routes())
    runner = web.AppRunner(app, shutdown_timeout=0.0, handle_signals=False)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    address = f"ws://127.0.0.1:{runner.addresses[0][1]}"
    session = PaperSession(
        _rules(), folder, source="faults", is_replay=True, history=minutes[:first],
        clock=lambda: 0.0,
    )  # fmt: skip
    told: Counter[str] = Counter()
    events = heard(
        Addresses(
            binance_public=f"{address}/public/ws",
            binance_market=f"{address}/market/ws",
            dydx_public=f"{address}/v4/ws",
            binance="BTCUSDT",
            dydx="BTC-USD",
        ),
        patience=StreamSettings(silence_s=10.0, longest_wait_s=5.0),
        now_ms=now_ms,
        jitter=lambda: 0.0,
        on_refusal=lambda url, words: None,
    )
    ledger = session.run.ledger
    async with aclosing(events):
        async for event in events:
            seen = ledger.size
            session.take(event)
            sec = venues.clock_sec()
            if ledger.size > seen:
                told.update(_judged(ledger.path, seen, venues, sec))
            if sec >= SECONDS:
                break
    state = session.run.gate.machine.memory.state
    told["recovered"] += state is RiskState.CAN_TRADE
    if state is not RiskState.CAN_TRADE:
        told[f"crash {seed} ended in {state}"] += 1
    session.close()
    await runner.cleanup()
    return told


def _judged(path: Path, since: int, venues: MovingVenues, sec: float) -> Counter[str]:
    """What was written since, held against the truth at this moment.

    A decision must not rest on what is doubtful; an order that was sent before a fault began is
    filled in it, at a price that must be true.
    """
    told: Counter[str] = Counter()
    for raw in path.read_bytes()[since:].splitlines():
        line = json.loads(raw)
        is_doubtful = venues.is_doubtful(sec, _LIMIT_SEC)
        match line["kind"]:
            case "signal":
                told["signals"] += 1
                told["stale_entries"] += line["action"] != "refuse" and is_doubtful
            case "open":
                told["entries"] += 1
                away = abs(line["price"] / venues.mid("dydx", sec) - 1)
                told["stale_entries"] += away > _FAR
            case "state" if line["state"] in ("HALT", "ESCAPE"):
                told["halted"] += 1
            case "feed" if not line["is_up"]:
                told["losses"] += 1
    return told


def _rules() -> Rules:
    return Rules(
        config=paper_config(), config_hash="f" * 64, risk=RiskSettings(), gate=GateSettings(),
        paper=PaperSettings(checkpoint_sec=3600),
    )  # fmt: skip
