"""Recordings of both venues made of a frame's minutes: books every few seconds, and the minutes."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from research.frame.frame import Frame
from strategies.bot.config import BotConfig
from strategies.live.feeds.events import BookHeard, FeedEvent, MinuteHeard, OracleHeard
from strategies.live.feeds.lines import line_of
from strategies.live.stream import LiveMinute, minutes_of_frame
from tests.samples.gates import config, example
from tests.samples.markets import small_frame

FIRST, MINUTES = 1500, 600  # of the synthetic frame: history before, recording from there
_CORNERS = ("open", "low", "high", "close")


def paper_config(**changes: object) -> BotConfig:
    """Two busy sets of the synthetic market, in ranges that nothing leaves."""
    raw = example()
    one = raw["sets"][0]
    one["parameters"]["move_pct"]["value"] = 0.05
    one["parameters"]["spread_entry"]["value"] = 0.02
    one["filters"]["max_age_min"] = 3.0
    other = json.loads(json.dumps(one)) | {"id": "lead-long.all", "mode": "long"}
    ranges = raw["validity"]["ranges"]
    wide = {name: each | {"max_outside": 1.0} for name, each in ranges.items()}
    validity = raw["validity"] | {"ranges": wide, "expires_at": "2036-01-01T00:00Z"}
    guards = {"max_concurrent_positions": 3, "max_daily_loss_usdt": 1e6}
    guards |= {"max_consecutive_losses": 1000}
    guards["volatility"] = raw["guards"]["volatility"] | {"slow_above": 5.0, "halt_above": 9.0}
    sets = [one, other]
    made = config(guards=guards, **({"validity": validity, "sets": sets} | changes))
    return made.model_copy(update={"evidence_sha256": made.digest()})


def recorded_minutes(frame: Frame | None = None) -> tuple[list[LiveMinute], list[LiveMinute]]:
    """History, and the minutes of the recording."""
    known = list(minutes_of_frame(frame or small_frame()))
    return known[:FIRST], known[FIRST : FIRST + MINUTES]


def events_of(minutes: list[LiveMinute], step_ms: int = 1000, seed: int = 3) -> Iterator[FeedEvent]:
    """What would have been heard of ``minutes``: paths through the corners of their candles."""
    rng = np.random.default_rng(seed)
    last = {venue: getattr(minutes[0], f"{venue}_open") for venue in ("binance", "dydx")}
    for minute in minutes:
        for ms in range(0, 60_000, step_ms):
            at_ms = float(minute.minute * 60_000 + ms + 40)
            for venue, late in (("binance", 0), ("dydx", 15)):
                last[venue] = mid = _at(minute, venue, ms / 60_000, last[venue])
                stamp = at_ms - 30 if venue == "binance" else None
                yield BookHeard(at_ms + late, venue, *_book(mid, rng), stamp)
            if ms % 5000 == 0:
                yield OracleHeard(at_ms + 20, last["binance"])
            if ms == 0 and minute is not minutes[0]:
                before = minutes[minute.minute - minutes[0].minute - 1]
                yield MinuteHeard(at_ms + 300, before)


def write_recording(path: Path, events: Iterator[FeedEvent]) -> Path:
    """One line an event."""
    path.write_text("".join(line_of(event) + "\n" for event in events))
    return path


def quote_lines(events: Iterator[FeedEvent]) -> Iterator[str]:
    """The same as ``leadfollow data record`` writes it: quotes, depth, oracle; no minutes."""
    for event in events:
        if isinstance(event, OracleHeard):
            yield line_of(event)
        elif isinstance(event, BookHeard):
            market = {"binance": "BTCUSDT", "dydx": "BTC-USD"}[event.venue]
            head = {"venue": event.venue, "market": market, "received_ms": event.at_ms}
            (bid, bid_size), (ask, ask_size) = event.bids[0], event.asks[0]
            stamp = int(event.exchange_ms or event.at_ms)
            sizes = {"bid_size": bid_size, "ask_size": ask_size}
            top = {"ts_ms": stamp, "bid": bid, "ask": ask}
            yield json.dumps({"channel": "quote"} | head | top | sizes)
            if event.venue == "dydx":
                levels = {"bids": event.bids, "asks": event.asks}
                yield json.dumps({"channel": "depth"} | head | levels)


def _at(minute: LiveMinute, venue: str, part: float, last: float) -> float:
    corners = [getattr(minute, f"{venue}_{name}") for name in _CORNERS]
    if any(each != each for each in corners):
        return last
    return float(np.interp(part, [0.0, 0.3, 0.7, 1.0], corners))


def _book(mid: float, rng: np.random.Generator) -> tuple[tuple[tuple[float, float], ...], ...]:
    sizes = rng.uniform(1.0, 3.0, 10).round(3).tolist()
    steps = [(k + 1) * mid * 0.000_02 for k in range(5)]
    bids = tuple((mid - step, size) for step, size in zip(steps, sizes[:5], strict=True))
    asks = tuple((mid + step, size) for step, size in zip(steps, sizes[5:], strict=True))
    return bids, asks
