"""Every error that a user of the project can meet.

::

    LeadfollowError              caught by the command line: message, exit code 2
    ├── SettingsError            leadfollow.toml or an option is wrong
    ├── ExtraError               an optional part of the distribution is not installed
    ├── ParamError               a strategy parameter refuses its value
    ├── DataError                recorded data is not what it should be
    │   ├── FormatError          a file or body of unknown or broken layout
    │   ├── ChecksumError        bytes differ from the published digest
    │   ├── PriceError           a candle that no exchange can have printed
    │   ├── OrderError           minutes unsorted, doubled or off the grid
    │   ├── ConflictError        two sources disagree about one minute
    │   └── GapError             minutes are missing where they are needed
    ├── FrameError               two venues that make no common frame
    ├── FetchError               an exchange did not give what was asked for
    │   ├── RefusedError         it does not know the market, or refuses the request
    │   ├── LimitError           it asks to wait longer than the settings allow
    │   └── UnreachableError     no sound answer after all attempts
    ├── StoreError               a store, manifest or output folder that cannot be used
    │   └── LockError            another process works on the same store, grid or run
    ├── EvidenceError            numbers that cannot carry the claim made of them
    ├── SearchError              a grid or study that cannot be run
    ├── ClusterError             workers, a scheduler or a storage that cannot be used
    ├── ExportError              a bot config that cannot be written or read
    ├── LiveError                what runs beside the bot must not go on: doubt never trades
    ├── ReplayError              an independent re-run disagrees
    └── TallyError               the law makes other trades than a grid counted

A message names what is wrong, the value seen, where, and the cure.
"""

__all__ = [
    "ChecksumError",
    "ClusterError",
    "ConflictError",
    "DataError",
    "EvidenceError",
    "ExportError",
    "ExtraError",
    "FetchError",
    "FormatError",
    "FrameError",
    "GapError",
    "LeadfollowError",
    "LimitError",
    "LiveError",
    "LockError",
    "OrderError",
    "ParamError",
    "PriceError",
    "RefusedError",
    "ReplayError",
    "SearchError",
    "SettingsError",
    "StoreError",
    "TallyError",
    "UnreachableError",
]


class LeadfollowError(Exception):
    """Base of all errors that are answered with a message instead of a traceback."""


class SettingsError(LeadfollowError):
    """The settings file or a command line option is wrong."""


class ExtraError(LeadfollowError):
    """An optional part of the distribution is needed and not installed."""


class ParamError(LeadfollowError):
    """A strategy, cost or execution parameter refuses its value."""


class DataError(LeadfollowError):
    """Recorded data is not what it should be."""


class FormatError(DataError):
    """A file or body of unknown or broken layout."""


class ChecksumError(DataError):
    """The bytes of a file differ from the digest published beside it."""


class PriceError(DataError):
    """A candle that no exchange can have printed."""


class OrderError(DataError):
    """Minutes that are unsorted, doubled or off the minute grid."""


class ConflictError(DataError):
    """Two sources disagree about the same minute."""


class GapError(DataError):
    """Minutes are missing where they are needed."""


class FrameError(LeadfollowError):
    """Two venues whose minutes make no common frame."""


class StoreError(LeadfollowError):
    """A store, a manifest or an output folder that cannot be used."""


class LockError(StoreError):
    """Another process works on the same store, grid or run."""


class FetchError(LeadfollowError):
    """An exchange did not give what was asked for."""


class RefusedError(FetchError):
    """The exchange does not know the market, or refuses the request for good."""


class LimitError(FetchError):
    """The exchange asks to wait longer than the settings allow."""


class UnreachableError(FetchError):
    """No sound answer after all attempts."""


class EvidenceError(LeadfollowError):
    """Numbers that cannot carry a claim: too few, unknown, or all the same."""


class SearchError(LeadfollowError):
    """A grid or a study that cannot be run."""


class ClusterError(LeadfollowError):
    """Workers, a scheduler or a storage that cannot be used."""


class ExportError(LeadfollowError):
    """A bot config that cannot be written or read."""


class LiveError(LeadfollowError):
    """A config, snapshot, token or request that the live parts refuse to go on with."""


class ReplayError(LeadfollowError):
    """An independent re-run of the same trades disagrees."""


class TallyError(LeadfollowError):
    """A grid counted other trades than the law makes of the same set."""
