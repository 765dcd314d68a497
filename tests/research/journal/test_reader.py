"""The reader: everything that is not a record is counted, with line and field."""

import json
import tracemalloc
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from research.errors import FormatError, StoreError
from research.journal import DecisionRecord, FieldMap, ReadReport, read_journal
from research.journal.blocks import read_blocks
from tests.samples.journal_corpus import sample_records

RECORDS = sample_records()[:6]
LINES = [record.to_line() for record in RECORDS]
TS = "2026-01-05T00:34:26.942Z"


def read(path: Path, **options: Any) -> tuple[list[tuple[int, DecisionRecord]], ReadReport]:
    report = ReadReport()
    found = [(line, record) for _, line, record in read_journal([path], report, **options)]
    return found, report


def journal(path: Path, lines: Iterable[str]) -> Path:
    path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    return path


def faults(report: ReadReport) -> list[str]:
    return [str(fault) for fault in report.kept]


def line_with(**fields: Any) -> str:
    return json.dumps(json.loads(LINES[0]) | fields)


def test_a_cut_anywhere_costs_the_cut_line_only(tmp_path: Path) -> None:
    path, whole = tmp_path / "cut.jsonl", ("\n".join(LINES[:3]) + "\n").encode()
    ends = [place for place, byte in enumerate(whole) if byte == 10]
    for cut in range(ends[0] + 1, len(whole), 7):
        path.write_bytes(whole[:cut])
        found, report = read(path)
        complete = sum(cut >= end for end in ends)  # without its newline a line is still whole
        assert [record for _, record in found] == list(RECORDS[:complete])
        is_torn = cut - 1 not in ends and cut not in ends
        assert [fault.fault.rule for fault in report.kept] == ["torn"] * is_torn


def test_a_torn_last_line_is_said_and_the_rest_is_read(tmp_path: Path) -> None:
    path = tmp_path / "torn.jsonl"
    path.write_text(LINES[0] + "\n" + LINES[1][:40])
    found, report = read(path)
    assert found == [(1, RECORDS[0])]
    assert faults(report) == [
        "torn.jsonl:2: rejected: (line): the last line is cut off (writer killed?): not JSON at "
        "column 18: Unterminated string starting at"
    ]


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        (line_with(schema=2), "rejected: schema: is 2, this reader knows schema 1"),
        ('{"ts":"x"}', "rejected: schema: must be 1, is not there"),
        ("", "rejected: (line): holds nothing"),
        ("[1]", "rejected: (line): must be a JSON object, was a list"),
        ("HALT diff: 3%+", "rejected: (line): not JSON at column 1: Expecting value"),
        ("[" * 200_000,
         "rejected: (line): not JSON that can be read: too many digits or brackets"),
        ('{"a":1,"a":2}', "rejected: a: given twice in one line"),
        (line_with(rsi_1m="x"), "rejected: rsi_1m: must be a number, was 'x'"),
        (line_with(rsi_1m=float("nan")),
         "odd: rsi_1m: nan is no JSON: read as unknown, write null"),
        (line_with(thresholds={"halt_diff": float("inf")}),
         "odd: thresholds.halt_diff: inf is no JSON: read as unknown, write null"),
        (line_with(rsi_1m=-7).replace("-7", "1e999"),
         "rejected: rsi_1m: must be finite, was inf"),
        (line_with(ts="2026-01-05T00:34:26"), "rejected: ts: must be an ISO 8601 moment such as "
         "2026-01-02T11:05:03.120Z, was '2026-01-05T00:34:26'"),
        (line_with(dydx_age_ms=-120),
         "odd: dydx_age_ms: -120: an age below 0 means clocks that differ"),
        (line_with(dydx_mid=0), "odd: dydx_mid: 0: a price is above 0"),
        (line_with(rsi_4h=101), "odd: rsi_4h: 101: 0 to 100"),
        (line_with(dydx_mid_kind="median"),
         "odd: dydx_mid_kind: 'median' is none of mid, oracle, mark, last"),
        (line_with(order_intent={"side": "long"}),
         "odd: order_intent.side: 'long' is none of buy, sell"),
        (line_with(binace_mid=1),
         "odd: binace_mid: not a field of schema 1; did you mean binance_mid?"),
        (line_with(dydx_ts="2026-01-05T00:01:01.738Z"),
         "odd: dydx_ts: 2026-01-05T00:01:01.738Z is 200 ms after ts: clocks that differ"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_line_and_field(tmp_path: Path, line: str, fault: str) -> None:
    path = journal(tmp_path / "a.jsonl", [LINES[1], line, LINES[2]])
    found, report = read(path)
    assert faults(report)[0] == f"a.jsonl:2: {fault}"
    assert [number for number, _ in found] == [1, 2, 3] if "odd" in fault else [1, 3]


def test_a_negative_age_is_named_and_not_clipped(tmp_path: Path) -> None:
    found, report = read(journal(tmp_path / "a.jsonl", [line_with(binance_age_ms=-35.5)]))
    assert found[0][1].binance_age_ms == -35.5
    assert report.counts == {("clock skew", "binance_age_ms"): 1}


def test_crossed_fills_and_a_percent_diff_are_named(tmp_path: Path) -> None:
    crossed = line_with(
        binance_mid=100.0, expected_fill_buy=103.0, expected_fill_sell=104.0,
        effective_diff_signed_buy=3.0, effective_diff_signed_sell=0.04,
    )  # fmt: skip
    _, report = read(journal(tmp_path / "a.jsonl", [crossed]))
    assert faults(report) == [
        "a.jsonl:1: odd: expected_fill_buy: 103 is below expected_fill_sell 104: a crossed book",
        "a.jsonl:1: odd: effective_diff_signed_buy: 3 recorded, the prices give 0.03; it looks "
        "like percent, a fraction is wanted",
    ]


def test_bytes_that_are_no_text_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"\xff\xfe\n" + bytes(50) + b"\n" + LINES[0].encode() + b"\r\n")
    found, report = read(path)
    assert found == [(3, RECORDS[0])]
    assert faults(report) == [
        "a.jsonl:1: rejected: (line): byte 1 is not UTF-8",
        "a.jsonl:2: rejected: (line): not JSON at column 1: Expecting value",
    ]


def test_a_foreign_log_is_refused_with_its_keys_and_a_map(tmp_path: Path) -> None:
    line = json.dumps(
        {"time": 1767571200123, "quote": {"bn_mid": 91000.5, "dx_mid": "90990.0"},
         "diff_pct": 3.2, "state": "HALT", "dydx_lag_s": 8.2, "qty": 0.1, "foo": None}
    )  # fmt: skip
    with pytest.raises(FormatError) as refused:
        read(journal(tmp_path / "bot.log", [line] * 3))
    assert str(refused.value) == (
        'bot.log: no decision journal: no line has the field "schema"; keys found: time, '
        "quote.bn_mid, quote.dx_mid, diff_pct, state, dydx_lag_s, qty, foo; name our fields, for "
        "instance: --map time=ts:epoch_ms --map quote.bn_mid=binance_mid "
        "--map quote.dx_mid=dydx_mid:number --map diff_pct=effective_diff_signed_buy:percent "
        "--map state=risk_state --map dydx_lag_s=dydx_age_ms:s --map qty=fill_size_base"
    )


def test_a_map_without_ts_is_refused_with_the_keys(tmp_path: Path) -> None:
    mapping = FieldMap.parse(["mid=binance_mid"])
    with pytest.raises(
        FormatError, match=r"--map finds no ts\. bot\.log: .* keys found: mid, when"
    ):
        read(journal(tmp_path / "bot.log", ['{"mid":1.0,"when":"x"}']), mapping=mapping)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "x.jsonl: empty: no line to read; has the bot written here yet?"),
        ("a\nb\n", "x.jsonl: none of 2 lines is a decision record; first: x.jsonl:1: rejected: "
         "(line): not JSON at column 1: Expecting value"),
    ],
)  # fmt: skip
def test_a_file_without_a_record_is_refused(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text(content)
    with pytest.raises(FormatError) as refused:
        read(path)
    assert str(refused.value) == message


def test_a_missing_path_and_a_folder_without_journals_are_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreError) as missing:
        read(tmp_path / "no.jsonl")
    assert str(missing.value) == (
        f"{tmp_path / 'no.jsonl'}: no such file; name a journal or the folder of its days"
    )
    with pytest.raises(StoreError) as empty:
        read(tmp_path)
    assert str(empty.value) == (
        f"{tmp_path}: no journal-*.jsonl in this folder; name the log files"
    )


def test_an_empty_day_among_others_is_no_error(tmp_path: Path) -> None:
    journal(tmp_path / "journal-2026-01-04.jsonl", [])
    journal(tmp_path / "journal-2026-01-05.jsonl", LINES[:2])
    found, report = read(tmp_path)
    assert (len(found), report.lines) == (2, 2)


def test_faults_are_all_counted_and_the_first_ones_kept(tmp_path: Path) -> None:
    path = journal(tmp_path / "a.jsonl", [LINES[0]] + ["x"] * 50)
    report = ReadReport(kept_limit=5)
    assert len(list(read_journal([path], report))) == 1
    assert report.counts == {("not JSON", "(line)"): 50}
    assert len(report.kept) == 5
    assert report.sentence() == "51 lines: 1 records, 50 rejected"


def test_a_line_longer_than_any_record_is_never_loaded(tmp_path: Path) -> None:
    path = tmp_path / "long.jsonl"
    size = 300 << 20
    with path.open("wb") as file:  # a hole: 300 MiB of NUL without a newline
        file.write(LINES[0].encode() + b"\n")
        file.truncate(size)
        file.seek(0, 2)
        file.write(b"\n" + LINES[1].encode() + b"\n")
    tracemalloc.start()
    found, report = read(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found == [(1, RECORDS[0]), (3, RECORDS[1])]
    too_long = size - len(LINES[0]) - 1
    assert faults(report) == [
        f"long.jsonl:2: rejected: (line): {too_long:,} bytes: longer than any record, not loaded"
    ]
    assert peak < 32 << 20


@pytest.mark.parametrize("block_bytes", [1, 7, 64, 1 << 20])
@pytest.mark.parametrize("tail", [b"", b"\n", b"unfinished", b"x" * 90])
def test_blocks_hold_every_line_once_whatever_their_size(
    tmp_path: Path, block_bytes: int, tail: bytes
) -> None:
    path = tmp_path / "a"
    lines = [b"", b"a", b"x" * 40, b"y" * 41, b"", b"z" * 500, b"end"]
    path.write_bytes(b"\n".join(lines) + b"\n" + tail)
    found: dict[int, bytes | int] = {}
    for block in read_blocks(path, block_bytes=block_bytes, max_line_bytes=40):
        found |= dict(enumerate(block.lines, start=block.first_line))
        if block.too_long_bytes:
            found[block.first_line] = block.too_long_bytes
    wanted = lines + ([tail.removesuffix(b"\n")] if tail else [])
    assert found == {
        place: text if len(text) <= 40 else len(text) for place, text in enumerate(wanted, start=1)
    }


def test_names_out_of_a_log_are_printable(tmp_path: Path) -> None:
    strange = json.dumps({"schema": 1, "ts": TS, "\x1b[31mred\ud800": 1, "x" * 500: 2})
    _, report = read(journal(tmp_path / "a.jsonl", [strange]))
    names = sorted(fault.fault.field for fault in report.kept)
    assert names == ["?[31mred?", "x" * 40]
