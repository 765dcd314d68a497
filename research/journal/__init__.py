"""Decision records: written line by line while a bot decides, read back whole or streaming.

``record`` holds the schema, ``writer`` appends (a kill loses at most the line in flight),
``reader`` streams and counts what it cannot use, ``mapping`` reads foreign logs. All of that
needs the standard library only, so a bot can import it. ``scan`` (the fast road: numba and Arrow)
and ``events`` (the event table) are imported by their own names where they are needed.
"""

from research.journal.faults import Fault, LineFault, ReadReport
from research.journal.instants import iso_of, ms_of
from research.journal.mapping import FieldMap
from research.journal.parse import record_of
from research.journal.reader import read_journal
from research.journal.record import SCHEMA, DecisionRecord
from research.journal.schema import json_schema
from research.journal.writer import JournalWriter

__all__ = [
    "SCHEMA",
    "DecisionRecord",
    "Fault",
    "FieldMap",
    "JournalWriter",
    "LineFault",
    "ReadReport",
    "iso_of",
    "json_schema",
    "ms_of",
    "read_journal",
    "record_of",
]
