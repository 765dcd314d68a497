"""What is missing, asked for page by page."""

__all__: list[str] = []
