"""Whether a config may fly today: one line a check, each with its number."""

__all__: list[str] = []
