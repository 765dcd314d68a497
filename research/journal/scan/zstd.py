"""Zstandard for logs, by Arrow: the standard library has none yet."""

from pathlib import Path
from typing import IO, cast

import pyarrow as pa

from research.journal.opened import PACKED

__all__ = ["open_zstd"]


def open_zstd(path: Path) -> IO[bytes]:
    """``path`` unpacked while it is read. Raises OSError where it is torn."""
    return cast("IO[bytes]", pa.input_stream(str(path), compression="zstd"))


PACKED[b"\x28\xb5\x2f\xfd"] = open_zstd
