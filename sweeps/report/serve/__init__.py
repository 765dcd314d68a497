"""All runs of a folder in a browser of this machine: an index, their pages, two side by side."""

__all__: list[str] = []
