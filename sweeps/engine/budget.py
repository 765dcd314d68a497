"""What a sweep will need of memory, counted before anything is allocated."""

from research.errors import SearchError
from research.features.labels import SEGMENTS
from sweeps.engine.kernels.outputs import LANES
from sweeps.engine.kernels.single import STATE
from sweeps.engine.plan import Plan
from sweeps.tally import SUMS

__all__ = ["LEAN_BYTES", "SET_BYTES", "check_budget", "ladder_bytes", "sets_within"]

_USED_COUNTS = 7  # revert and timeout, or tp and horizon, stay untouched
SET_BYTES = len(SEGMENTS) * 8 * (_USED_COUNTS + len(SUMS) + 1)
"""Bytes of memory that the tally of one set fills."""
LEAN_BYTES = 8 * LANES
"""Bytes of memory that the sums of one set and part fill."""
_MIB = 2**20
_MOST_CORNERS = 2**31


def ladder_bytes(plan: Plan) -> int:
    """Bytes of the ladder of all candidate rows, and of what one task works in."""
    rows, rung = int(plan.candidates.rows.size), 4 + 4 + 4 * 8 + 8  # when, cell, value, hold
    entries = 4 * plan.axes.second * int(plan.axes.cooldowns.size) * rows
    return rows * plan.ways * rung + entries + plan.cells * 24 * 8 + STATE * 8


def sets_within(plan: Plan, memory_mib: int, set_bytes: int = SET_BYTES) -> int:
    """How many sets of so many bytes fit into ``memory_mib`` beside the ladder."""
    return max((memory_mib * _MIB - ladder_bytes(plan)) // set_bytes, 0)


def check_budget(
    plan: Plan, sets: int, memory_mib: int, *, cure: str, set_bytes: int = SET_BYTES
) -> None:
    """Refuses a grid whose ladder and ``sets`` tallies do not fit into ``memory_mib``.

    Raises
    ------
    SearchError
        With the number and the cure.
    """
    if 3 * plan.cells >= _MOST_CORNERS:
        raise SearchError(
            f"exit cube of {plan.cells:,} cells: at most {_MOST_CORNERS // 3:,} can be counted; "
            "take fewer levels of tp, sl or horizon"
        )
    needed = -(-(ladder_bytes(plan) + sets * set_bytes) // _MIB)
    if needed > memory_mib:
        raise SearchError(
            f"memory = {memory_mib:,} MiB: a tally of {sets:,} sets on "
            f"{plan.candidates.rows.size:,} candidate minutes needs {needed:,} MiB; {cure}"
        )
