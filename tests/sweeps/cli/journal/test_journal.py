"""`leadfollow journal` as its user meets it."""

import csv
import json
from pathlib import Path

import jsonschema
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner, Result

from research.errors import FormatError, LeadfollowError, SettingsError, StoreError
from sweeps.cli.journal.journal import app

runner = CliRunner()


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made") / "demo"
    done = runner.invoke(app, ["synth", str(folder), "--halts", "4", "--seed", "7"])
    assert done.exit_code == 0, done.output
    return folder


def call(*arguments: object) -> Result:
    return runner.invoke(app, [str(argument) for argument in arguments])


def refusal(kind: type[LeadfollowError], *arguments: object) -> str:
    error = call(*arguments).exception
    assert type(error) is kind
    return str(error)


def test_synth_says_what_it_wrote_and_how_to_go_on(tmp_path: Path) -> None:
    done = call("synth", tmp_path / "d", "--halts", 2)
    assert f"wrote {tmp_path / 'd'}: " in done.output
    assert f"2 HALTs planted (seed 7); explain them with `leadfollow halts {tmp_path / 'd'}`" in (
        done.output
    )


def test_table_shows_events_counts_and_what_was_read(demo: Path) -> None:
    done = call("table", demo, "--state", "halt", "--rows", 3)
    assert done.exit_code == 0
    assert "40 events" in done.output
    assert "states: HALT 40" in done.output
    assert "40  risk state HALT" in done.output
    assert done.output.count("│ HALT") == 3
    lines = sum(path.read_bytes().count(b"\n") for path in demo.glob("journal-*"))
    assert f"{lines} lines: {lines} records, 0 rejected" in done.output


@pytest.mark.parametrize("ending", ["csv", "json", "parquet"])
def test_table_writes_all_events_in_three_formats(demo: Path, tmp_path: Path, ending: str) -> None:
    out = tmp_path / f"events.{ending}"
    done = call("table", demo, "--reason", "cooldown", "--out", out, "--rows", 0)
    assert done.exit_code == 0, done.output
    if ending == "csv":
        with out.open(newline="") as file:
            events = len(list(csv.DictReader(file)))
    elif ending == "json":
        events = len(json.loads(out.read_text())["events"])
    else:
        events = pq.read_metadata(out).num_rows
        about = json.loads(pq.read_metadata(out).metadata[b"leadfollow"])
        assert about["logs"][0]["name"] == "journal-2026-01-05.jsonl"
        assert len(about["logs"][0]["sha256"]) == 64
        assert about["parameters"]["reason"] == "cooldown"
    assert events > 10
    assert f"wrote {out}: {events:,} events" in done.output


def test_table_says_when_nothing_passes(demo: Path) -> None:
    done = call("table", demo, "--since", "2030-01-01")
    assert done.exit_code == 0
    assert "no record passes the filter" in done.output


def test_table_reads_foreign_logs_with_a_map_and_names_what_it_read_over(tmp_path: Path) -> None:
    log = tmp_path / "bot.log"
    log.write_text(
        '{"time":1767571200123,"st":"HALT","d":3.2,"junk":1}\n{"time":"x","st":"HALT"}\n'
    )
    maps = ["--map", "time=ts:epoch_ms", "--map", "st=risk_state"]
    maps += ["--map", "d=effective_diff_signed_buy:percent"]
    done = call("table", log, *maps)
    assert "+3.20 %" in done.output
    assert "2 lines: 1 records, 1 rejected" in done.output
    assert "bot.log:2: rejected: ts: time=ts:epoch_ms: 'x' cannot be converted" in done.output
    assert "read over, not mapped: junk" in done.output


def test_a_foreign_log_without_a_map_is_refused_with_a_proposal(tmp_path: Path) -> None:
    log = tmp_path / "bot.log"
    log.write_text('{"time":1767571200123,"state":"HALT"}\n')
    assert "--map time=ts:epoch_ms --map state=risk_state" in refusal(FormatError, "table", log)


def test_nothing_is_written_where_reading_failed(tmp_path: Path) -> None:
    log = tmp_path / "bot.log"
    log.write_text("HALT diff: 3%+\n")
    refusal(FormatError, "table", log, "--out", tmp_path / "events.csv")
    assert [path.name for path in tmp_path.iterdir()] == ["bot.log"]


def test_wrong_options_are_refused_before_anything_is_read(tmp_path: Path) -> None:
    log = tmp_path / "missing"
    assert "must end in" in refusal(SettingsError, "table", log, "--out", "events.xlsx")
    assert "--since soon: must be" in refusal(SettingsError, "table", log, "--since", "soon")
    assert "no field" in refusal(SettingsError, "table", log, "--map", "a=b")
    assert "no such file" in refusal(StoreError, "table", log)


def test_validate_is_silent_but_for_the_count_where_all_is_well(demo: Path) -> None:
    done = call("validate", demo)
    assert done.exit_code == 0
    assert len(done.output.splitlines()) == 1


def test_validate_lists_each_violation_with_line_and_field(demo: Path, tmp_path: Path) -> None:
    first, second = (demo / "journal-2026-01-05.jsonl").read_text().splitlines()[:2]
    log = tmp_path / "a.jsonl"
    late = first.replace('"binance_age_ms":60', '"binance_age_ms":-60')
    log.write_text(f"{late}\n{first[:50]}\n{second}\n" + '{"schema":3}\n' * 5)
    done = call("validate", log, "--most", 3)
    assert done.exit_code == 1
    assert done.output.splitlines() == [
        "a.jsonl:1: odd: binance_age_ms: -60: an age below 0 means clocks that differ",
        "a.jsonl:2: rejected: (line): not JSON at column 45: Unterminated string starting at",
        "a.jsonl:4: rejected: schema: is 3, this reader knows schema 1",
        "... 4 more; raise --most to list them",
        "8 lines: 2 records (1 odd), 6 rejected",
        "  other schema: schema: 5",
        "  clock skew: binance_age_ms: 1",
        "  not JSON: (line): 1",
    ]


def test_schema_prints_a_schema_that_accepts_the_journal(demo: Path) -> None:
    schema = json.loads(call("schema").output)
    for line in (demo / "journal-2026-01-05.jsonl").read_text().splitlines()[:20]:
        jsonschema.validate(json.loads(line), schema)


@pytest.mark.parametrize("command", ["table", "validate", "schema", "synth"])
def test_every_command_has_an_example(command: str) -> None:
    assert f"Example: leadfollow journal {command}" in call(command, "--help").output
