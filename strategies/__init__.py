"""Decisions: one law per strategy, and everything that runs it.

``positions`` is the life of a position, ``lead_follow.kernel`` and ``reversion.kernel`` the two
laws, ``backtest`` runs them over a panel, ``model`` names the plain and the executable way to do
so, ``portfolio`` hands the trades to vectorbt, ``botconfig`` is the contract with the bot.
"""

__all__: list[str] = []
