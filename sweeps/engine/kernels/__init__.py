"""The loops of the engine, on arrays only."""

__all__: list[str] = []
