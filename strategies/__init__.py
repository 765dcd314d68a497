"""Decisions: one law per strategy, and everything that runs it.

``law`` is what every law shares, ``lead_follow`` and ``reversion`` the two laws, ``registry`` lists
them, ``backtest`` runs them over a panel and hands the trades to vectorbt, ``bot`` is the contract
with the bot, ``live`` the law in the stream and the gate before the bot, ``settings`` the tables
of ``leadfollow.toml`` that trades are made by.
"""

__all__: list[str] = []
