"""The plain road to a tally: the law itself set by set (``tally``), and its loops (``kernels``)."""

from sweeps.law_tally.tally import MAX_SETS, plain_tally, segments_at

__all__ = ["MAX_SETS", "plain_tally", "segments_at"]
