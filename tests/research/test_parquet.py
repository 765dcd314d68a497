import math
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from research.parquet import about_in, metadata_of, write_parquet
from research.strict_json import finite_or_none, spelled

ABOUT = {"schema": "leadfollow.test/1", "levels": [0.1, 0.25], "seed": None}


def test_a_table_says_where_it_came_from_and_keeps_what_it_said(tmp_path: Path) -> None:
    table = pa.table({"set": [1, 2]}).replace_schema_metadata({"pandas": "{}"})
    write_parquet(tmp_path / "a.parquet", table, ABOUT)
    stored = pq.read_table(tmp_path / "a.parquet")
    assert stored.equals(table)
    assert about_in(stored.schema.metadata) == ABOUT
    assert stored.schema.metadata[b"pandas"] == b"{}"


def test_the_same_table_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in "ab":
        write_parquet(tmp_path / name, pa.table({"set": [1, 2]}), ABOUT)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


@pytest.mark.parametrize("metadata", [None, {}, {b"pandas": b"{}"}])
def test_a_table_of_others_says_nothing(metadata: dict[bytes, bytes] | None) -> None:
    assert about_in(metadata) is None


def test_what_json_has_no_word_for_is_refused_or_null() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        metadata_of({"max_age_min": math.inf})
    assert [finite_or_none(x) for x in (1.5, 0, math.inf, -math.inf, math.nan)] == [
        *(1.5, 0.0),
        *(None, None, None),
    ]


def test_what_must_come_back_is_spelled_at_any_depth() -> None:
    given = {"filters": {"max_age_min": math.inf, "levels": (1, -math.inf)}, "fees": [math.nan]}
    written = spelled(given)
    assert written == {"filters": {"max_age_min": "inf", "levels": [1, "-inf"]}, "fees": ["nan"]}
    assert float(written["filters"]["max_age_min"]) == math.inf
