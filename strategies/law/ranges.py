"""The range of a column, in words."""

import numpy as np

from research.arrays import Floats

__all__ = ["range_words"]


def range_words(values: Floats) -> str:
    """``-0.0100 .. +0.0320 %``, NaN passed over."""
    if np.isnan(values).all():
        return "unknown throughout"
    return f"{np.nanmin(values):+.4f} .. {np.nanmax(values):+.4f} %"
