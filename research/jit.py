"""The one decorator that compiles kernels, and the cache that notices every change.

Kernels are serial and release the GIL: threads run whole kernels side by side, each writing
its own output, so no result depends on the number of threads. No ``fastmath``: NaN means
unknown, and sums keep their order.

numba's on-disk cache looks at the file of the compiled function only, so a changed callee or
constant in another file would go unnoticed. The cache folder is therefore named by a hash over
all that shapes a kernel, see :mod:`research.kernel_sources`.
"""

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, cast

import numba

from research.atomic import write_text
from research.errors import StoreError
from research.kernel_sources import sources_digest, tree_digest

__all__ = [
    "cache_folder",
    "inlined_kernel",
    "is_cold",
    "kernel",
    "kernels_digest",
    "skip_blas",
]

P = ParamSpec("P")
R = TypeVar("R")

_FLAGS: Any = {"cache": True, "nogil": True, "error_model": "numpy"}
_CONFIG: Any = numba.config  # filled at import time, so type checkers see nothing in it


def cache_folder() -> Path:
    """Folder of the kernels that these sources and this numba compile."""
    return _cache() / f"{kernels_digest()}-{numba.__version__}"


def kernels_digest() -> str:
    """Hash of every source that shapes a kernel, laws and engine among them: 16 hex digits."""
    return _known_digest(_cache() / "sources")


def _cache() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(base).expanduser() / "leadfollow" / "numba"


def _known_digest(notes: Path) -> str:
    """The digest of the sources, found once for every state of the tree (0.2 s) and noted."""
    note = notes / tree_digest()
    try:
        return note.read_text()
    except OSError:
        found = sources_digest()
    with suppress(StoreError):  # a home that cannot be written to: found anew every time
        write_text(note, found)
    return found


def is_cold() -> bool:
    """Whether nothing has been compiled for these sources yet: the first run takes longer."""
    folder = Path(_CONFIG.CACHE_DIR)
    return not any(folder.rglob("*.nbi"))


def skip_blas() -> None:
    """Keeps numba from importing scipy (0.15 s) to see whether kernels could call a BLAS.

    Ours do not. For processes that compile nobody else's: ``np.dot`` in a kernel is refused then.
    """
    probed = "scipy.linalg.cython_blas"
    if probed in sys.modules or "numba.np.arraymath" in sys.modules:
        return
    sys.modules[probed] = None  # type: ignore[assignment]  # read as: there is none
    try:
        import_module("numba.np.arraymath")
    finally:
        del sys.modules[probed]


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
