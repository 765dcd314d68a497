"""The event table: filters, counts, files."""

import csv
import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from research.errors import SettingsError
from research.journal import DecisionRecord
from research.journal.events.events import EventCounts, EventFilter
from research.journal.events.files import event_sink
from research.journal.scan.rows import COLUMNS, batch_of_records

TIMES = [f"2026-01-05T0{hour}:00:00.000Z" for hour in range(5)]
RECORDS = [
    DecisionRecord(ts=TIMES[0], market="A", risk_state="NORMAL", decision="enter", reasons=("go",)),
    DecisionRecord(ts=TIMES[1], market="A", risk_state="HALT", decision="refuse",
                   reasons=("halted", "Cooldown 5"), halt_reason="diff: 3%+"),
    DecisionRecord(ts=TIMES[2], market="B", risk_state="halt", decision="SKIP",
                   reasons=("cooldown 5",)),
    DecisionRecord(ts=TIMES[3], decision="refuse"),
    DecisionRecord(ts=TIMES[4], market="b", halt_reason="stale, \"quoted\"\nand 停"),
]  # fmt: skip
BATCH = batch_of_records("bot.jsonl", list(enumerate(RECORDS, start=1)))


@pytest.mark.parametrize(
    ("wanted", "lines"),
    [
        ({}, [1, 2, 3, 4, 5]),
        ({"state": "halt"}, [2, 3]),
        ({"market": "B"}, [3, 5]),
        ({"reason": "cooldown"}, [2, 3]),
        ({"reason": "3%"}, [2]),
        ({"reason": "(.*"}, []),
        ({"since": TIMES[1], "until": TIMES[3]}, [2, 3]),
        ({"since": "2026-01-06"}, []),
        ({"state": "HALT", "market": "a", "reason": "halted"}, [2]),
    ],
)
def test_filters_keep_what_they_say(wanted: dict[str, str], lines: list[int]) -> None:
    assert EventFilter.of(**wanted).apply(BATCH)["line"].to_pylist() == lines


def test_a_moment_that_is_none_is_refused() -> None:
    with pytest.raises(SettingsError) as refused:
        EventFilter.of(since="last week")
    assert str(refused.value) == (
        "--since last week: must be a day or a moment in UTC, such as 2026-01-02 or "
        "2026-01-02T11:05:00Z"
    )


def test_reasons_of_refusals_are_counted_and_those_of_entries_not() -> None:
    counts = EventCounts()
    for _ in range(2):
        counts.add(BATCH)
    assert counts.events == 10
    assert counts.refusals == {"halted": 2, "Cooldown 5": 2, "cooldown 5": 2}
    assert counts.halts["diff: 3%+"] == 2
    assert counts.states == {"NORMAL": 2, "HALT": 2, "halt": 2}
    assert counts.decisions["SKIP"] == 2


def write(path: Path) -> None:
    with event_sink(path) as sink:
        sink.add(BATCH.slice(0, 2))
        sink.add(BATCH.slice(2))
        sink.about = {"command": "leadfollow journal table"}


def test_parquet_holds_all_columns_and_where_they_come_from(tmp_path: Path) -> None:
    write(tmp_path / "e.parquet")
    table = pq.read_table(tmp_path / "e.parquet")
    assert table.replace_schema_metadata(None).to_batches()[0] == BATCH
    about = pq.read_metadata(tmp_path / "e.parquet").metadata[b"leadfollow"]
    assert json.loads(about) == {"command": "leadfollow journal table"}


def test_csv_holds_moments_as_text_and_lists_joined(tmp_path: Path) -> None:
    write(tmp_path / "e.csv")
    with (tmp_path / "e.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == COLUMNS.names
    assert [row["ts"] for row in rows] == TIMES
    assert rows[1]["reasons"] == "halted; Cooldown 5"
    assert rows[4]["halt_reason"] == RECORDS[4].halt_reason


def test_json_leaves_out_what_is_unknown(tmp_path: Path) -> None:
    write(tmp_path / "e.json")
    body = json.loads((tmp_path / "e.json").read_text())
    assert body["about"] == {"command": "leadfollow journal table"}
    assert body["events"][3] == {
        "log": "bot.jsonl", "line": 4, "ts": TIMES[3], "decision": "refuse",
    }  # fmt: skip
    assert body["events"][1]["reasons"] == ["halted", "Cooldown 5"]


@pytest.mark.parametrize("ending", [".csv", ".json", ".parquet"])
def test_a_table_without_events_is_still_a_file(tmp_path: Path, ending: str) -> None:
    with event_sink(tmp_path / f"e{ending}"):
        pass
    assert (tmp_path / f"e{ending}").stat().st_size > 10


def fail(path: Path) -> None:
    with event_sink(path) as sink:
        sink.add(BATCH)
        raise KeyError


def test_a_file_that_failed_is_not_there(tmp_path: Path) -> None:
    for ending in (".csv", ".json", ".parquet"):
        with pytest.raises(KeyError):
            fail(tmp_path / f"e{ending}")
    assert list(tmp_path.iterdir()) == []


def test_an_ending_that_is_no_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as refused, event_sink(tmp_path / "e.xlsx"):
        pass
    assert str(refused.value) == (
        f"--out {tmp_path / 'e.xlsx'}: must end in .csv, .json or .parquet"
    )
