"""How long a minute of thirty armed sets takes, and an answer of the gate, here and over HTTP."""

import json
import statistics
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np

from research.data.synthetic.market import SyntheticSpec
from research.features.panel import features
from research.frame.load import synthetic_frame
from strategies.law.execution import EXECUTABLE
from strategies.lead_follow.params import LeadFollowParams
from strategies.live.stream import ArmedSet, minutes_of_frame
from strategies.reversion.params import ReversionParams
from tests.benchmarks.live_served import Connection, asked, closed_minutes, served
from tests.samples.gates import NOW, calm_gate, market
from tests.samples.streams import COSTS, stream_over

SETS = 30
RATE = 500  # requests a second
THREADS = 2


def armed() -> list[ArmedSet]:
    """Thirty sets as exports have them: both strategies and modes, levels around the defaults."""
    made = []
    for k in range(SETS):
        params: LeadFollowParams | ReversionParams
        if k % 3 == 2:
            params = ReversionParams(entry=0.05 + 0.005 * (k % 10), exit=0.02)
        else:
            params = LeadFollowParams(
                mode="short" if k % 3 else "long",
                window=3 + k % 8,
                move_pct=0.08 + 0.01 * (k % 8),
                spread_entry=0.04 + 0.01 * (k % 5),
            )
        made.append(ArmedSet(id=str(k), params=params, execution=EXECUTABLE, costs=COSTS))
    return made


def us_per_minute() -> dict[str, Any]:
    """Median of five runs over ten synthetic days."""
    panel = features(synthetic_frame(SyntheticSpec(days=10.0)))
    minutes = list(minutes_of_frame(panel.frame))
    runs, of_processor, trades = [], [], 0
    for _ in range(6):  # the first one compiles
        stream = stream_over(panel, armed())
        began, began_processor = time.perf_counter(), time.process_time()
        for minute in minutes:
            stream.push(minute)
        of_processor.append((time.process_time() - began_processor) / len(minutes) * 1e6)
        runs.append((time.perf_counter() - began) / len(minutes) * 1e6)
        trades = len(stream.closed_trades)
    return {
        "us_per_minute": round(statistics.median(runs[1:]), 2),
        "us_per_minute_best": round(min(runs[1:]), 2),
        "us_per_minute_processor": round(statistics.median(of_processor[1:]), 2),
        "trades": trades,
    }


def gate_ms(count: int = 20_000) -> dict[str, float]:
    """One question after the other in this process, all of which go all the way."""
    gate, taken, allowed = calm_gate(), np.empty(count), 0
    for k in range(count):
        question = market(NOW + k * 0.1)
        began = time.perf_counter()
        decision = gate.decide(NOW + k * 0.1, question)
        taken[k] = time.perf_counter() - began
        allowed += decision.allows
    low, high = np.quantile(taken, [0.5, 0.99]) * 1000
    return {
        "gate_p50_ms": round(float(low), 4),
        "gate_p99_ms": round(float(high), 4),
        "gate_allowed_share": allowed / count,
    }


class _Asker(threading.Thread):
    """Asks at its times; a question whose time has passed is asked at once and is late."""

    def __init__(self, port: int, times: list[float]) -> None:
        super().__init__()
        self._connection, self._times = Connection(port), times
        self.taken: list[float] = []
        self.errors = self.late = self.allowed = 0

    def run(self) -> None:
        for at in self._times:
            wait = at - time.perf_counter()
            if wait > 0:
                time.sleep(wait)
            self.late += wait < -0.01
            body = json.dumps(asked()).encode()
            began = time.perf_counter()
            try:
                status, reply = self._connection.ask("/v1/decide", body)
            except OSError:
                self.errors += 1
                return
            self.taken.append(time.perf_counter() - began)
            self.errors += status != 200
            self.allowed += b'"allow' in reply


def serve_ms(seconds: int) -> dict[str, Any]:
    """``RATE`` questions a second over the loopback; minutes are pushed as they close."""
    with tempfile.TemporaryDirectory() as folder, served(Path(folder)) as port:
        pusher, pushed = Connection(port), int(time.time() // 60)
        pusher.ask("/v1/minutes", json.dumps(closed_minutes(1000)).encode())
        for _ in range(25):  # until it is calm
            pusher.ask("/v1/decide", json.dumps(asked()).encode())
            time.sleep(1)
        began = time.perf_counter() + 0.1
        askers = [
            _Asker(port, [began + k / RATE for k in range(i, RATE * seconds, THREADS)])
            for i in range(THREADS)
        ]
        for each in askers:
            each.start()
        while any(each.is_alive() for each in askers):
            if int(time.time() // 60) > pushed:
                pushed = int(time.time() // 60)
                pusher.ask("/v1/minutes", json.dumps(closed_minutes(1)).encode())
            time.sleep(0.05)
        taken = np.concatenate([each.taken for each in askers]) * 1000
        spent = time.perf_counter() - began
    low, high, highest = np.quantile(taken, [0.5, 0.99, 1.0])
    return {
        "serve_p50_ms": round(float(low), 3),
        "serve_p99_ms": round(float(high), 3),
        "serve_max_ms": round(float(highest), 1),
        "requests": len(taken),
        "per_second": round(len(taken) / spent, 1),
        "errors": sum(each.errors for each in askers),
        "late": sum(each.late for each in askers),
        "allowed": sum(each.allowed for each in askers),
    }


def speed(count: int) -> dict[str, Any]:
    """All three; ``count`` seconds of requests."""
    return us_per_minute() | gate_ms() | serve_ms(count)
