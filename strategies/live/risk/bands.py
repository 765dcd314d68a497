"""The bands of the effective diff, which follow the market between fixed ends."""

from typing import NamedTuple

from strategies.bot.guards import SpreadBands
from strategies.live.settings import RiskSettings

__all__ = ["Bands", "bands_of"]


class Bands(NamedTuple):
    """Fractions: 0.002 is 0.2 %."""

    entry: float  # beyond it a diff is suspect
    halt: float  # beyond it nothing is traded


def bands_of(
    ends: SpreadBands,
    settings: RiskSettings,
    *,
    vol_1s: float | None,
    book_spread: float | None,
    latency_ms: float | None,
) -> Bands:
    """The bands in force. What is unknown (None, NaN) widens nothing: a narrow band is safe."""
    volatility = _known(vol_1s)
    entry = max(
        ends.base_entry,
        settings.volatility_mult * volatility,
        settings.book_spread_mult * _known(book_spread),
        settings.latency_mult * _known(latency_ms) / 1000 * volatility,
    )
    entry = min(max(entry, ends.min_entry), ends.max_entry)
    halt = min(max(entry * ends.halt_mult, ends.min_halt), ends.max_halt)
    return Bands(entry, max(halt, entry))


def _known(value: float | None) -> float:
    return value if value is not None and value > 0 else 0.0
