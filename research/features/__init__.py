"""What is known at each minute of a frame, from that minute and earlier ones only.

``steps`` holds what one minute does, ``kernels`` the loops that several features share;
``spread``, ``lead``, ``volatility``, ``bars``, ``rsi`` and ``trend`` one idea each; ``labels``
sessions, regimes and segments; ``panel`` puts everything beside its frame (``features(frame)``)
for strategies to read, and ``running`` makes the same of minutes that come one by one.
"""
