"""``leadfollow study`` and ``leadfollow export``."""

__all__: list[str] = []
