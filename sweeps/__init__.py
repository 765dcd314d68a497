"""Experiments: grids, searches, trials, export and the command line.

``axes`` says what is varied, ``tally`` what is counted; ``engine`` and ``law_tally`` are two roads
to the same tally; ``grid`` shows thresholds, ``study`` looks for parameters, ``verdict`` judges
them on minutes they never saw, ``report`` and ``export`` write what was found, ``pipeline`` does
all of it; ``settings`` is ``leadfollow.toml`` as a whole. For notebooks: :mod:`sweeps.notebook`.
"""

__all__: list[str] = []
