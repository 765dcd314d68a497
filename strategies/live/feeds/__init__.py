"""What is heard of both venues, live or from a recording, as the same few events in their order.

``events`` names them, ``lines`` writes and reads them as JSON lines, ``recording`` reads files of
``leadfollow data record`` and of paper runs; ``live`` hears both venues, whose messages ``venues``
reads and whose candles ``minutes`` joins; ``offset`` tells a venue's clock from ours.
"""

from strategies.live.feeds.events import BookHeard, FeedEvent, MinuteHeard, OracleHeard, VenueLost
from strategies.live.feeds.recording import Recording

__all__ = ["BookHeard", "FeedEvent", "MinuteHeard", "OracleHeard", "Recording", "VenueLost"]
