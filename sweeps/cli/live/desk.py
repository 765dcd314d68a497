"""What ``gate serve`` puts together before it listens."""

import hashlib
import os
import time
from dataclasses import dataclass
from pathlib import Path

from research.errors import LiveError
from research.frame.frame import read_frame
from research.journal import JournalWriter
from strategies.bot.config import load_bot_config, read_bytes
from strategies.live.gate import Gate
from strategies.live.serve.app import gate_app
from strategies.live.serve.desk import Desk
from strategies.live.serve.server import LOOPBACK, listen, serve
from strategies.live.serve.token import load_token
from strategies.live.stream import LiveMinute, Stream, minutes_of_frame
from sweeps.cli.terminal import say, warn
from sweeps.settings import load_settings

__all__ = ["Wanted", "run"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What the command line asks for."""

    file: Path
    port: int | None
    token_file: Path | None
    frame: Path | None
    state: Path | None
    journal: Path | None
    is_trial: bool
    settings_file: Path | None


def run(wanted: Wanted) -> None:
    """Listens until it is told to end; the memory is kept then."""
    settings = load_settings(wanted.settings_file)
    config = load_bot_config(wanted.file)
    token = load_token(wanted.token_file, os.environ)
    gate = Gate(config, settings.risk, settings.gate, may_be_synthetic=wanted.is_trial)
    if config.synthetic:
        warn("a config of a synthetic market: for trying out, never to be traded by")
    # fsync never: a record is in the kernel's hands, and an answer must not wait for the disk
    writer = JournalWriter(wanted.journal, fsync="never") if wanted.journal else None
    desk = Desk(
        Stream.of_config(config),
        gate,
        now_ms=lambda: time.time() * 1000,
        volatility_window_sec=settings.risk.volatility_window_sec,
        journal=writer,
        state=wanted.state,
        config_hash=hashlib.sha256(read_bytes(wanted.file)).hexdigest(),
    )
    Stream.of_config(config).push(LiveMinute(0))  # kernels are compiled before anybody waits
    _start_warm(desk, wanted, config.market.name)
    port = settings.gate.port if wanted.port is None else wanted.port
    listening = listen(port)
    address = f"http://{LOOPBACK}:{listening.getsockname()[1]}"
    app = gate_app(desk, token, max_body_bytes=settings.gate.max_body_kib * 1024)
    try:
        serve(app, listening, lambda: say(f"listening on {address} for {config.market.dydx}"))
    finally:
        desk.save()
        if writer is not None:
            writer.close()


def _start_warm(desk: Desk, wanted: Wanted, market: str) -> None:
    if desk.restore():
        say(f"goes on from {wanted.state}: last minute {desk.health()['last_minute']}")
    if wanted.frame is None:
        if desk.health()["last_minute"] is None:
            warn("no history: features and ranges are unknown until enough minutes were pushed")
        return
    frame = read_frame(wanted.frame)
    if frame.market != market:
        raise LiveError(
            f"{wanted.frame}: minutes of {frame.market}, the config is of {market}; "
            f"give a frame of {market}"
        )
    last = desk.health()["last_minute"]
    newer = (each for each in minutes_of_frame(frame) if last is None or each.minute > last)
    desk.warm(newer)
    say(f"warm from {wanted.frame}: {frame.label}")
