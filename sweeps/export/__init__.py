"""What the bot gets."""

__all__: list[str] = []
