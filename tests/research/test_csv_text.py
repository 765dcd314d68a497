"""Cells of CSV files are text, whatever a journal holds."""

import pyarrow as pa
import pytest

from research.csv_text import plain_cells


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_text_that_begins_like_a_formula_is_marked(text: str) -> None:
    found = plain_cells(pa.table({"market": pa.array([text, None, "BTC-USD", "a=b"])}))
    assert found.column("market").to_pylist() == [f"'{text}", None, "BTC-USD", "a=b"]


def test_numbers_stay_numbers() -> None:
    table = pa.table({"net_pct": [-0.1, 0.2], "count": [-1, 2]})
    assert plain_cells(table).equals(table)
