"""Recorded minutes, by the way they travel: one room a step.

``tables`` says what a candle table is; ``parse`` makes tables of text, ``files`` of files;
``venues`` asks the exchanges and ``fetch`` asks them for what is missing; ``store`` keeps months,
``quality`` judges them, ``synthetic`` makes a market with a planted lead.
"""

__all__: list[str] = []
