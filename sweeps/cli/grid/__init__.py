"""``leadfollow grid``."""

__all__: list[str] = []
