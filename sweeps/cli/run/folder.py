"""The folder of a run: worked on under a name of its own, renamed when it is whole."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from research.clock import Clock
from research.errors import StoreError
from research.lock import file_lock
from research.provenance import versions
from sweeps.cli.session import Session

__all__ = ["run_folder"]

PARTIAL = ".partial"


@contextmanager
def run_folder(
    session: Session, out: Path | None, fees_bps: float, now: datetime
) -> Iterator[tuple[Path, Path]]:
    """Yields the folder to work in and the name it gets when the block succeeds.

    An unfinished folder of the same data, settings and versions is taken up again; two runs of
    the same do not work in one folder.

    Raises
    ------
    LockError
        Another process is at the same run.
    StoreError
        The folder cannot be made.
    """
    root = out or session.settings.store.runs
    identity = json.dumps(
        {
            "data": session.frame.origin.to_dict(),
            "settings": session.settings.model_dump(mode="json"),
            "fees_bps": fees_bps,
            "versions": versions(),
        },
        sort_keys=True,
    )
    digest = hashlib.sha256(identity.encode()).hexdigest()[:8]
    busy = "the same run is at work there: wait for it, stop it, or give another folder with --out"
    with file_lock(root / f".lock-{digest}", busy=busy, clock=Clock()):
        unfinished = sorted(root.glob(f"*-{digest}{PARTIAL}"))
        working = unfinished[-1] if unfinished else root / f"{now:%Y%m%dT%H%M%SZ}-{digest}{PARTIAL}"
        final = working.with_name(working.name.removesuffix(PARTIAL))
        try:
            working.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(
                f"{working}: cannot be made ({error.strerror}); give another folder with --out"
            ) from None
        yield working, final
        working.rename(final)
