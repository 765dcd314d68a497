"""Experiments: grids, searches, trials, export and the command line.

``axes`` and ``space`` say what is varied, ``engine`` and ``plain`` are two roads to the same
tally, ``grid`` and ``heatmaps`` show thresholds, ``study`` and ``search`` look for parameters,
``trial`` judges them on minutes they never saw, ``export`` writes what survived, ``pipeline``
does all of it. For notebooks: :mod:`sweeps.notebook`.
"""

__all__: list[str] = []
