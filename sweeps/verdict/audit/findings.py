"""What an audit found, as values."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from research.data.tables.schema import MINUTE_MS, iso_minute
from sweeps.verdict.audit.cuts import Cut
from sweeps.verdict.audit.futures import How
from sweeps.verdict.audit.subjects import Kind

__all__ = ["Audit", "Finding", "Leak", "Warmup"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Leak:
    """The earliest number that was known and changed all the same."""

    minute: int  # epoch minute that the number belongs to
    cut: int  # epoch minute of the last bar that was known
    how: How  # what became of the minutes after it
    cuts: int  # cuts at which a known number changed

    def sentence(self) -> str:
        """``2026-01-02T08:00Z changes with minutes after 2026-01-02T08:00Z (...)``."""
        at, cut = (iso_minute(each * MINUTE_MS) for each in (self.minute, self.cut))
        return f"{at} changes with what comes after {cut} ({self.how}, {self.cuts:,} cuts)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One name: whether it kept at every cut what was known of it.

    Attributes
    ----------
    cuts
        How many cuts it was compared at.
    is_empty
        There was nothing to compare: no number, or no trade.
    """

    name: str
    kind: Kind
    cuts: int
    leak: Leak | None = None
    is_empty: bool = False
    note: str = ""

    @property
    def verdict(self) -> str:
        """``clean``, ``LEAK`` or ``nothing to judge``."""
        if self.leak is not None:
            return "LEAK"
        return "nothing to judge" if self.is_empty or not self.cuts else "clean"


@dataclass(frozen=True, slots=True, kw_only=True)
class Warmup:
    """How much history one feature needs, measured from several starts; minutes.

    Attributes
    ----------
    known_after
        NaN for so many minutes, at the most favourable start; None: never known.
    exact_after
        From here on equal to the value with all history, at the worst start; None: not within the
        frame.
    close_after
        The same to within one part in 1e9.
    declared
        Minutes that it looks back by its definition; None where it never forgets.
    """

    name: str
    known_after: int | None
    exact_after: int | None
    close_after: int | None
    declared: int | None
    sentence: str
    is_broken: bool  # it depends on the start of the data although its definition says otherwise


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """Everything that was judged."""

    label: str
    minutes: int
    cuts: tuple[Cut, ...]
    seed: int
    findings: tuple[Finding, ...]
    warmups: tuple[Warmup, ...]
    notes: tuple[str, ...]  # what looks ahead by definition, and what was not judged

    @property
    def leaks(self) -> tuple[Finding, ...]:
        """Findings with a leak."""
        return tuple(each for each in self.findings if each.leak is not None)

    @property
    def broken(self) -> tuple[Warmup, ...]:
        """Features that depend on the start of the data and should not."""
        return tuple(each for each in self.warmups if each.is_broken)

    @property
    def is_clean(self) -> bool:
        """Whether nothing leaks and no warm-up is broken."""
        return not self.leaks and not self.broken

    @property
    def cuts_by_kind(self) -> Mapping[str, int]:
        """How many cuts were made for which reason."""
        return Counter(cut.why for cut in self.cuts)
