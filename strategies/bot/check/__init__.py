"""What is wrong with a file of the contract, and what another one changes for the bot."""

__all__: list[str] = []
