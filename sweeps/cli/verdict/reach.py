"""What ``verdict`` and ``export`` share: which search is judged, and on which minutes."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

from research.errors import SearchError, StoreError
from research.features.labels import SEGMENTS
from strategies.backtest.model import Model, executable_model
from strategies.registry import strategy_of
from sweeps.cli.looks import ledger_of
from sweeps.cli.options import SideMode
from sweeps.cli.session import Session
from sweeps.cli.study.searches import chosen_studies, progress_bar
from sweeps.grid.stored import file as grid_file
from sweeps.study.search import Found, found_in
from sweeps.verdict.choice import GridSearch, grid_search
from sweeps.verdict.claims import Claim
from sweeps.verdict.judgement import Judged, with_set
from sweeps.verdict.verdict import Verdict, reach_verdict

__all__ = ["folder_beside", "of_studies", "reach", "studies_found"]

_THREADS = 2


def folder_beside(session: Session, path: Path | None) -> Path:
    """Where the verdict's files go when nobody says: beside what was judged."""
    if path is None:
        return session.settings.store.runs / "verdict"
    return path if path.is_dir() and not _is_grid(path) else path.parent


def reach(session: Session, path: Path | None, memory_mib: int, *, now: datetime) -> Verdict:
    """The verdict on the grids of the settings, on a grid, or on a folder of studies.

    Raises
    ------
    SearchError
        The folder holds no study with a set, over these minutes and settings.
    StoreError
        The grid cannot be read, or is one over other minutes.
    """
    settings, model = session.settings, executable_model(session.settings)
    studies: Found | None = None
    search = grid_search(settings, model, threads=_THREADS, memory_mib=memory_mib)
    if path is not None and (_is_grid(path) or path.is_file()):
        search = _search_of_grid(session, path, search)
    elif path is not None:
        studies = studies_found(session, path)
    found = reach_verdict(
        session.panel,
        search,
        settings.verdict,
        seed=settings.study.seed,
        stage=progress_bar,
        now=now,
        ledger=ledger_of(settings.store.runs),
    )
    return found if studies is None else of_studies(session, found, studies)


def studies_found(session: Session, folder: Path) -> Found:
    """Every study of ``folder`` over the session's minutes. Raises :class:`SearchError`."""
    found = found_in(session.panel, chosen_studies(session, None, SideMode.BOTH, None), folder)
    if all(best is None for _, best in found):
        raise SearchError(
            f"{folder}: no study with a feasible set over this data; "
            "run `leadfollow study run` with the same market and settings first"
        )
    return found


def of_studies(session: Session, verdict: Verdict, studies: Found) -> Verdict:
    """The same verdict about the best sets of studies, in place of the walk's last search's."""
    by_claim = {judged.claim: judged for judged in verdict.judged}
    judged: list[Judged] = []
    for spec, best in studies:
        if best is None:
            continue
        strategy = strategy_of(spec.base)
        segment = SEGMENTS.index(spec.segment)
        claim = Claim(strategy.title(spec.base), strategy.name, segment)
        judged.append(
            with_set(
                by_claim[claim],
                verdict.walk,
                session.panel,
                best.params,
                spec.rows,
                best.sets_tried,
                session.settings.study.seed,
            )
        )
    return replace(verdict, judged=tuple(judged))


def _is_grid(path: Path) -> bool:
    return path.suffix == ".parquet"


def _search_of_grid(session: Session, path: Path, search: GridSearch) -> GridSearch:
    """The axes of a grid on disk, read and filled its way."""
    result = grid_file.read(path)
    if result.origin.content_sha256 != session.frame.origin.content_sha256:
        raise StoreError(
            f"{path}: a grid over other minutes ({result.label}); give the market or the frame "
            f"that it was made of, or make it anew over {session.frame.label}"
        )
    base = result.spec.base
    model: Model = replace(
        search.model,
        execution=result.execution,
        reference=base.reference,
        filters=base.filters,
        fees_bps=result.costs.fees_bps,
        cost_settings=search.model.cost_settings.model_copy(
            update={
                "slippage_bps": result.costs.slippage_bps,
                "funding": result.costs.funding,
            }
        ),
    )
    return replace(search, specs={result.name: result.spec}, model=model)
