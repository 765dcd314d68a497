"""What ``paper`` puts together, feeds, and tells at the end."""

import hashlib
import itertools
import signal
import threading
import time
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from research.atomic import write_json
from research.clock import Clock
from research.errors import LeadfollowError, LiveError
from research.frame.frame import read_frame
from research.lock import file_lock
from research.quotes.linefile import LineWriter
from strategies.bot.config import load_bot_config, read_bytes
from strategies.live.alerts import Bell
from strategies.live.feeds import FeedEvent, MinuteHeard, Recording
from strategies.live.paper import read_ledger, report_of
from strategies.live.paper.backtested import backtested, frame_of_minutes
from strategies.live.paper.session import Missing, PaperSession, Rules
from strategies.live.stream import LiveMinute, minutes_of_frame
from sweeps.cli.live.show_paper import show_report
from sweeps.cli.terminal import say, warn
from sweeps.settings import Settings, load_settings

__all__ = ["Wanted", "run"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What the command line asks for."""

    file: Path
    replay: tuple[Path, ...]  # empty: live feeds
    minutes: float | None
    is_real_time: bool
    out: Path
    frame: Path | None
    is_trial: bool
    settings_file: Path | None


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
        if wanted.replay:
            _replay(wanted, rules, settings)
        else:
            _live(wanted, rules, settings)


def _replay(wanted: Wanted, rules: Rules, settings: Settings) -> None:
    history, within, known = _minutes(wanted, rules)
    told: list[LiveMinute] = []
    recording = _recording(wanted.replay, rules, settings, within)
    source = ", ".join(str(path.absolute()) for path in wanted.replay)
    with _told_to_stop() as is_told:
        session = PaperSession(
            rules, wanted.out, source=source, is_replay=True, history=history, missing=known
        )
        if session.was_resumed:
            say(f"goes on from event {session.run.consumed:,} of {wanted.out}")
        events = _paced(recording) if wanted.is_real_time else iter(recording)
        try:
            # asked between two events: one that is half taken would be kept half
            going = itertools.takewhile(lambda _: not is_told.is_set(), events)
            session.feed(_noted(going, told))
        finally:
            session.close(is_over=not is_told.is_set())
    if is_told.is_set():
        say(f"stopped; start it again with --out {wanted.out} to go on")
    if recording.rejected:
        warn(f"{recording.rejected:,} lines could not be read, first {recording.first_rejected}")
    for since, until in recording.holes[:5]:
        warn(f"nothing was recorded for {(until - since) / 1000:,.0f} s from {_iso(since)}")
    if len(recording.holes) > 5:
        warn(f"{len(recording.holes) - 5:,} more holes in the recording")
    _report(wanted.out, session, rules, [*told, *_of_frame(wanted.frame, rules)])


def _live(wanted: Wanted, rules: Rules, settings: Settings) -> None:
    from sweeps.cli.live.paper_live import listen
    from sweeps.cli.live.paper_minutes import MissedMinutes

    history, told = _of_frame(wanted.frame, rules), list[LiveMinute]()
    missed = MissedMinutes(rules.config.market, settings, wanted.out)
    bell = Bell(settings.alerts, on_failure=warn)
    session = PaperSession(
        rules, wanted.out, source="live", is_replay=False, history=history,
        missing=missed.within, news=bell.ring,
    )  # fmt: skip
    if session.was_resumed:
        say(f"goes on with {len(session.run.ledger.positions)} open positions of {wanted.out}")
    session.warm(missed.before(session.run.stream.last_minute))
    if session.run.stream.last_minute is None:
        warn("no history: features and ranges are unknown until enough minutes were heard")
    writer = LineWriter(wanted.out / "recording", rules.config.market.name)
    try:
        listen(session, rules, settings, writer, wanted.minutes, told)
    finally:
        session.close()
        writer.close()
        bell.close()
    again = missed.again(told[0].minute) if told else []
    _report(wanted.out, session, rules, [*told, *history, *again])


def _report(folder: Path, session: PaperSession, rules: Rules, minutes: list[LiveMinute]) -> None:
    """``minutes``: of the span and before it; the later one counts where one is told twice."""
    lines = list(read_ledger(folder / "ledger.jsonl"))
    first = next((line["minute"] for line in lines if line["kind"] == "first_minute"), None)
    last, trades = session.run.stream.last_minute, None
    if first is not None and last is not None:
        try:
            trades = backtested(rules.config, frame_of_minutes(minutes, rules.config), first, last)
        except LeadfollowError as error:
            warn(f"no backtest of the span, the stream's own trades are shown: {error}")
    report = report_of(lines, until_ms=session.run.now_ms, backtest=trades)
    write_json(folder / "report.json", report.to_dict())
    show_report(report, folder)


def _minutes(
    wanted: Wanted, rules: Rules
) -> tuple[list[LiveMinute], list[LiveMinute], Missing | None]:
    """The frame's minutes before the recording, those it tells for it, and those of its holes."""
    asked = Recording(wanted.replay, rules.config.market.binance, rules.config.market.dydx)
    first_ms, holds = asked.first_ms(), asked.holds_minutes()
    if wanted.frame is None:
        if not holds:
            raise LiveError(
                f"{wanted.replay[0]}: a recording of quotes only, without closed minutes, so no "
                "feature can be known; give the minutes with --frame"
            )
        return [], [], None
    known = _of_frame(wanted.frame, rules)
    first = first_ms / 60_000 - 1
    before = [each for each in known if each.minute < first]
    within = [] if holds else [each for each in known if each.minute >= first]
    if not holds and not within:
        raise LiveError(
            f"{wanted.frame}: ends before the recording begins ({_iso(first_ms)}), which holds no "
            "closed minutes itself; give a frame of its span"
        )
    numbers = [each.minute for each in known]
    return (
        before,
        within,
        lambda since, until: known[bisect_left(numbers, since) : bisect_left(numbers, until)],
    )


def _noted(events: Iterable[FeedEvent], told: list[LiveMinute]) -> Iterator[FeedEvent]:
    for event in events:
        if isinstance(event, MinuteHeard):
            told.append(event.minute)
        yield event


def _of_frame(path: Path | None, rules: Rules) -> list[LiveMinute]:
    if path is None:
        return []
    frame = read_frame(path)
    if frame.market != rules.config.market.name:
        raise LiveError(
            f"{path}: minutes of {frame.market}, the config is of {rules.config.market.name}; "
            "give a frame of that"
        )
    return list(minutes_of_frame(frame))


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
def _told_to_stop() -> Iterator[threading.Event]:
    """Set by SIGTERM or Ctrl-C."""
    told = threading.Event()

    def stop(number: int, frame: object) -> None:
        del number, frame
        told.set()

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield told
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _iso(ms: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(ms / 1000))
