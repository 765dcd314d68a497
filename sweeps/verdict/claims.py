"""The claims that a verdict is about: a strategy and side earns, everywhere or in a segment."""

from collections.abc import Mapping
from dataclasses import dataclass

from research.features.labels import SEGMENTS, Segment
from strategies.registry import Params, strategy_of

__all__ = ["Claim", "claims_of"]


@dataclass(frozen=True, slots=True)
class Claim:
    """Mean net pnl of a trade > 0, for one strategy and side in one segment."""

    base: str  # "lead-long": a name of the bases
    strategy: str  # "lead": sides of one strategy are one family
    segment: int  # index into SEGMENTS; 0 is every minute

    @property
    def name(self) -> str:
        """``lead-long.us-wild``."""
        return f"{self.base}.{self.where.name.replace('/', '-')}"

    @property
    def where(self) -> Segment:
        """The segment."""
        return SEGMENTS[self.segment]

    @property
    def is_everywhere(self) -> bool:
        """Whether it is about every minute: the parent of the segments' claims."""
        return self.segment == 0

    def parents(self) -> tuple[int, ...]:
        """Segments that hold this one, nearest first: of a cell its session, its regime, all."""
        if self.is_everywhere:
            return ()
        session, regime = self.where
        if session is None or regime is None:
            return (0,)
        return SEGMENTS.index(Segment(session, None)), SEGMENTS.index(Segment(None, regime)), 0


def claims_of(bases: Mapping[str, Params]) -> tuple[Claim, ...]:
    """Every base in every segment, base by base, ``all`` first."""
    return tuple(
        Claim(name, strategy_of(params).name, segment)
        for name, params in bases.items()
        for segment in range(len(SEGMENTS))
    )
