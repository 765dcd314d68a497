"""The law in the stream and the gate before the bot: what runs while it trades.

``stream`` makes features, signals and positions of closed minutes, equal to the backtest's;
``risk`` knows the quotes, the risk states and the guards; ``gate`` decides about an entry;
``serve`` answers over HTTP; ``feeds`` is what is heard of both venues and ``paper`` the
run on paper; ``settings`` the tables ``[risk]`` and ``[gate]``.
"""

__all__: list[str] = []
