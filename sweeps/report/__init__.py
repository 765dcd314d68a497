"""What people read of a run."""

__all__: list[str] = []
