"""Arrays in, numbers out: what may be believed of a list of trades, or of many lists.

``bounds`` is the one lower bound of a mean. Knows arrays only: what knows minutes is in
``research.leadlag``, what knows grids and studies in ``sweeps.verdict``.
"""

__all__: list[str] = []
