"""The one decorator that compiles kernels, and the cache that notices every change.

Kernels are serial and release the GIL: threads run whole kernels side by side, each writing
its own output, so no result depends on the number of threads. No ``fastmath``: NaN means
unknown, and sums keep their order.

numba's on-disk cache looks at the file of the compiled function only, so a changed callee in
another file would go unnoticed. The cache folder is therefore named by a hash over the sources
of all kernels.
"""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, cast

import numba

__all__ = [
    "cache_folder",
    "inlined_kernel",
    "is_cold",
    "kernel",
    "kernel_sources",
    "sources_digest",
]

P = ParamSpec("P")
R = TypeVar("R")

_FLAGS: Any = {"cache": True, "nogil": True, "error_model": "numpy"}
_CONFIG: Any = numba.config  # filled at import time, so type checkers see nothing in it
_PACKAGES = ("research", "strategies", "sweeps")
_ROOT = Path(__file__).resolve().parent.parent


def kernel_sources(root: Path = _ROOT) -> list[Path]:
    """Files under ``root`` that define kernels, sorted: those that import this decorator."""
    files = (path for package in _PACKAGES for path in (root / package).rglob("*.py"))
    return sorted(path for path in files if b"research.jit import" in path.read_bytes())


def sources_digest(root: Path = _ROOT) -> str:
    """Hash over names and bytes of all kernel sources and numba's version, 16 hex digits."""
    digest = hashlib.sha256(numba.__version__.encode())
    for path in kernel_sources(root):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0")
        digest.update(path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def cache_folder() -> Path:
    """Folder of the compiled kernels of exactly these sources."""
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(base).expanduser() / "leadfollow" / "numba" / sources_digest()


def is_cold() -> bool:
    """Whether nothing has been compiled for these sources yet: the first run takes longer."""
    folder = Path(_CONFIG.CACHE_DIR)
    return not any(folder.rglob("*.nbi"))


def kernel(function: Callable[P, R]) -> Callable[P, R]:
    """Compiles ``function`` with the project's only numba flags; types come from its calls."""
    return cast("Callable[P, R]", numba.njit(**_FLAGS)(function))


def inlined_kernel(function: Callable[P, R]) -> Callable[P, R]:
    """The same, melted into its callers: for what runs every minute and mostly does nothing.

    A call with a bar, a law and two buffers costs about 50 ns, a quiet minute itself 20
    (lead/follow on the recorded week, in one process).
    """
    return cast("Callable[P, R]", numba.njit(forceinline=True, **_FLAGS)(function))


if not _CONFIG.CACHE_DIR:  # NUMBA_CACHE_DIR set by the user wins
    _CONFIG.CACHE_DIR = str(cache_folder())
