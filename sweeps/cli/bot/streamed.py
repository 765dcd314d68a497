"""The bot's sets in the stream: what pre-flight holds the export against."""

from dataclasses import replace

import numpy as np

from research.arrays import Records
from research.features.panel import Panel
from strategies.bot.contract import BotConfig
from strategies.bot.preflight.minutes import Replay
from strategies.bot.sets import BotSet
from strategies.law.position import POSITION
from strategies.live.stream import Stream, armed_sets, minutes_of_frame, stream_rules

__all__ = ["streamed"]

_Trades = dict[str, Records]


def streamed(config: BotConfig) -> Replay:
    """Trades by :class:`strategies.live.stream.Stream`, features made minute by minute, too.

    The sets of one span run together, once: who asks for the next one finds it made.
    """
    known: dict[tuple[str, int, int], _Trades] = {}

    def replay(panel: Panel, bot_set: BotSet, rows: slice) -> Records:
        key = panel.frame.origin.content_sha256, rows.start, rows.stop
        if key not in known:
            known[key] = _run(config, panel, rows)
        return known[key].get(bot_set.id, np.zeros(0, POSITION))

    return replay


def _run(config: BotConfig, panel: Panel, rows: slice) -> _Trades:
    """Raises LiveError where the file does not say by what features are made."""
    # a frame has left out the silences already, and says whether any rate is known
    rules = replace(stream_rules(config), silence=None, has_funding=panel.has_funding)
    stream = Stream(armed_sets(config), rules)
    for row, minute in enumerate(minutes_of_frame(panel.frame)):
        if row == rows.stop:
            break
        stream.push(minute, may_enter=row >= rows.start)
    stream.finish()
    found: dict[str, list[Records]] = {}
    for each in stream.closed_trades:
        found.setdefault(each.set_id, []).append(each.trade)
    return {name: _in_order(trades) for name, trades in found.items()}


def _in_order(trades: list[Records]) -> Records:
    joined = np.array(trades, dtype=POSITION)
    ordered: Records = joined[np.argsort(joined["entry"], kind="stable")]
    return ordered
