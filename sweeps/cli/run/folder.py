"""The folder of a run: worked on under a name of its own, renamed when it is whole."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from research.clock import Clock
from research.data.synthetic.market import SyntheticSpec
from research.errors import SettingsError, StoreError
from research.features.panel import features
from research.frame.load import synthetic_frame
from research.lock import file_lock
from research.provenance import versions
from research.settings.file import changed, load_settings
from sweeps.cli.session import Session

__all__ = ["open_session", "run_folder"]

PARTIAL = ".partial"


def open_session(
    config: Path | None,
    market: str | None,
    frame: Path | None,
    store: Path | None,
    changes: Mapping[str, Mapping[str, Any]],
    synthetic: bool,
) -> Session:
    """A session with training edges, over recorded minutes or the synthetic market."""
    settings = changed(load_settings(config), changes)
    if not synthetic:
        return Session.open(
            config=config,
            market=market,
            frame=frame,
            store=store,
            train_share=settings.study.train_share,
            changes=changes,
        )
    if market is not None or frame is not None or store is not None:
        raise SettingsError("--synthetic makes its own minutes; leave out --market/--frame/--store")
    wanted = settings.synthetic
    made = synthetic_frame(SyntheticSpec(days=wanted.days, seed=wanted.seed, edge=wanted.edge))
    train = max(1, int(len(made) * settings.study.train_share))
    return Session(settings, features(made, settings, train_rows=train), slice(0, len(made)))


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
