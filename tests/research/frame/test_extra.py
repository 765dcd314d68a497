"""Columns that a frame carries for others: joined by minute, hashed, never guessed."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from research.errors import FrameError
from research.frame.extra import extra_columns, read_columns, with_columns
from research.frame.frame import COLUMNS, read_frame, write_frame
from tests.samples.markets import small_frame

MINUTES = small_frame().table.index


def score(values: list[float], first: int = 0, name: str = "score") -> pd.DataFrame:
    return pd.DataFrame({name: values}, index=MINUTES[first : first + len(values)])


def test_a_column_is_joined_by_its_minutes_and_unknown_elsewhere() -> None:
    joined = with_columns(small_frame(), score([0.5, 0.7], first=3)[::-1], ["scores.csv"])
    assert extra_columns(joined) == ["score"]
    assert joined.table["score"].dropna().tolist() == [0.5, 0.7]
    assert np.flatnonzero(joined.table["score"].notna()).tolist() == [3, 4]
    assert joined.origin.sources[-1] == "scores.csv"
    assert list(small_frame().table.columns) == list(COLUMNS)


def test_name_and_values_of_a_column_are_part_of_the_content_hash() -> None:
    frame = small_frame()
    hashes = {
        made.origin.content_sha256
        for made in (
            frame,
            with_columns(frame, score([0.5])),
            with_columns(frame, score([0.6])),
            with_columns(frame, score([0.5], name="other")),
        )
    }
    assert len(hashes) == 4


def test_a_frame_file_keeps_the_columns(tmp_path: Path) -> None:
    joined = with_columns(small_frame(), score([0.5, np.nan, 0.25]))
    write_frame(joined, tmp_path / "f.parquet")
    again = read_frame(tmp_path / "f.parquet")
    pd.testing.assert_frame_equal(again.table, joined.table, check_freq=False)
    assert again.origin == joined.origin


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (score([1.0], name="dydx_close"), "column dydx_close is there already; rename it"),
        (score([1.0]).assign(word="up"), "column word holds no numbers; leave it out"),
        (pd.concat([score([1.0]), score([2.0])]), "two rows of"),
        (score([1.0]).tz_localize(None), "must be indexed by UTC minutes"),
        (score([1.0]).shift(freq="9000h"), "have no minute of it; are their times UTC"),
    ],
)
def test_columns_that_do_not_fit_are_refused(columns: pd.DataFrame, message: str) -> None:
    with pytest.raises(FrameError, match=message):
        with_columns(small_frame(), columns)


@pytest.mark.parametrize("name", ["s.csv", "s.parquet"])
def test_files_are_read_by_their_column_minute(tmp_path: Path, name: str) -> None:
    table = score([0.5, 0.7]).rename_axis("minute")
    if name.endswith("csv"):
        table.to_csv(tmp_path / name)
    else:
        table.to_parquet(tmp_path / name)
    pd.testing.assert_frame_equal(
        with_columns(small_frame(), read_columns(tmp_path / name)).table,
        with_columns(small_frame(), table).table,
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("time,score\n2026-01-01T00:00Z,1\n", "no column minute; name the UTC open time"),
        ("minute,score\nnoon,1\n", "minute holds no times"),
        ("minute,score\n1767225600,1\n", "minute must be ISO times such as"),
        ("minute,score\n,1\n2026-01-01T00:00Z,1\n", "minute must be ISO times such as"),
    ],
)
def test_a_file_without_times_is_refused(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "s.csv"
    file.write_text(text)
    with pytest.raises(FrameError, match=message):
        read_columns(file)


def test_a_missing_file_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(FrameError, match=r"none.csv: cannot be read"):
        read_columns(tmp_path / "none.csv")
