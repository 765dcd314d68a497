"""Is it true? ``walk`` searches the past and trades what comes next, ``proof`` tests it,
``judgement`` decides; ``effects``, ``stress``, ``placebos`` and ``bias`` are the lines beside it;
``verdict`` puts it together, ``table`` writes it, ``ledger`` counts looks across runs. The
room ``audit`` asks whether anything that all this reads looks ahead.
"""
