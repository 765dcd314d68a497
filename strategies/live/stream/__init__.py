"""Closed minutes one by one: the features, signals, positions and exits of the backtest.

``minute`` is what goes in, ``events`` what comes out, ``armed`` the sets, ``step`` the compiled
loop over them, ``group`` those of one strategy, ``intake`` the features and labels, ``silence`` the
rule that leaves minutes out, ``stream`` all of it together and ``snapshot`` its state in a file.
"""

from strategies.live.stream.armed import ArmedSet, StreamRules, armed_sets, stream_rules
from strategies.live.stream.events import Closed, Event, Leave, Signal, Voided
from strategies.live.stream.features import MinuteFeatures
from strategies.live.stream.minute import LiveMinute, minutes_of_frame
from strategies.live.stream.snapshot import restore_stream, write_snapshot
from strategies.live.stream.stream import Stream

__all__ = [
    "ArmedSet",
    "Closed",
    "Event",
    "Leave",
    "LiveMinute",
    "MinuteFeatures",
    "Signal",
    "Stream",
    "StreamRules",
    "Voided",
    "armed_sets",
    "minutes_of_frame",
    "restore_stream",
    "stream_rules",
    "write_snapshot",
]
