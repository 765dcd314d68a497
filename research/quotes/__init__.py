"""Top of book as it comes: sockets, books, one JSON line a quote."""

__all__: list[str] = []
