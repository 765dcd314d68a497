"""Made-up journals whose HALTs have a known cause."""

__all__: list[str] = []
