"""Whether anything looks ahead: ``leadfollow audit``.

``history`` what was known at a minute; ``futures`` futures that did not happen; ``cuts`` where to
look; ``subjects`` and ``decisions`` what is judged; ``compare`` and ``trades`` whether two readings
agree on what was known; ``warmup`` how much history a feature needs; ``audit`` all of it, into
``findings``.
"""
