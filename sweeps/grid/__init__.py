"""A grid: its result and its files, exact columns, projections, heatmaps."""

__all__: list[str] = []
