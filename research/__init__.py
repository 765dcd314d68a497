"""Facts: recorded minutes, aligned frames, features, costs, measures, pictures.

``data`` brings both venues' minutes in, ``frame`` aligns them, ``features`` says what is known at
each minute, ``costs`` and ``metrics`` what a trade paid and earned, ``tables`` and ``plots`` show
it; ``journal`` and ``halts`` explain the bot's decisions. Imports neither of the storeys above.
Nothing is imported here, so that ``research.journal`` stays as light as the bot needs it.
"""

__all__: list[str] = []
