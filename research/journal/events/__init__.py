"""The event table of a journal, and its files."""

__all__: list[str] = []
