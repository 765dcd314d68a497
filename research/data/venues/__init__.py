"""Asking an exchange politely: HTTP, pace, the two venues, the bulk site."""

__all__: list[str] = []
