"""Grids on disk: files and folders of them, where pieces go, what they sum up to."""

__all__: list[str] = []
