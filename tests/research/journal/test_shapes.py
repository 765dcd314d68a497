"""Logs as they lie about: rotated, packed, wrapped, listed, doubled, in other spellings."""

import bz2
import gzip
import json
import lzma
import re
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from research.errors import FormatError
from research.halts.planted.files import write_synthetic
from research.journal import FieldMap, ReadReport, read_journal, record_of
from research.journal.scan.batches import BatchReader

CASES = Path(__file__).parents[2] / "samples/cases"


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    folder = tmp_path_factory.mktemp("synth")
    write_synthetic(folder, halts=3, seed=7)
    (journal, *_) = sorted(folder.glob("journal-*.jsonl"))
    return journal.read_text().splitlines()[:80]


def rows(path: Path, *maps: str) -> tuple[list[dict[str, Any]], ReadReport]:
    reader = BatchReader(mapping=FieldMap.parse(maps) if maps else None)
    found = [row for batch in reader.read([path]) for row in batch.to_pylist()]
    return found, reader.report


def moments(lines: list[str]) -> list[str]:
    return [record_of(line).ts for line in lines]


def records(path: Path) -> tuple[list[str], ReadReport]:
    report = ReadReport()
    return [record.ts for _, _, record in read_journal([path], report)], report


def test_a_folder_is_read_with_its_rotated_and_packed_files_in_time_order(
    tmp_path: Path, lines: list[str]
) -> None:
    def text(first: int, last: int) -> bytes:
        return ("\n".join(lines[first:last]) + "\n").encode()

    (tmp_path / "journal-2026-01-05.jsonl").write_bytes(text(60, 80))
    (tmp_path / "journal-2026-01-05.jsonl.1").write_bytes(text(40, 60))
    (tmp_path / "journal-2026-01-05.jsonl.2.gz").write_bytes(gzip.compress(text(20, 40)))
    packed = pa.Codec("zstd").compress(text(0, 20), asbytes=True)
    (tmp_path / "journal-2026-01-05.jsonl.3.zst").write_bytes(packed)
    found, report = rows(tmp_path)
    assert [row["ts"] for row in found] == sorted(row["ts"] for row in found)
    assert (len(found), report.doubled) == (80, 0)


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_a_packed_log_is_its_log_and_a_torn_one_is_named(
    tmp_path: Path, lines: list[str], pack: Any
) -> None:
    packed = pack(("\n".join(lines) + "\n").encode())
    path = tmp_path / "bot.log"
    path.write_bytes(packed)
    assert records(path)[0] == moments(lines)
    path.write_bytes(packed[: len(packed) // 2])
    with pytest.raises(FormatError, match=r"bot.log: torn archive"):
        records(path)


def test_files_are_read_in_time_order_whatever_the_order_of_their_names(
    tmp_path: Path, lines: list[str]
) -> None:
    new, old = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    new.write_text("\n".join(lines[50:]) + "\n")
    old.write_text("\n".join(lines[:50]) + "\n")
    found = [record.ts for _, _, record in read_journal([new, old], ReadReport())]
    assert found == moments(lines)


@pytest.mark.parametrize("scans", [False, True])
def test_a_line_that_comes_again_counts_once_and_is_told(
    tmp_path: Path, lines: list[str], scans: bool
) -> None:
    path = tmp_path / "twice.jsonl"
    path.write_text("\n".join([*lines, *lines]) + "\n")
    reader = BatchReader(scans=scans)
    assert sum(batch.num_rows for batch in reader.read([path])) == 80
    assert reader.report.sentence() == (
        "160 lines: 80 records, 0 rejected, 80 doubled (the same line again: counted once)"
    )


SHAPES: dict[str, Any] = {
    "list": lambda lines: json.dumps([json.loads(line) for line in lines]),
    "indented list": lambda lines: json.dumps([json.loads(line) for line in lines], indent=1),
    "indented": lambda lines: "\n".join(json.dumps(json.loads(line), indent=2) for line in lines),
    "docker": lambda lines: "\n".join(
        json.dumps({"log": f"{line}\n", "stream": "stdout"}) for line in lines
    ),
    "docker with prefix": lambda lines: "\n".join(
        json.dumps({"log": f"INFO bot: {line}\n"}) for line in lines
    ),
    "logger": lambda lines: "\n".join(f"2026-01-05 00:01:00,974 INFO bot - {x}" for x in lines),
    "container runtime": lambda lines: "\n".join(
        f"2026-01-05T00:01:00.9Z stdout F {line}" for line in lines
    ),
    "message": lambda lines: "\n".join(
        json.dumps({"level": "info", "message": line}) for line in lines
    ),
    "object": lambda lines: "\n".join(json.dumps({"data": json.loads(line)}) for line in lines),
    "mark": lambda lines: "\ufeff" + "\r\n".join(lines),
    "two marks": lambda lines: "\ufeff" + "\n\ufeff".join(lines),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_record_is_found_in_what_stands_around_it(
    tmp_path: Path, lines: list[str], shape: str
) -> None:
    path = tmp_path / "bot.log"
    path.write_text(SHAPES[shape](lines) + "\n")
    found, report = records(path)
    assert found == moments(lines)
    assert report.rejected == 0


def test_a_log_in_utf_16_is_read(tmp_path: Path, lines: list[str]) -> None:
    for encoding in ("utf-16", "utf-16-be"):
        mark = b"\xfe\xff" if encoding == "utf-16-be" else b""
        (tmp_path / "bot.log").write_bytes(mark + ("\n".join(lines) + "\n").encode(encoding))
        assert records(tmp_path / "bot.log")[0] == moments(lines)


def test_a_damaged_object_of_a_list_costs_itself_only(tmp_path: Path, lines: list[str]) -> None:
    path = tmp_path / "bot.json"
    path.write_text("[" + ",\n".join([*lines[:10], lines[10][:200], *lines[11:]]) + "]")
    found, report = records(path)
    assert found == moments([*lines[:10], *lines[11:]])
    assert report.rejected == 1


def test_a_hole_of_zeros_costs_no_record(tmp_path: Path, lines: list[str]) -> None:
    path = tmp_path / "bot.jsonl"
    text = "\n".join(lines).encode()
    path.write_bytes(text.replace(b"\n", b"\n" + bytes(4096), 1) + b"\n")
    assert records(path)[0] == moments(lines)


def test_a_torn_line_gives_no_record_of_its_inner_objects(tmp_path: Path, lines: list[str]) -> None:
    path = tmp_path / "bot.jsonl"
    path.write_text(lines[0] + "\n" + lines[1][: lines[1].rindex("}")] + "\n")
    assert len(records(path)[0]) == 1


@pytest.mark.parametrize(
    "spelled",
    [
        "2026-01-05 00:01:00.974000+00:00", "2026-01-05T00:01:00.974+0000",
        "2026-01-05 00:01:00.974 UTC", "2026-01-05T08:01:00.974+08", "2026-01-05 00:01:00,974Z",
    ],
)  # fmt: skip
def test_a_moment_with_a_zone_is_read_in_every_spelling(tmp_path: Path, spelled: str) -> None:
    path = tmp_path / "bot.jsonl"
    path.write_text(json.dumps({"schema": 1, "ts": spelled}) + "\n")
    assert records(path)[0] == ["2026-01-05T00:01:00.974Z"]
    path.write_text(json.dumps({"when": spelled}) + "\n")
    for unit in ("", ":utc"):
        found, _ = rows(path, f"when=ts{unit}")
        assert f"{found[0]['ts']:%H:%M:%S.%f}" == "00:01:00.974000"


@pytest.mark.parametrize("text", ["3.05%", "3.05 %", "+3.05%", "3,05%"])
def test_percent_in_text_is_percent(tmp_path: Path, text: str) -> None:
    path = tmp_path / "bot.jsonl"
    path.write_text(json.dumps({"ts": "2026-01-05T00:00:00Z", "diff": text}) + "\n")
    found, _ = rows(path, *_proposed(path))
    assert found[0]["effective_diff_signed_buy"] == pytest.approx(0.0305)


def _proposed(path: Path) -> list[str]:
    with pytest.raises(FormatError) as refused:
        rows(path)
    return re.findall(r"--map (\S+)", str(refused.value))


@pytest.mark.parametrize("name", ["bot.jsonl", "bot_mids_only.jsonl"])
def test_the_unit_of_a_diff_is_told_by_the_prices_beside_it(name: str) -> None:
    path = CASES / "24-diff-unit" / name
    maps = _proposed(path)
    assert "diff=effective_diff_signed_buy:percent" in maps
    found, report = rows(path, *maps)
    assert found[2]["effective_diff_signed_buy"] == pytest.approx(0.034)
    assert report.is_clean
    bare = [text.removesuffix(":percent") for text in maps]
    _, warned = rows(path, *bare)  # a map by hand that forgets the unit is noticed too
    assert warned.counts == {("diff disagrees", "effective_diff_signed_buy"): 5}


@pytest.mark.parametrize(("per", "unit"), [(1, ""), (100, ":percent"), (10_000, ":bps")])
def test_every_unit_of_a_diff_is_told(tmp_path: Path, per: float, unit: str) -> None:
    path = tmp_path / "bot.jsonl"
    with path.open("w") as file:
        for at in range(10):
            part = (at - 5) / 1000 or 1e-5
            line = {"ts": f"2026-01-05T00:0{at}:00Z", "binance_mid": 100.0}
            line |= {"dydx_mid": 100 * (1 + part), "diff": per * part * 1.1}
            file.write(json.dumps(line) + "\n")
    assert f"diff=effective_diff_signed_buy{unit}" in _proposed(path)
