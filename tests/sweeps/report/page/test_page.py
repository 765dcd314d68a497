"""The page as a text: its order, what it holds, what it says of torn runs."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

from research.errors import StoreError
from research.visible import visible
from strategies.live.paper.report import report_of
from sweeps.report.page.html import element, table
from sweeps.report.page.page import page_of, write_page
from sweeps.report.page.paper import REPORT
from sweeps.report.page.run_folder import RunFolder
from sweeps.report.page.together import together


def test_it_is_read_from_the_verdict_to_where_it_came_from(run_folder: Path) -> None:
    text = (run_folder / "report.html").read_text()
    names = re.findall(r'<section id="([a-z-]+)"', text)
    wanted = [
        "verdict",
        "winners",
        "fallen",
        "preflight",
        "data",
        "models",
        "grids",
        "spread",
        "lead",
        "studies",
    ]
    assert [name for name in [*wanted, "provenance"] if name in names] == names
    assert {"verdict", "fallen", "grids", "spread", "lead", "provenance"} <= set(names)


def test_it_needs_nothing_from_outside_and_says_so_to_the_browser(run_folder: Path) -> None:
    text = (run_folder / "report.html").read_text()
    head = re.sub(r'<script type="text/plain".*?</script>', "", text, flags=re.S)
    assert "default-src 'none'" in head
    assert "unsafe-inline" not in head
    loads = re.findall(r'(?:src|href)="([^"#]*)"', head)
    assert all(each.startswith("data:") for each in loads if each)
    assert "@import" not in head


def test_the_same_run_makes_the_same_bytes(run_folder: Path) -> None:
    run = RunFolder.open(run_folder)
    assert page_of(run) == page_of(run) == (run_folder / "report.html").read_text()


def test_the_preflight_stands_on_the_page_failed_checks_first(own_run: Path) -> None:
    assert "leadfollow preflight bot_config.json" in write_page(own_run).read_text()
    lines = [
        {"check": name, "passed": ok, "number": 1.5, "unit": "%", "needs": "1", "sentence": "<b>"}
        for name, ok in (("armed", True), ("depth", False))
    ]
    told = {"as_of": "2026-01-31", "passed": False, "failed": ["depth"], "lines": lines}
    (own_run / "preflight.json").write_text(json.dumps(told))
    text = write_page(own_run).read_text()
    assert "It may not fly: depth" in text
    assert text.index(">depth<") < text.index(">armed<")
    assert "&lt;b&gt;" in text


def test_a_paper_run_in_the_folder_stands_on_the_page(own_run: Path) -> None:
    assert 'id="paper"' not in write_page(own_run).read_text()
    report = report_of([{"kind": "start", "at_ms": 0.0}], until_ms=7_200_000.0).to_dict()
    report["refusals"] = {"OLD <i>": 3}
    (own_run / "paper").mkdir()
    (own_run / REPORT).write_text(json.dumps(report))
    text = write_page(own_run).read_text()
    assert 'id="paper"' in text
    assert "0 triggers" in text
    assert "OLD &lt;i&gt;" in text


def test_a_torn_part_is_named_and_the_rest_is_shown(own_run: Path) -> None:
    grid = own_run / "grids" / "reversion.parquet"
    grid.write_bytes(grid.read_bytes()[:-20])
    (own_run / "verdict.json").write_text("{")
    text = write_page(own_run).read_text()
    assert "reversion.parquet" in text
    assert "verdict.json: torn" in text
    assert 'id="provenance"' in text


def test_a_run_without_grids_says_so(own_run: Path) -> None:
    for file in (own_run / "grids").iterdir():
        file.unlink()
    assert "This run holds no grid." in write_page(own_run).read_text()


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        ("missing", "no report.json, so no finished run"),
        ("torn", "torn or unreadable"),
        ("other", "reads 'leadfollow.run/1'"),
        ("list", "no JSON object"),
    ],
)
def test_what_is_no_run_of_this_version_is_refused(own_run: Path, spoil: str, message: str) -> None:
    report = own_run / "report.json"
    if spoil == "missing":
        report.unlink()
    else:
        told = json.loads(report.read_text()) | {"schema": "leadfollow.run/9"}
        report.write_text({"torn": "{", "other": json.dumps(told), "list": "[]"}[spoil])
    with pytest.raises(StoreError, match=message):
        write_page(own_run)


def test_what_was_not_made_here_is_text() -> None:
    shown = element("p", "<b>", element("i", 'a"b'), title='x" onload="y')
    assert shown == ('<p title="x&quot; onload=&quot;y">&lt;b&gt;<i>a&quot;b</i></p>')
    assert "&lt;td&gt;" in table("t", ("a", "b"), [("<td>", "1")])
    assert visible("a\x1b[31m\u202eb\n") == "a\\x1b[31m\\u202eb\n"


def test_minutes_after_are_scored_and_trades_add_up_to_the_grid(run_folder: Path) -> None:
    import pyarrow.parquet as pq

    from sweeps.grid.looks.find import grids_at

    for grid, _ in grids_at(run_folder, min_events=5):
        assert grid.after is not None
        assert grid.after.rows.start == grid.rows.stop
        table = pq.read_table(run_folder / "page" / f"{grid.name}.trades.parquet").to_pandas()
        inside = table[~table["is_after"]]
        events, net = grid.column("events"), grid.column("avg_pnl")
        later = grid.after.column("events")
        for cell, some in table.groupby("set"):
            own = inside[inside["set"] == cell]
            assert len(own) == events[cell]
            assert len(some) - len(own) == later[cell]
            if len(own):
                assert own["net_pct"].mean() == pytest.approx(net[cell], abs=1e-6)
        assert np.isin(table["session"], (0, 1, 2)).all()


def test_winners_together_add_up_in_the_order_of_their_exits(own_run: Path) -> None:
    for name, rows in {"a.all": [(1, 0.5), (3, -0.7)], "b.all": [(2, -0.4), (4, 0.9)]}.items():
        lines = [f"2026-01-0{day}T00:00:00Z,{net}" for day, net in rows]
        path = own_run / "trades" / f"{name}.out-of-sample.csv"
        path.write_text("\n".join(["exit_time,net_pct", *lines]) + "\n")
    found = together(RunFolder.open(own_run), ["a.all", "b.all"])
    assert found is not None
    assert "+0.300" in found  # 0.5 - 0.4 - 0.7 + 0.9
    assert "1.100" in found  # from 0.5 down to -0.6
    assert together(RunFolder.open(own_run), ["a.all"]) is None
    with pytest.raises(StoreError, match=r"c\.all\.out-of-sample\.csv"):
        together(RunFolder.open(own_run), ["a.all", "c.all"])
