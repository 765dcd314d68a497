"""The fast road through a journal: blocks of text into columns, with numba and Arrow."""

__all__: list[str] = []
