"""A law over a panel: results, models, the hand-over to vectorbt."""

__all__: list[str] = []
