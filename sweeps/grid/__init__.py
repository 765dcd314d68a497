"""A grid: its result, exact columns, projections, heatmaps; ``stored`` keeps it on disk."""

__all__: list[str] = []
