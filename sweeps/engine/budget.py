"""What a sweep will need of memory, counted before anything is allocated."""

from research.errors import SearchError
from research.features.labels import SEGMENTS
from sweeps.engine.plan import Plan
from sweeps.engine.single import STATE
from sweeps.tally import SUMS

__all__ = ["SET_BYTES", "check_budget", "ladder_bytes", "sets_within"]

_USED_COUNTS = 7  # revert and timeout, or tp and horizon, stay untouched
SET_BYTES = len(SEGMENTS) * 8 * (_USED_COUNTS + len(SUMS) + 1)
"""Bytes of memory that the tally of one set fills."""
_MIB = 2**20
_MOST_CORNERS = 2**31


def ladder_bytes(plan: Plan) -> int:
    """Bytes of the rungs of all candidate rows, and of the working cubes of one task."""
    rung = 4 * 8 + 4 + 4  # value, when, cell
    return int(plan.candidates.rows.size) * plan.ways * rung + plan.cells * 15 * 8 + STATE * 8


def sets_within(plan: Plan, memory_mib: int) -> int:
    """How many tallies fit into ``memory_mib`` beside the ladder."""
    return max((memory_mib * _MIB - ladder_bytes(plan)) // SET_BYTES, 0)


def check_budget(plan: Plan, sets: int, memory_mib: int, *, cure: str) -> None:
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
    needed = -(-(ladder_bytes(plan) + sets * SET_BYTES) // _MIB)
    if needed > memory_mib:
        raise SearchError(
            f"memory = {memory_mib:,} MiB: a tally of {sets:,} sets on "
            f"{plan.candidates.rows.size:,} candidate minutes needs {needed:,} MiB; {cure}"
        )
