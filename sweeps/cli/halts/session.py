"""What ``leadfollow halts`` works on: journals as timelines, and where Binance prices are found."""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import numpy as np
import pyarrow as pa
from rich.console import Console

from research.errors import FormatError, SettingsError
from research.halts import (
    Gates,
    Halt,
    HaltRules,
    MinuteHistory,
    PointHistory,
    PriceHistory,
    SweepRow,
    Timeline,
    replay,
    sweep_thresholds,
    timelines,
)
from research.journal.events.events import EventFilter
from research.journal.faults import ReadReport
from research.journal.scan.batches import BatchReader
from research.quotes.quote import base_of, read_quotes
from research.settings.features import SessionSettings
from sweeps.cli.journal.logs import open_reader, reading

__all__ = ["HaltSession", "open_session", "rules_of", "thresholds_of"]

_MOST_THRESHOLDS = 1_000
_History = TypeVar("_History")


@dataclass(frozen=True, slots=True, kw_only=True)
class HaltSession:
    """Journals read, histories found; HALTs are explained when asked for."""

    logs: Sequence[Path]
    reader: BatchReader
    lines: list[Timeline]  # one per market
    rows: pa.Table  # the HALT records, whole
    quotes: dict[str, PointHistory]  # by base asset
    quote_report: ReadReport | None
    minutes: dict[str, MinuteHistory]
    rules: HaltRules

    def histories(self, line: Timeline) -> list[PriceHistory]:
        """Of one market, single quotes before bars; the journal itself is asked first anyway."""
        found = (self.quotes_of(line), _of_market(self.minutes, line))
        return [history for history in found if history is not None]

    def quotes_of(self, line: Timeline) -> PointHistory | None:
        """The recording of one market."""
        return _of_market(self.quotes, line)

    def explain(
        self,
        *,
        every: bool = False,
        since: str | None = None,
        until: str | None = None,
        number: int | None = None,
    ) -> list[Halt]:
        """HALTs of all markets in the order of time, numbered from 1 before any filter.

        Raises
        ------
        SettingsError
            ``number`` is beyond the last HALT, or a moment is none.
        """
        span = EventFilter.of(since=since, until=until)
        found = [
            halt
            for line in self.lines
            for halt in replay(line, self.rows, self.histories(line), self.rules, every=every)
        ]
        found.sort(key=lambda halt: halt.record.ts)
        found = [replace(halt, number=place) for place, halt in enumerate(found, start=1)]
        if number is not None and number > len(found):
            raise SettingsError(f"--halt {number}: the journal holds {len(found)} HALTs")
        return [
            halt
            for halt in found
            if (number is None or halt.number == number)
            and (span.since_ms is None or halt.record.ts_ms >= span.since_ms)
            and (span.until_ms is None or halt.record.ts_ms < span.until_ms)
        ]

    def sweep(self, thresholds: Sequence[float], horizon_min: float) -> list[SweepRow]:
        """What other HALT thresholds would have done, over all markets."""
        histories = {id(line): self.histories(line) for line in self.lines}
        return sweep_thresholds(
            self.lines,
            thresholds,
            horizon_min=horizon_min,
            histories=[histories[id(line)] for line in self.lines],
        )

    def line_of(self, halt: Halt) -> Timeline:
        """The timeline of a HALT's market."""
        return next(line for line in self.lines if line.market == halt.record.market)


def open_session(
    logs: Sequence[Path],
    *,
    maps: Sequence[str] | None,
    rules: HaltRules,
    halt_state: str,
    market: str | None,
    quotes: Sequence[Path] | None,
    store: Path | None,
) -> HaltSession:
    """Reads journals, recordings and minutes.

    Raises
    ------
    StoreError, FormatError, SettingsError
        Something is missing, unreadable, foreign, or of no market that the journal knows.
    """
    reader = open_reader(maps)
    wanted = EventFilter.of(market=market)
    with reading(reader, logs) as batches:
        lines, rows = timelines(map(wanted.apply, batches), halt_state=halt_state)
    if not lines:
        raise SettingsError(f"--market {market}: no record of that market in the journal")
    recorded, report = _quotes(quotes or ())
    minutes = {} if store is None else _minutes(store, lines)
    return HaltSession(
        logs=logs,
        reader=reader,
        lines=lines,
        rows=rows,
        quotes=recorded,
        quote_report=report,
        minutes=minutes,
        rules=rules,
    )


def rules_of(
    sessions: SessionSettings,
    tolerance_ms: float,
    halt_diff_pct: float | None,
    max_age_ms: float | None,
) -> HaltRules:
    """HaltRules from options, and from the settings' session hours."""
    for name, value in (("--halt-diff-pct", halt_diff_pct), ("--max-age-ms", max_age_ms)):
        if value is not None and not value > 0:
            raise SettingsError(f"{name} must be above 0, was {value:g}")
    age = float("nan") if max_age_ms is None else max_age_ms
    diff = float("nan") if halt_diff_pct is None else halt_diff_pct / 100
    gates = Gates(halt_diff=diff, max_binance_age_ms=age, max_dydx_age_ms=age)
    return HaltRules(
        tolerance_ms=tolerance_ms,
        gates=gates,
        session_hours=sessions.cuts,
    )


def thresholds_of(text: str) -> list[float]:
    """Fractions of ``LOW:HIGH:STEP`` in percent, both ends included. Raises SettingsError."""
    try:
        low, high, step = (float(part) for part in text.split(":"))
        steps = round((high - low) / step)
    except (ValueError, ZeroDivisionError, OverflowError):
        steps = -1
    if not 0 <= steps < _MOST_THRESHOLDS or not 0 < low <= high or not step > 0:
        raise SettingsError(
            f"--sweep {text}: must be LOW:HIGH:STEP in percent, rising, above 0 and of at most "
            f"{_MOST_THRESHOLDS} steps, such as 0.5:6:0.5"
        )
    return [round(low + place * step, 10) / 100 for place in range(steps + 1)]


def _of_market(known: dict[str, _History], line: Timeline) -> _History | None:
    if line.market is None:  # a journal that names no market: the only one there is
        return next(iter(known.values())) if len(known) == 1 else None
    return known.get(base_of(line.market))


def _quotes(paths: Sequence[Path]) -> tuple[dict[str, PointHistory], ReadReport | None]:
    if not paths:
        return {}, None
    report = ReadReport()
    found: dict[str, tuple[array[int], array[float]]] = {}
    with Console(stderr=True).status("reading quotes"):
        for quote in read_quotes(paths, report):
            if quote.venue == "binance":
                base = base_of(quote.market)
                ts, mids = found.setdefault(base, (array("q"), array("d")))
                ts.append(quote.ts_ms)
                mids.append(quote.mid)
    if not found:
        raise FormatError(
            f"{paths[0].name}: {report.records:,} quotes, none of Binance; "
            "record Binance too, its price at dydx_ts is what is needed"
        )
    return {
        base: PointHistory.of(np.array(ts), np.array(mids), "quotes")
        for base, (ts, mids) in found.items()
    }, report


def _minutes(store: Path, lines: Sequence[Timeline]) -> dict[str, MinuteHistory]:
    from research.data.store.store import Store

    opened = Store(store)
    found: dict[str, MinuteHistory] = {}
    for line in lines:
        base = base_of(line.market or "")
        candles = opened.candles(base, "binance") if base else None
        if candles is not None and len(candles):
            found[base] = MinuteHistory.from_candles(candles)
    if not found:
        markets = ", ".join(str(line.market) for line in lines)
        raise SettingsError(
            f"--store {store}: no Binance minutes of {markets}; import them with "
            "`leadfollow data import --venue binance`, or leave out --minutes"
        )
    return found
