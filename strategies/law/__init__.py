"""What every law shares: the life of a position, execution, filters, bounds."""

__all__: list[str] = []
