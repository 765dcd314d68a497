"""``leadfollow export``."""

__all__: list[str] = []
