"""Why a trade ended: the codes that kernels write and the words that people read."""

__all__ = ["END", "HORIZON", "REASONS", "REVERT", "SL", "TIMEOUT", "TP"]

REASONS = ("TP", "SL", "HORIZON", "END", "REVERT", "TIMEOUT")
TP, SL, HORIZON, END, REVERT, TIMEOUT = range(6)
