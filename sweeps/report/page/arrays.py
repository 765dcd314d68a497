"""Arrays within a page: typed, their bytes apart, gzipped, base64; the browser takes them back.

Of a little-endian float32 first all lowest bytes, then all next, and so on: what changes slowly
packs to about half.
"""

import base64
import gzip
import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from sweeps.report.page.html import Html

__all__ = ["block"]

_KINDS = {"f4": "<f4", "i4": "<i4", "u1": "|u1"}


def block(name: str, arrays: Mapping[str, Any]) -> Html:
    """A script element of data, id ``name``: floats as float32, whole numbers as int32 or uint8."""
    parts, head, at = [], [], 0
    for key, values in arrays.items():
        array = np.asarray(values)
        kind = "f4" if array.dtype.kind == "f" else "u1" if array.dtype == np.uint8 else "i4"
        array = np.ascontiguousarray(array, dtype=_KINDS[kind])
        raw = array.reshape(-1).view(np.uint8).reshape(array.size, -1).T.tobytes()
        head.append([key, kind, list(array.shape), at])
        parts.append(raw)
        at += len(raw)
    packed = base64.b64encode(gzip.compress(b"".join(parts), 6, mtime=0)).decode()
    told = json.dumps(head).replace("<", "\\u003c").replace('"', "&quot;")
    return Html(f'<script type="text/plain" id="{name}" data-head="{told}">{packed}</script>')
