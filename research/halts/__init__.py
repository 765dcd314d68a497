"""HALTs explained: the diff taken apart into mid, fill and latency, exactly.

``timeline`` gathers a journal's columns, ``history`` knows where Binance was, ``parts`` does the
sum, ``question`` and ``causes`` judge, ``prevention`` says what would have helped, ``replay`` runs
all of it, ``summary`` and ``thresholds`` look at many HALTs. Source: SEMANTICS.md, section 9.
"""

from research.halts.causes import Diagnosis
from research.halts.history import MinuteHistory, PointHistory, PriceAt, PriceHistory
from research.halts.parts import Parts, take_apart
from research.halts.question import Gates
from research.halts.replay import Halt, HaltRules, explain, replay
from research.halts.rows import HALT_COLUMNS, halt_row
from research.halts.summary import CauseCounts, summarise
from research.halts.thresholds import SweepRow, sweep_thresholds
from research.halts.timeline import Timeline, timelines

__all__ = [
    "HALT_COLUMNS",
    "CauseCounts",
    "Diagnosis",
    "Gates",
    "Halt",
    "HaltRules",
    "MinuteHistory",
    "Parts",
    "PointHistory",
    "PriceAt",
    "PriceHistory",
    "SweepRow",
    "Timeline",
    "explain",
    "halt_row",
    "replay",
    "summarise",
    "sweep_thresholds",
    "take_apart",
    "timelines",
]
