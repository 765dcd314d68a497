"""Made-up journals: from the seed alone, free of faults, with the truth beside them."""

import json
from pathlib import Path

import pytest

from research.errors import ParamError, StoreError
from research.halts.planted.episodes import GATES, MARGIN
from research.halts.planted.files import write_synthetic
from research.halts.planted.journal import synthesise
from research.journal import ReadReport, read_journal
from research.journal.oddities import find_oddities

MADE = synthesise(halts=20, seed=3)


def test_the_same_seed_makes_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_synthetic(tmp_path / name, halts=4, seed=5)
    files = sorted(path.name for path in (tmp_path / "a").iterdir())
    assert files == ["journal-2026-01-05.jsonl", "quotes.jsonl", "truth.jsonl"]
    for name in files:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
    assert synthesise(halts=4, seed=6).truth != synthesise(halts=4, seed=5).truth


def test_what_lies_on_disk_is_what_was_made(tmp_path: Path) -> None:
    made = write_synthetic(tmp_path / "a", halts=2, seed=1)
    report = ReadReport()
    assert [record for _, _, record in read_journal([tmp_path / "a"], report)] == made.records
    assert report.is_clean
    truth = (tmp_path / "a" / "truth.jsonl").read_text().splitlines()
    assert [json.loads(line) for line in truth] == made.truth_rows()


def test_no_record_is_odd_and_all_are_in_the_order_of_time() -> None:
    assert [fault for record in MADE.records for fault in find_oddities(record)] == []
    times = [record.ts for record in MADE.records]
    assert times == sorted(set(times))


def test_each_planted_halt_begins_once_and_passes_the_threshold() -> None:
    starts = [
        record.ts
        for record in MADE.records
        if record.risk_state == "HALT" and record.previous_state == "NORMAL"
    ]
    assert starts == [planted.ts for planted in MADE.truth]
    for planted in MADE.truth:
        diff = planted.fill + planted.latency + planted.mid
        assert abs(diff) >= GATES["halt_diff"]
        assert (diff > 0) == (planted.side == "buy")


def test_the_planted_part_leads_and_the_truth_never_stands_in_the_journal() -> None:
    for planted in MADE.truth:
        shares = {"fill": planted.fill, "latency": planted.latency, "mid": planted.mid}
        diff = sum(shares.values())
        if planted.cause != "unknown":
            others = [part / diff for name, part in shares.items() if name != planted.cause]
            assert shares[planted.cause] / diff >= max(others) + MARGIN
    assert not any("planted" in record.to_line() for record in MADE.records)


def test_twenty_halts_hold_every_fault() -> None:
    faults = [planted.fault for planted in MADE.truth]
    assert {name: faults.count(name) for name in faults} == {
        "mid": 5, "fill": 5, "latency": 5, "latency_gap": 1, "latency_binance": 1,
        "missing_field": 2, "missing_history": 1,
    }  # fmt: skip
    unknown = [planted.fault for planted in MADE.truth if planted.cause == "unknown"]
    assert unknown == ["missing_field", "missing_field", "missing_history"]


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "mine.txt").touch()
    with pytest.raises(StoreError) as refused:
        write_synthetic(tmp_path / "a", halts=1)
    assert str(refused.value) == (
        f"{tmp_path / 'a'}: is there already; name a folder that is new or empty"
    )
    assert [path.name for path in tmp_path.rglob("*")] == ["a", "mine.txt"]


def test_nonsense_is_refused() -> None:
    with pytest.raises(ParamError) as refused:
        synthesise(halts=0)
    assert str(refused.value) == "halts must be 1 or more and seed 0 or more, were 0 and 7"
