"""Recorded minutes: from files to checked candle tables, into the store, and how far to trust them.

``schema`` says what a candle table is. ``files`` reads whatever holds minutes and tells the layout
by its content, helped by ``archive`` (ZIP, checksum), ``csvfile``, ``jsonfile``, ``arrowfile``,
the wire formats ``binance`` and ``dydx``, and the small laws ``stamps``, ``decimals``, ``columns``,
``order``, ``funding``. ``store`` keeps them, one Parquet file a month (``folder``, ``manifest``,
``merge``, ``adding``, ``monthfile``, ``listing``). ``quality`` judges them (``gaps``, ``jumps``,
``alignment``, ``report``). ``synthetic`` makes a market with a planted lead.
"""

from research.data.files import FundingReading, Reading, moved, read_candles, read_source
from research.data.quality import PairQuality, VenueQuality, assess, assess_pair
from research.data.schema import VENUES, Venue, candle_table, validate_candles
from research.data.source import Source
from research.data.store import AddReport, Store
from research.data.synthetic import SyntheticPair, SyntheticSpec, synthesize

__all__ = [
    "VENUES",
    "AddReport",
    "FundingReading",
    "PairQuality",
    "Reading",
    "Source",
    "Store",
    "SyntheticPair",
    "SyntheticSpec",
    "Venue",
    "VenueQuality",
    "assess",
    "assess_pair",
    "candle_table",
    "moved",
    "read_candles",
    "read_source",
    "synthesize",
    "validate_candles",
]
