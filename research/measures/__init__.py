"""What trades cost and what they earned, over all minutes and per segment."""

__all__: list[str] = []
