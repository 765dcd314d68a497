"""The gate over HTTP, for a bot in another process or language: JSON, loopback, token.

``wire`` is what a request may say, ``desk`` the stream and the gate behind it, ``token`` who may
ask, ``app`` the routes, ``server`` the socket and its end.
"""

__all__: list[str] = []
