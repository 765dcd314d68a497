"""Two venues on one minute grid, and where frames come from."""

from research.frame.frame import COLUMNS, Frame, age_minutes, build_frame, read_frame, write_frame

__all__ = [
    "COLUMNS",
    "Frame",
    "age_minutes",
    "build_frame",
    "read_frame",
    "write_frame",
]
