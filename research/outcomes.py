"""Why a trade ended: one numbering for kernels, tallies and tables, and the words for people.

Everything that counts, stores or shows reasons takes its numbers from here. Kernels bake in the
plain integers below: a member of an enum would be a type of its own to compile for.
"""

from enum import IntEnum

__all__ = ["END", "HORIZON", "REASONS", "REVERT", "SL", "TIMEOUT", "TP", "Reason"]


class Reason(IntEnum):
    """Why a position was left. Source: SEMANTICS.md, sections 3 to 5."""

    TP = 0  # the gain that was aimed for
    SL = 1  # the loss that was borne at most
    HORIZON = 2  # nothing closed it in time (lead/follow)
    END = 3  # the frame ended before its time was over
    REVERT = 4  # the spread came back
    TIMEOUT = 5  # nothing closed it in time (spread reversion)


REASONS = tuple(reason.name for reason in Reason)
TP, SL, HORIZON, END, REVERT, TIMEOUT = (int(reason) for reason in Reason)
