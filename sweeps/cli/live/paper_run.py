"""What ``paper`` puts together, feeds, and tells at the end."""

import hashlib
import itertools
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from research.atomic import write_json
from research.clock import Clock
from research.errors import LiveError
from research.frame.frame import read_frame
from research.lock import file_lock
from strategies.bot.config import load_bot_config, read_bytes
from strategies.live.feeds import FeedEvent, Recording
from strategies.live.paper import read_ledger, report_of
from strategies.live.paper.session import PaperSession, Rules
from strategies.live.stream import LiveMinute, minutes_of_frame
from sweeps.cli.live.show_paper import show_report
from sweeps.cli.terminal import say, warn
from sweeps.settings import Settings, load_settings

__all__ = ["Wanted", "run"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What the command line asks for."""

    file: Path
    replay: tuple[Path, ...]
    is_real_time: bool
    out: Path
    frame: Path | None
    is_trial: bool
    settings_file: Path | None


class _Stopped(Exception):  # noqa: N818 (no error: an order)
    """SIGTERM or Ctrl-C."""


def run(wanted: Wanted) -> None:
    """Runs until the recording is over, or until it is told to end; the memory is kept then."""
    settings = load_settings(wanted.settings_file)
    rules = Rules(
        config=load_bot_config(wanted.file),
        config_hash=hashlib.sha256(read_bytes(wanted.file)).hexdigest(),
        risk=settings.risk,
        gate=settings.gate,
        paper=settings.paper,
        may_be_synthetic=wanted.is_trial,
    )
    if rules.config.synthetic:
        warn("a config of a synthetic market: for trying out, never to be traded by")
    busy = "a paper run is at work in this folder; wait for it or give another with --out"
    with file_lock(wanted.out / ".paper.lock", busy=busy, clock=Clock()):
        _replay(wanted, rules, settings)


def _replay(wanted: Wanted, rules: Rules, settings: Settings) -> None:
    history, within = _minutes(wanted, rules)
    recording = _recording(wanted.replay, rules, settings, within)
    source = ", ".join(str(path.absolute()) for path in wanted.replay)
    session = PaperSession(rules, wanted.out, source=source, is_replay=True, history=history)
    if session.was_resumed:
        say(f"goes on from event {session.run.consumed:,} of {wanted.out}")
    events = _paced(recording) if wanted.is_real_time else iter(recording)
    is_over = False
    try:
        with _told_to_stop():
            session.feed(events)
            is_over = True
    except _Stopped:
        say(f"stopped; start it again with --out {wanted.out} to go on")
    finally:
        session.close(is_over=is_over)
    if recording.rejected:
        warn(f"{recording.rejected:,} lines could not be read, first {recording.first_rejected}")
    for since, until in recording.holes[:5]:
        warn(f"nothing was recorded for {(until - since) / 1000:,.0f} s from {_iso(since)}")
    if len(recording.holes) > 5:
        warn(f"{len(recording.holes) - 5:,} more holes in the recording")
    report = report_of(read_ledger(wanted.out / "ledger.jsonl"), until_ms=session.run.now_ms)
    write_json(wanted.out / "report.json", report.to_dict())
    show_report(report, wanted.out)


def _minutes(wanted: Wanted, rules: Rules) -> tuple[list[LiveMinute], list[LiveMinute]]:
    """Minutes of the frame before the recording, and those within it that it does not hold."""
    asked = Recording(wanted.replay, rules.config.market.binance, rules.config.market.dydx)
    first_ms, holds = asked.first_ms(), asked.holds_minutes()
    if wanted.frame is None:
        if not holds:
            raise LiveError(
                f"{wanted.replay[0]}: a recording of quotes only, without closed minutes, so no "
                "feature can be known; give the minutes with --frame"
            )
        return [], []
    frame = read_frame(wanted.frame)
    if frame.market != rules.config.market.name:
        raise LiveError(
            f"{wanted.frame}: minutes of {frame.market}, the config is of "
            f"{rules.config.market.name}; give a frame of that"
        )
    known = list(minutes_of_frame(frame))
    first = first_ms / 60_000 - 1
    before = [each for each in known if each.minute < first]
    within = [] if holds else [each for each in known if each.minute >= first]
    if not holds and not within:
        raise LiveError(
            f"{wanted.frame}: ends before the recording begins ({_iso(first_ms)}), which holds no "
            "closed minutes itself; give a frame of its span"
        )
    return before, within


def _recording(
    paths: tuple[Path, ...], rules: Rules, settings: Settings, minutes: list[LiveMinute]
) -> Recording:
    market = rules.config.market
    return Recording(
        paths,
        market.binance,
        market.dydx,
        minutes=minutes,
        minute_delay_ms=settings.paper.minute_delay_ms,
        longest_silence_ms=settings.paper.longest_silence_sec * 1000,
    )


def _paced(events: Recording) -> Iterator[FeedEvent]:
    """Events at the distances at which they were heard."""
    ahead = iter(events)
    first = next(ahead, None)
    if first is None:
        return
    began = time.monotonic()
    for event in itertools.chain((first,), ahead):
        time.sleep(max(0.0, (event.at_ms - first.at_ms) / 1000 - (time.monotonic() - began)))
        yield event


@contextmanager
def _told_to_stop() -> Iterator[None]:
    def stop(number: int, frame: object) -> None:
        del number, frame
        raise _Stopped

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _iso(ms: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(ms / 1000))
