"""Parquet that says where it came from: our word on a table, as JSON in its metadata."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from research.atomic import atomic_path

__all__ = ["about_in", "metadata_of", "write_parquet"]

_KEY = b"leadfollow"


def metadata_of(about: Mapping[str, Any]) -> dict[bytes, bytes]:
    """Metadata of a schema or file that carry ``about``, as strict JSON."""
    return {_KEY: json.dumps(about, allow_nan=False).encode()}


def about_in(metadata: Mapping[bytes, bytes] | None) -> dict[str, Any] | None:
    """What :func:`metadata_of` put into the metadata of a schema or file, None if nothing.

    Raises
    ------
    ValueError
        Something is there, but no JSON object.
    """
    about = json.loads((metadata or {}).get(_KEY, b"null"))
    if about is not None and not isinstance(about, dict):
        raise ValueError("no object")
    return about


def write_parquet(path: Path, table: pa.Table, about: Mapping[str, Any]) -> None:
    """Writes ``table`` with ``about`` inside, atomically; what else its metadata says stays.

    Raises
    ------
    StoreError
        The folder cannot be made or written.
    """
    metadata = {**(table.schema.metadata or {}), **metadata_of(about)}
    with atomic_path(path) as temporary:
        pq.write_table(table.replace_schema_metadata(metadata), temporary)
