"""A search: its space, its objective, one study, many of them."""

__all__: list[str] = []
