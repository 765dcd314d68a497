"""`leadfollow halts` as its user meets it."""

import csv
import json
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner, Result

from research.data.tables.schema import candle_table
from research.errors import FormatError, LeadfollowError, SettingsError
from research.halts.planted.files import write_synthetic
from research.journal import DecisionRecord, JournalWriter
from sweeps.cli.halts.halts import app

runner = CliRunner()


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made") / "demo"
    write_synthetic(folder, halts=20, seed=7)
    return folder


def call(*arguments: object) -> Result:
    return runner.invoke(app, [str(argument) for argument in arguments])


def refusal(kind: type[LeadfollowError], *arguments: object) -> str:
    error = call(*arguments).exception
    assert type(error) is kind
    return str(error)


def written(demo: Path, out: Path, *options: object) -> dict[str, list[dict[str, object]]]:
    done = call(demo, "--out", out, *options)
    assert done.exit_code == 0, done.output
    body: dict[str, list[dict[str, object]]] = json.loads(out.read_text())
    return body


def test_every_planted_cause_is_told(demo: Path, tmp_path: Path) -> None:
    body = written(demo, tmp_path / "halts.json")
    truth = [json.loads(line) for line in (demo / "truth.jsonl").read_text().splitlines()]
    assert [(row["ts"], row["cause"]) for row in body["halts"]] == [
        (row["ts"], row["cause"]) for row in truth
    ]
    assert body["summary"][0]["halts"] == 20
    assert len(body["sweep"]) == 12


def test_a_recording_leaves_only_missing_fields_unknown(demo: Path, tmp_path: Path) -> None:
    body = written(demo, tmp_path / "h.json", "--quotes", demo / "quotes.jsonl")
    unknown = [row["why"] for row in body["halts"] if row["cause"] == "unknown"]
    assert len(unknown) == 2
    assert all(str(why).startswith("not known: ") for why in unknown)
    assert body["about"]["parameters"]["quotes"] == ["SYNTH"]  # type: ignore[call-overload]


def test_one_halt_is_told_in_full(demo: Path) -> None:
    done = call(demo, "--halt", 3)
    assert "HALT 3, journal-2026-01-05.jsonl:" in done.output
    assert "cause: latency: latency is 94% of the diff (Binance at dydx_ts from the journal" in (
        done.output
    )
    assert "would have prevented it: a dYdX age gate below 2,627 ms (3,000 in force)" in done.output
    assert " ms, dYdX 2,627 ms" in done.output


def test_halts_of_a_span_keep_their_numbers(demo: Path, tmp_path: Path) -> None:
    span = ["--since", "2026-01-05T02:00:00Z", "--until", "2026-01-05T03:00:00Z"]
    body = written(demo, tmp_path / "h.json", *span)
    assert [row["halt"] for row in body["halts"]] == [4, 5, 6]


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_halts_are_written_as_tables_too(demo: Path, tmp_path: Path, ending: str) -> None:
    out = tmp_path / f"halts.{ending}"
    assert call(demo, "--out", out).exit_code == 0
    if ending == "csv":
        with out.open(newline="") as file:
            rows = list(csv.DictReader(file))
        assert (rows[0]["cause"], rows[16]["mid"]) == ("mid", "")
    else:
        table = pq.read_table(out)
        assert table.num_rows == 20
        assert table["mid"].null_count == 3
        assert b"leadfollow" in table.schema.metadata


def test_pictures_are_drawn_per_halt_and_of_all(demo: Path, tmp_path: Path) -> None:
    done = call(demo, "--halt", 2, "--pictures", tmp_path / "p")
    assert sorted(path.name for path in (tmp_path / "p").iterdir()) == [
        "halt-0002.png",
        "halts.png",
    ]
    assert "1 picture and halts.png" in done.output


def test_minutes_of_the_store_are_asked_and_said_to_be_coarse(tmp_path: Path) -> None:
    from research.data.store.store import Store
    from research.data.tables.source import Source

    record = DecisionRecord(
        ts="2026-01-05T00:34:26.900Z", market="BTC-USD", risk_state="HALT", binance_mid=100.0,
        dydx_mid=103.5, dydx_ts="2026-01-05T00:34:26.500Z", expected_fill_buy=104.0,
    )  # fmt: skip
    with JournalWriter(tmp_path / "logs") as writer:
        writer.append(record)
    opens = 1_767_571_200_000 + 60_000 * np.arange(60)
    flat = {name: np.full(60, 100.0) for name in ("open", "high", "low", "close", "volume")}
    candles = candle_table(opens, flat | {"trades": np.full(60, 1.0)})
    source = Source(name="made.csv", layout="made", rows=60)
    Store(tmp_path / "data").add("BTC", "binance", candles, source=source)
    done = call(tmp_path / "logs", "--store", tmp_path / "data", "--out", tmp_path / "h.json")
    assert done.exit_code == 0, (done.output, done.exception)
    (row,) = json.loads((tmp_path / "h.json").read_text())["halts"]
    assert (row["cause"], row["history"], row["history_resolution_ms"]) == (
        "mid",
        "minutes",
        60_000,
    )
    assert "one-minute bars" in row["why"]


def test_a_journal_without_halts_says_so(tmp_path: Path) -> None:
    with JournalWriter(tmp_path) as writer:
        writer.append(DecisionRecord(ts="2026-01-05T00:00:00Z", risk_state="NORMAL"))
    done = call(tmp_path, "--out", tmp_path / "h.csv", "--pictures", tmp_path / "p")
    assert done.exit_code == 0, (done.output, done.exception)
    assert "no HALT in these records" in done.output
    assert (tmp_path / "h.csv").read_text().startswith('"halt","ts"')


def test_a_foreign_log_is_explained_through_a_map(tmp_path: Path) -> None:
    log = tmp_path / "bot.log"
    rows = [
        {"t": 1767571200000 + ms, "bn": {"px": 100.0, "at": 1767571200000 + ms}, "dx": dydx,
         "dx_lag": 0.5, "fill": dydx * 1.0001, "st": "HALT" if dydx > 103 else "OK", "lim": 3.0}
        for ms, dydx in ((0, 100.0), (500, 100.0), (1000, 104.0))
    ]  # fmt: skip
    log.write_text("".join(json.dumps(row) + "\n" for row in rows))
    maps = [
        "t=ts:epoch_ms", "bn.px=binance_mid", "bn.at=binance_ts:epoch_ms", "dx=dydx_mid",
        "dx_lag=dydx_age_ms:s", "fill=expected_fill_buy", "st=risk_state",
        "lim=thresholds.halt_diff:percent",
    ]  # fmt: skip
    options = [part for text in maps for part in ("--map", text)]
    done = call(log, *options)
    assert done.exit_code == 0, done.exception
    assert "cause: mid: mid is 100% of the diff" in done.output


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--halt", 21], "--halt 21: the journal holds 20 HALTs"),
        (["--market", "ETH-USD"], "--market ETH-USD: no record of that market in the journal"),
        (["--sweep", "3"], "--sweep 3: must be LOW:HIGH:STEP in percent, rising, above 0 and of at "
         "most 1000 steps, such as 0.5:6:0.5"),
        (["--sweep", "1:2:0"], "--sweep 1:2:0: must be LOW:HIGH:STEP"),
        (["--sweep", "nan:2:1"], "--sweep nan:2:1: must be LOW:HIGH:STEP"),
        (["--max-age-ms", -5], "--max-age-ms must be above 0, was -5"),
        (["--out", "h.xlsx"], "--out h.xlsx: must end in .json, .csv or .parquet"),
        (["--store", "nowhere"], "--store nowhere: no Binance minutes of SYNTH-USD; import them "
         "with `leadfollow data import --venue binance`, or leave out --minutes"),
    ],
)  # fmt: skip
def test_wrong_options_are_refused(demo: Path, options: list[object], message: str) -> None:
    assert refusal(SettingsError, demo, *options).startswith(message)


def test_quotes_without_binance_are_refused(demo: Path, tmp_path: Path) -> None:
    line = (demo / "quotes.jsonl").read_text().splitlines()[0].replace("binance", "dydx")
    (tmp_path / "q.jsonl").write_text(line + "\n")
    assert refusal(FormatError, demo, "--quotes", tmp_path / "q.jsonl") == (
        "q.jsonl: 1 quotes, none of Binance; record Binance too, its price at dydx_ts is what is "
        "needed"
    )


def test_the_command_has_an_example() -> None:
    assert "Example: leadfollow halts" in call("--help").output
