"""What every law shares.

``position``: the life of a position and its fates; ``minute``: what one minute does to a desk of
them; ``whole_frame``: a law over a panel; ``execution``, ``filters``, ``bounds``: what parameters
are made of.
"""

__all__: list[str] = []
