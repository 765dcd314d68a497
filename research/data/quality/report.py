"""The quality of one stored market as a report: both venues, the pair, where they came from."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd

from research.data.quality.exclusions import pair_exclusions
from research.data.quality.venue_pair import PairQuality, VenueQuality, assess, assess_pair
from research.data.store.store import Store
from research.data.tables.schema import VENUES, Venue
from research.errors import FrameError, StoreError
from research.provenance import versions
from research.settings.frame import FrameSettings

__all__ = ["QualityReport", "quality_json", "quality_report"]

_RULE = FrameSettings()


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityReport:
    """What is known about the minutes of one market."""

    market: str
    is_synthetic: bool
    venues: tuple[VenueQuality, ...]  # those that have minutes
    pair: PairQuality | None  # None unless both have
    pair_problem: str | None  # why there is no pair although both have minutes
    exclusion_rule: str  # by which frames leave silences of either venue out
    exclusions: tuple[str, ...]  # what it leaves out of these minutes
    files: Mapping[str, Mapping[str, str]]  # venue -> file -> sha256
    sources: tuple[str, ...]

    @property
    def label(self) -> str:
        """Name of the market for titles; says so where it is synthetic."""
        return f"{self.market} [SYNTHETIC]" if self.is_synthetic else self.market

    @property
    def findings(self) -> tuple[str, ...]:
        """Everything that deserves a look, the pair's first."""
        pair = self.pair.findings if self.pair else ()
        problem = (self.pair_problem,) if self.pair_problem else ()
        venues = tuple(
            f"{quality.venue}: {finding}" for quality in self.venues for finding in quality.findings
        )
        return problem + pair + venues

    def to_dict(self) -> dict[str, Any]:
        """The report for strict JSON, with digests, sources and versions."""
        return {
            "market": self.market,
            "is_synthetic": self.is_synthetic,
            "findings": list(self.findings),
            "venues": {quality.venue: quality.to_dict() for quality in self.venues},
            "pair": self.pair.to_dict() if self.pair else None,
            "exclusion_rule": self.exclusion_rule,
            "exclusions": list(self.exclusions),
            "provenance": {
                "files": {venue: dict(files) for venue, files in self.files.items()},
                "sources": list(self.sources),
                "versions": versions(),
            },
        }


def quality_report(
    store: Store, market: str, *, now: datetime | None = None, rule: FrameSettings = _RULE
) -> QualityReport:
    """The quality of what ``store`` holds of ``market``, and what ``rule`` leaves out of frames.

    Raises
    ------
    StoreError
        Nothing is stored of this market, or the store is damaged.
    """
    tables = {venue: store.candles(market, venue) for venue in VENUES}
    present = {venue: table for venue, table in tables.items() if not table.empty}
    if not present:
        raise StoreError(
            f"{market} in {store.root}: no minutes stored; import some with `leadfollow data "
            f"import --market {market} --venue binance FILE`"
        )
    left_out = pair_exclusions(tables["binance"], tables["dydx"], rule)
    clock = None if store.is_synthetic(market) else now  # generated minutes never run
    pair, problem = _pair(tables) if len(present) == len(VENUES) else (None, None)
    books = {venue: store.manifest(market, venue) for venue in present}
    return QualityReport(
        market=market,
        is_synthetic=store.is_synthetic(market),
        venues=tuple(assess(table, venue, clock) for venue, table in present.items()),
        pair=pair,
        pair_problem=problem,
        exclusion_rule=rule.sentence(),
        exclusions=tuple(each.sentence() for each in left_out),
        files={
            venue: {name: entry.sha256 for name, entry in book.files.items()}
            for venue, book in books.items()
            if book is not None
        },
        sources=store.sources(market),
    )


def _pair(tables: Mapping[Venue, pd.DataFrame]) -> tuple[PairQuality | None, str | None]:
    try:
        return assess_pair(tables["binance"], tables["dydx"]), None
    except FrameError as error:
        return None, str(error)


def quality_json(report: QualityReport, command: Sequence[str] = ()) -> str:
    """The report as strict, indented JSON; ``command`` is the one that made it."""
    told = report.to_dict()
    told["provenance"]["command"] = " ".join(command)
    return json.dumps(told, indent=2, allow_nan=False, ensure_ascii=False)
