"""The fast road to a tally: entry classes by exit cubes instead of sets by minutes.

The loops are in ``kernels``: ``candidates`` finds the minutes that can be an entry, ``ladder``
walks once from each to every way out (priced in ``rungs``). With overlap, ``corners`` shortens that
to a few events, ``overlap`` adds them up and ``integrate`` makes the full cube; with one position
at a time, ``cube`` spreads it out and ``single`` walks all cells side by side. ``outputs``
completes the segments. The doors: ``sweep`` tallies any sets of a grid, ``api`` all of them;
``best`` keeps only the top of grids of any size, ``part_sums`` sums by day or fold, ``histogram``
knows quantiles.
"""

from sweeps.engine.api import engine_tally, score_exits
from sweeps.engine.best import BestSets, engine_best
from sweeps.engine.histogram import Bins, Histogram, histogram_of
from sweeps.engine.part_sums import PartSums, sums_by_part
from sweeps.engine.sweep import AnySweep, Sweep, sweep_of

__all__ = [
    "AnySweep",
    "BestSets",
    "Bins",
    "Histogram",
    "PartSums",
    "Sweep",
    "engine_best",
    "engine_tally",
    "histogram_of",
    "score_exits",
    "sums_by_part",
    "sweep_of",
]
