"""``leadfollow halts``."""

__all__: list[str] = []
