"""One writer per market and store at a time."""

from contextlib import AbstractContextManager
from pathlib import Path

from research.clock import Clock
from research.data.store.folder import check_market
from research.lock import file_lock

__all__ = ["market_lock"]


def market_lock(
    root: Path, market: str, *, clock: Clock, patience_s: float = 3.0
) -> AbstractContextManager[bool]:
    """Holds ``<root>/.lock-<market>`` while the block lasts: :func:`research.lock.file_lock`.

    Raises
    ------
    LockError
        Another process still holds it after ``patience_s``.
    StoreError
        The folder cannot be written, or ``market`` is no name.
    """
    check_market(market)
    busy = (
        f"another fetch or import of {market} is at work: wait for it, stop it, or use another "
        "--store"
    )
    return file_lock(root / f".lock-{market}", busy=busy, clock=clock, patience_s=patience_s)
