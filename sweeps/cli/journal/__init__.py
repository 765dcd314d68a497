"""``leadfollow journal``."""

__all__: list[str] = []
