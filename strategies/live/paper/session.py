"""A run in its folder: begun or taken up again, fed, kept and ended."""

import json
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from research.journal import JournalWriter
from strategies.bot.contract import BotConfig
from strategies.live.feeds.events import FeedEvent, MinuteHeard
from strategies.live.gate import Gate
from strategies.live.paper.checkpoint import cut_journal, read_checkpoint, save
from strategies.live.paper.heard import Heard
from strategies.live.paper.ledger import Ledger
from strategies.live.paper.run import News, PaperRun, _silent
from strategies.live.risk import SecondVolatility
from strategies.live.settings import GateSettings, PaperSettings, RiskSettings
from strategies.live.stream import LiveMinute, Stream, restore_stream

__all__ = ["Missing", "PaperSession", "Rules"]

Missing = Callable[[int, int], Iterable[LiveMinute]]
"""Epoch minutes from the first on and before the second, as far as they are known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The config and the settings that a run is made of."""

    config: BotConfig
    config_hash: str
    risk: RiskSettings
    gate: GateSettings
    paper: PaperSettings
    may_be_synthetic: bool = False

    def identity(self, source: str) -> dict[str, str]:
        """Whose checkpoint it is."""
        settings = [part.model_dump() for part in (self.risk, self.gate, self.paper)]
        return {
            "config": self.config_hash,
            "source": source,
            "settings": json.dumps(settings, sort_keys=True),
        }


class PaperSession:
    """One run in one folder.

    Parameters
    ----------
    folder
        Of ledger, journal and checkpoint.
    source
        What it hears: the recording's name, or ``live``.
    is_replay
        Whether events come again after a restart: then it goes back to the checkpoint.
    history
        Minutes before the first event, for a start that knows its features.
    missing
        Called with the first minute that was not told and the next that was: those between, as far
        as they are known. None: they count as empty.

    Raises
    ------
    LiveError
        The config cannot be traded by, or the folder is that of another run.
    StoreError
        The folder cannot be written.
    """

    def __init__(
        self,
        rules: Rules,
        folder: Path,
        *,
        source: str,
        is_replay: bool,
        history: Iterable[LiveMinute] = (),
        missing: Missing | None = None,
        news: News = _silent,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._folder, self._rules, self._clock = folder, rules, clock
        self._missing = missing
        self._identity = rules.identity(source)
        gate = Gate(rules.config, rules.risk, rules.gate, may_be_synthetic=rules.may_be_synthetic)
        kept = read_checkpoint(folder, self._identity)
        cut = kept["ledger_bytes"] if kept and is_replay else None
        ledger = Ledger(folder / "ledger.jsonl", keep_bytes=cut, is_synced=not is_replay)
        if kept and is_replay:
            cut_journal(folder, kept["journal_bytes"])
        self._journal = JournalWriter(folder / "journal", fsync="never" if is_replay else 1.0)
        self.run = PaperRun(
            rules.config,
            Stream.of_config(rules.config),
            gate,
            Heard(
                rules.config.market.dydx,
                SecondVolatility(rules.risk.volatility_window_sec),
                rules.config.market.price_scale,
            ),
            ledger=ledger,
            journal=self._journal,
            settings=rules.paper,
            config_hash=rules.config_hash,
            news=news,
        )
        self.was_resumed = kept is not None
        if kept:
            if kept["stream"]:
                restore_stream(self.run.stream, folder / kept["stream"])
            self.run.restore(kept["run"], is_same_second=is_replay)
        self.warm(history)
        self._saved = clock()
        self.save()

    def feed(self, events: Iterable[FeedEvent]) -> None:
        """Takes events until they end; those that a replay has taken already are passed over."""
        for number, event in enumerate(events):
            if number >= self.run.consumed:
                self.take(event)

    def take(self, event: FeedEvent) -> None:
        """Takes one event; keeps the memory now and then."""
        if isinstance(event, MinuteHeard):
            self._fill_hole(event.minute.minute)
        self.run.take(event)
        if self._clock() - self._saved >= self._rules.paper.checkpoint_sec:
            self.save()

    def save(self) -> None:
        """Keeps the memory. Raises :class:`StoreError`."""
        save(self.run, self._folder, self._identity)
        self._saved = self._clock()

    def close(self, *, is_over: bool = True) -> None:
        """Keeps the memory and ends the files; ``is_over``: nothing more is to come."""
        if is_over:
            self.run.stop()
        self.save()
        self._journal.close()
        self.run.ledger.close()

    def _fill_hole(self, until: int) -> None:
        last = self.run.stream.last_minute
        if self._missing is not None and last is not None and until > last + 1:
            self.warm(each for each in self._missing(last + 1, until) if each.minute < until)

    def warm(self, history: Iterable[LiveMinute]) -> None:
        """Takes minutes that are over: what is known of them changes, nothing is entered."""
        stream = self.run.stream
        for minute in history:
            if stream.last_minute is None or minute.minute > stream.last_minute:
                stream.push(minute, may_enter=False)
                if (latest := stream.latest) is not None:
                    self.run.gate.minute(latest)
