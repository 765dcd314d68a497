"""Pictures of a few letters, for a terminal: a histogram, and a line over time."""

import numpy as np

from research.arrays import Floats

__all__ = ["histogram", "sparkline"]

_BARS = " ▁▂▃▄▅▆▇█"
_WIDTH = 46


def histogram(values: Floats, *, bins: int = 13, unit: str = "%") -> list[str]:
    """A line a bin: its span, a bar, how many. The outer bins hold what is beyond 1 and 99 %.

    NaN is left out; nothing known gives one line that says so.
    """
    known = values[np.isfinite(values)]
    if not known.size:
        return ["nothing known"]
    low, high = np.quantile(known, (0.01, 0.99))
    if low == high:
        return [f"{low:+.4f} {unit}  all {known.size:,}"]
    edges = np.linspace(low, high, bins + 1)
    counts, _ = np.histogram(np.clip(known, low, high), edges)
    most = int(counts.max())
    lines = []
    for at, count in enumerate(counts.tolist()):
        marks = ("<=" if at == 0 else "", ">=" if at == bins - 1 else "")
        where = edges[at + 1] if at == 0 else edges[at]
        bar = "█" * round(count / most * _WIDTH) or ("▏" if count else "")
        lines.append(f"{''.join(marks):>2} {where:+.4f} {unit} {bar} {count:,}")
    return lines


def sparkline(values: Floats, *, width: int = 60) -> str:
    """The median of each of ``width`` stretches as a letter, from the lowest to the highest.

    A stretch without a known value is a dot; fewer values than letters take fewer letters.
    """
    parts = np.array_split(values, min(width, max(len(values), 1)))
    middle = [
        np.median(part[np.isfinite(part)]) if np.isfinite(part).any() else None for part in parts
    ]
    known = [value for value in middle if value is not None]
    if not known:
        return "." * len(parts)
    low, span = min(known), (max(known) - min(known)) or 1.0
    return "".join(
        "." if value is None else _BARS[1 + round(float((value - low) / span) * 7)]
        for value in middle
    )
