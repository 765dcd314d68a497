"""Text and wire formats into tables; pure, nothing here opens a file or a socket."""

__all__: list[str] = []
