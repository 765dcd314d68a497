"""The plain road to a tally: the law itself set by set (``tally``), and its loops (``kernels``).

``law_sweep`` is that road for strategies that the engine does not know, with the engine's doors.
"""

from sweeps.law_tally.law_sweep import LawSweep
from sweeps.law_tally.tally import MAX_SETS, plain_tally, segments_at

__all__ = ["MAX_SETS", "LawSweep", "plain_tally", "segments_at"]
