"""How far minutes can be trusted, and which no study may look at."""

__all__: list[str] = []
