"""The law in the stream: what runs while the bot trades.

``stream`` makes features, signals and positions of closed minutes, equal to the backtest's.
"""

__all__: list[str] = []
