"""The fast road to a tally: entry classes by exit cubes instead of sets by minutes.

:mod:`codes` finds the minutes that can be an entry, :mod:`ladder` walks once from each to every
way out (priced in :mod:`rungs`). With overlap, :mod:`corners` shortens that to a few events,
:mod:`overlap` adds them up and :mod:`integrate` makes the full cube; with one position at a time,
:mod:`cube` spreads it out and :mod:`single` walks all cells side by side. :mod:`outputs` completes
the segments. :mod:`sweep` tallies any sets of a grid, :mod:`api` all of them; :mod:`best` keeps
only the top of grids of any size (:mod:`rank`), :mod:`parts` sums by day or fold,
:mod:`histogram` knows quantiles.
"""

from sweeps.engine.api import engine_tally, score_exits
from sweeps.engine.best import BestSets, engine_best
from sweeps.engine.histogram import Bins, Histogram, histogram_of
from sweeps.engine.parts import PartSums, sums_by_part
from sweeps.engine.sweep import Sweep

__all__ = [
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
]
