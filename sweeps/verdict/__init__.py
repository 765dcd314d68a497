"""Is it true: the trial of what a search found."""

__all__: list[str] = []
