"""``leadfollow config check``, ``config diff`` and ``preflight``."""

__all__: list[str] = []
