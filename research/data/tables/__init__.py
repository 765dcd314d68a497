"""What a table of minutes is: candles, funding, spans, sources, and merging two of them."""

__all__: list[str] = []
