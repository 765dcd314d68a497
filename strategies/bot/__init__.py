"""The contract with the bot."""

__all__: list[str] = []
