"""What is worked out of a grid to look at it: columns beyond its own, every pair of axes."""

__all__: list[str] = []
