"""Findings that make an analysis doubtful, and those that make its numbers meaningless.

Every analysis prints them at its top. Where prices are not comparable it refuses, unless it is
told to go on.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from research.data.quality.venue_pair import PairQuality, assess_pair
from research.data.tables.schema import REQUIRED, VENUES
from research.errors import FrameError

__all__ = ["RedFinding", "check_comparable", "findings_of_frame", "findings_of_pair"]


@dataclass(frozen=True, slots=True)
class RedFinding:
    """One sentence with its cure, and whether prices can be compared in spite of it."""

    sentence: str
    is_incomparable: bool


def findings_of_pair(pair: PairQuality) -> tuple[RedFinding, ...]:
    """The red findings of a judged pair, the worst first."""
    worst = [each.sentence() for each in pair.splits]
    if pair.scale is not None:
        worst.append(pair.scale.sentence())
    elif pair.premium_finding is not None and pair.is_far_apart:
        worst.append(pair.premium_finding)
    alignment = pair.alignment
    if alignment.is_two_markets or (alignment.is_misaligned and alignment.cause != "unknown"):
        worst.append(alignment.sentence)
    doubtful = [pair.bad_print_finding, *pair.idle_findings]
    if alignment.sentence not in worst and (alignment.is_misaligned or alignment.cause == "lag"):
        doubtful.append(alignment.sentence)
    if pair.premium_finding not in (None, *worst):
        doubtful.append(pair.premium_finding)
    return (
        *(RedFinding(sentence, True) for sentence in worst),
        *(RedFinding(sentence, False) for sentence in doubtful if sentence is not None),
    )


def findings_of_frame(table: pd.DataFrame) -> tuple[RedFinding, ...]:
    """The red findings of a frame's table (columns ``binance_open`` ... ``dydx_trades``).

    Raises
    ------
    FrameError
        A venue has no minute in it.
    """
    binance, dydx = (
        table[[f"{venue}_{name}" for name in REQUIRED]]
        .set_axis(list(REQUIRED), axis=1)
        .dropna(subset=["close"])
        for venue in VENUES
    )
    return findings_of_pair(assess_pair(binance, dydx))


def check_comparable(findings: Sequence[RedFinding], *, market: str, anyway: bool = False) -> None:
    """Raises FrameError where a finding says that prices are not comparable, unless ``anyway``."""
    worst = [finding.sentence for finding in findings if finding.is_incomparable]
    if worst and not anyway:
        more = f" (and {len(worst) - 1} more)" if len(worst) > 1 else ""
        raise FrameError(f"{market}: {worst[0]}{more}; or run it all the same with --anyway")
