"""Who leads, by how much, since when: it knows minutes, not trades.

``minutes`` is what all read: prices of minutes in which a venue traded. ``shifts`` moves one series
along the clock (cross-correlation, Hoffmann-Rosenbaum-Yoshida contrast), ``correction`` says who
closes a gap and where the price is made, ``cointegration`` asks statsmodels for a second opinion,
``prediction`` what dYdX does next; ``lag`` is all of it by segment and day. ``event_study`` looks
around triggers (``event_paths``: paths and outcomes, ``matching``: minutes to compare with),
``placebo`` makes frames whose lead is destroyed, ``sentences`` says what was found in plain words.
``resample`` and ``hac`` make the bands.
"""
