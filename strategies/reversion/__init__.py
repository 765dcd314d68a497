"""Spread reversion: both venues against each other until the spread is back."""

from strategies.reversion.params import ReversionParams

__all__ = ["ReversionParams"]
