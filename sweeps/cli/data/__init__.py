"""``leadfollow data``."""

__all__: list[str] = []
