"""Looks are counted across runs, and an opened holdout stays opened."""

from dataclasses import replace
from pathlib import Path

import pytest

from research.errors import StoreError
from sweeps.ledger import Ledger, Look

SEARCH = Look(
    kind="search",
    identity="a",
    market="BTC",
    first_minute="2026-01-01T00:00Z",
    last_minute="2026-01-25T00:00Z",
    sets=100,
    at="2026-02-01T00:00:00Z",
)


def test_the_same_search_counts_once_and_another_is_added(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "runs" / "looks.jsonl")
    assert ledger.sets_searched(SEARCH) == 100
    ledger.add(SEARCH)
    ledger.add(SEARCH)
    assert ledger.sets_searched(SEARCH) == 100
    assert ledger.sets_searched(replace(SEARCH, identity="b", sets=7)) == 107


def test_other_markets_and_other_minutes_do_not_count(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "looks.jsonl")
    ledger.add(SEARCH)
    assert ledger.before(replace(SEARCH, market="ETH")) == []
    later = replace(SEARCH, first_minute="2026-02-01T00:00Z", last_minute="2026-02-02T00:00Z")
    assert ledger.before(later) == []
    assert ledger.before(replace(SEARCH, kind="holdout")) == []
    assert ledger.before(replace(SEARCH, first_minute="2026-01-20T00:00Z")) == [SEARCH]


def test_a_torn_last_line_is_passed_over_and_mended(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "looks.jsonl")
    ledger.add(SEARCH)
    with ledger.file.open("a") as stream:
        stream.write('{"kind": "sea')
    assert ledger.looks() == [SEARCH]
    ledger.add(replace(SEARCH, identity="b"))
    assert [look.identity for look in ledger.looks()] == ["a", "b"]


def test_a_damaged_line_is_named(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "looks.jsonl")
    ledger.file.write_text("nonsense\n")
    ledger.add(SEARCH)
    with pytest.raises(StoreError, match=r"looks.jsonl, line 1: not a look; restore the file"):
        ledger.looks()
