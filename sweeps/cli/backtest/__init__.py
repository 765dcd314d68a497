"""``leadfollow lead``, ``reversion``, ``week``: the analyses."""

__all__: list[str] = []
