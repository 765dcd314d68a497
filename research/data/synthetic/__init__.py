"""A seeded market with a planted lead."""

__all__: list[str] = []
