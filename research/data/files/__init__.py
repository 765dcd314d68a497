"""A file on disk into tables, its layout told by its content."""

__all__: list[str] = []
