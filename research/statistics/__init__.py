"""Arrays in, numbers out: what may be believed of a list of trades, or of many lists.

``bounds`` is the one lower bound of a mean, ``mean_test`` the one test of the one claim; ``gates``
tests many claims with one error rate, ``shrinkage`` lets segments borrow from each other;
``sharpe``, ``overfitting`` and ``superiority`` ask how much of a winner is luck; ``splits`` cuts
time, ``plateau`` asks the neighbours. Knows arrays only: what knows minutes is in
``research.leadlag``, what knows grids and studies in ``sweeps.verdict``.
"""

__all__: list[str] = []
