"""One self-contained HTML file a run: a folder of a run in, a text out, nothing from a network."""

__all__: list[str] = []
