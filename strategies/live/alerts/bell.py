"""A bell that rings in a thread of its own: what it tells may hang or fail, the run does not."""

import json
import queue
import shlex
import subprocess
import threading
import urllib.request
from collections.abc import Callable
from typing import Literal

from pydantic import Field

from research.settings.section import Section

__all__ = ["AlertSettings", "Bell"]

Kind = Literal["halt", "escape", "disconnect"]
_MOST_WAITING = 100


class AlertSettings(Section):
    """The table ``[alerts]`` of the settings file: whom to tell, and of what."""

    command: str = ""  # run with kind and sentence as arguments; empty: none
    webhook: str = Field("", pattern=r"^(https?://.*)?$")  # gets a POST of JSON; empty: none
    on: tuple[Kind, ...] = ("halt", "escape", "disconnect")
    timeout_sec: float = Field(5.0, gt=0, le=60)  # for each; then it is given up
    quiet_sec: float = Field(60.0, ge=0, le=86_400)  # the same kind is not told again for so long


class Bell:
    """Tells what it is rung with, one after the other; :meth:`ring` returns at once.

    Attributes
    ----------
    failures
        How many could not be told, by time-out, exit code or a refused connection.
    dropped
        How many were given up because too many were waiting.
    """

    def __init__(
        self, settings: AlertSettings, *, on_failure: Callable[[str], None] = lambda words: None
    ) -> None:
        self.failures = self.dropped = self.told = 0
        self._settings = settings
        self._on_failure = on_failure
        self._last: dict[str, float] = {}
        self._waiting: queue.Queue[tuple[str, float, str] | None] = queue.Queue(_MOST_WAITING)
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def ring(self, kind: str, at_ms: float, text: str) -> None:
        """Takes an alert; never waits, never raises."""
        settings = self._settings
        is_asked = kind in settings.on and bool(settings.command or settings.webhook)
        is_quiet = at_ms - self._last.get(kind, -1e18) < settings.quiet_sec * 1000
        if not is_asked or is_quiet:
            return
        self._last[kind] = at_ms
        try:
            self._waiting.put_nowait((kind, at_ms, text))
        except queue.Full:
            self.dropped += 1

    def close(self) -> None:
        """Tells what is waiting, for no longer than a few time-outs."""
        try:
            self._waiting.put_nowait(None)
        except queue.Full:
            return
        self._thread.join(2 * self._settings.timeout_sec + 1)

    def _work(self) -> None:
        while (alert := self._waiting.get()) is not None:
            for tell in (self._run, self._post):
                try:
                    tell(*alert)
                except (OSError, ValueError, subprocess.SubprocessError) as error:
                    self.failures += 1
                    self._on_failure(f"alert {alert[0]} could not be told: {error}")
            self.told += 1

    def _run(self, kind: str, at_ms: float, text: str) -> None:
        del at_ms
        if self._settings.command:
            words = [*shlex.split(self._settings.command), kind, text]
            subprocess.run(  # noqa: S603 (the user's own command, no shell)
                words,
                timeout=self._settings.timeout_sec,
                check=True,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )

    def _post(self, kind: str, at_ms: float, text: str) -> None:
        if self._settings.webhook:
            body = json.dumps({"kind": kind, "at_ms": at_ms, "text": text}).encode()
            head = {"Content-Type": "application/json"}
            # S310: the settings let http and https through only
            request = urllib.request.Request(self._settings.webhook, body, head)  # noqa: S310
            with urllib.request.urlopen(request, timeout=self._settings.timeout_sec):  # noqa: S310
                pass
