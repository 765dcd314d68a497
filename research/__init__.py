"""Facts: recorded minutes, aligned frames, features, costs, measures, pictures.

``data`` brings both venues' minutes in, ``frame`` aligns them, ``features`` says what is known at
each minute, ``measures`` what a trade paid and earned, ``plots`` shows it; ``quotes`` hears the top
of book; ``journal`` and ``halts`` explain the bot's decisions; ``settings`` are the tables of
``leadfollow.toml`` that facts are made by. Imports neither of the storeys above. Nothing is
imported here, so that ``research.journal`` stays as light as the bot needs it.
"""

__all__: list[str] = []
