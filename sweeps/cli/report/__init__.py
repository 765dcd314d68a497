"""``leadfollow heatmap``, ``report``, ``serve``: looking at what was made."""

__all__: list[str] = []
