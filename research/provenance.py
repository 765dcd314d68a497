"""Where a result came from: data, parameters, seed, versions, command."""

import hashlib
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["Origin", "array_digest", "provenance", "versions"]

_LIBRARIES = ("numpy", "pandas", "numba", "pyarrow", "optuna", "vectorbt", "matplotlib")


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What a frame was made of."""

    content_sha256: str  # over the minutes and columns of the frame
    first_minute: str  # ISO-8601 UTC
    last_minute: str
    sources: tuple[str, ...] = ()
    is_synthetic: bool = False
    exclusion_rule: str = ""  # by which minutes were left out; empty where none was in force
    exclusions: tuple[str, ...] = ()  # the stretches that were, as sentences

    def __post_init__(self) -> None:
        # JSON has lists; an origin read back must equal the one written
        for name in ("sources", "exclusions"):
            object.__setattr__(self, name, tuple(getattr(self, name)))

    def to_dict(self) -> dict[str, Any]:
        """The fields, for JSON."""
        return {
            "content_sha256": self.content_sha256,
            "first_minute": self.first_minute,
            "last_minute": self.last_minute,
            "sources": list(self.sources),
            "is_synthetic": self.is_synthetic,
            "exclusion_rule": self.exclusion_rule,
            "exclusions": list(self.exclusions),
        }


def array_digest(arrays: Sequence[npt.NDArray[Any]]) -> str:
    """SHA-256 over dtypes, shapes and bytes of ``arrays``; every NaN counts as the same NaN."""
    digest = hashlib.sha256()
    for array in arrays:
        if array.dtype.kind == "f":
            array = np.where(np.isnan(array), np.nan, array)
        digest.update(f"{array.dtype.str}{array.shape}".encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


def versions() -> dict[str, str]:
    """Versions of Python, the project and the libraries that shape its numbers."""
    found = {"python": platform.python_version(), "leadfollow": metadata.version("leadfollow")}
    return found | {name: metadata.version(name) for name in _LIBRARIES}


def provenance(
    *,
    origin: Origin,
    parameters: Mapping[str, Any],
    command: Sequence[str],
    seed: int | None = None,
) -> dict[str, Any]:
    """What a written file says about itself. No clock: same inputs, same bytes."""
    return {
        "data": origin.to_dict(),
        "parameters": dict(parameters),
        "seed": seed,
        "versions": versions(),
        "command": " ".join(command),
    }
