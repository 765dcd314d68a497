"""``leadfollow data``: what a user sees, and what is in the store afterwards."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from research.data.store.store import Store
from research.errors import ChecksumError, ConflictError, FormatError, ParamError, StoreError
from research.frame.frame import read_frame
from sweeps.cli.data.data import app
from tests.samples.minute_tables import bulk_lines, candles, source

runner = CliRunner()


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """The store of the defaults: the folder ``data`` where the user stands."""
    monkeypatch.chdir(tmp_path)
    return Store(tmp_path / "data")


def run(*arguments: str) -> Result:
    result = runner.invoke(app, list(arguments))
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def text_of(result: Result) -> str:
    """The output without the line breaks that a narrow terminal puts in."""
    return " ".join(result.output.split())


def bulk_file(name: str, n: int = 10, *, first: int = 0) -> str:
    Path(name).write_text("\n".join(bulk_lines(candles(n, first=first))))
    return name


IMPORT = ("import", "--market", "BTC", "--venue", "binance")


def test_import_says_what_it_recognised_and_what_is_new(store: Store) -> None:
    first = run(*IMPORT, bulk_file("a.csv"))
    assert first.exit_code == 0
    assert "a.csv Binance bulk CSV, 12 columns without header, open_time in ms, 10 minutes " in (
        text_of(first)
    )
    assert "BTC binance: 10 new, 0 already stored" in text_of(first)
    again = run(*IMPORT, bulk_file("b.csv", 15))
    assert "BTC binance: 5 new, 10 already stored" in text_of(again)
    assert "0 new, 15 already stored (nothing changed)" in text_of(run(*IMPORT, "b.csv"))
    assert len(store.candles("BTC", "binance")) == 15


def test_several_files_are_imported_one_by_one(store: Store) -> None:
    names = [bulk_file("a.csv", 5), bulk_file("b.csv", 5, first=5)]
    Path("c.csv").write_text("<html>")
    with pytest.raises(FormatError, match=r"c.csv: a web page"):
        run(*IMPORT, *names, "c.csv")
    assert len(store.candles("BTC", "binance")) == 10


def test_a_contradiction_is_refused_until_it_is_settled(store: Store) -> None:
    run(*IMPORT, bulk_file("a.csv"))
    other = candles(10, volume=[50.0] * 10)
    Path("b.csv").write_text("\n".join(bulk_lines(other)))
    with pytest.raises(ConflictError, match="10 minutes contradict what is stored"):
        run(*IMPORT, "b.csv")
    kept = run(*IMPORT, "--on-conflict", "keep", "b.csv")
    assert "10 contradicting, settled as asked (nothing changed)" in text_of(kept)
    run(*IMPORT, "--on-conflict", "replace", "b.csv")
    assert (store.candles("BTC", "binance")["volume"] == 50).all()


def test_stamps_can_be_moved(store: Store) -> None:
    result = run(*IMPORT, "--shift-min", "-60", bulk_file("a.csv", first=60))
    assert "note: stamps moved by -60 min" in text_of(result)
    assert store.listing()["first"].tolist() == ["2026-01-01T00:00Z"]


def test_another_markets_body_is_refused(store: Store) -> None:
    body = {"candles": [{"ticker": "ETH-USD", "startedAt": "2026-01-01T00:00:00.000Z",
                         "resolution": "1MIN", "open": "1", "high": "1", "low": "1", "close": "1",
                         "baseTokenVolume": "1", "trades": 1}]}  # fmt: skip
    Path("x.json").write_text(json.dumps(body))
    with pytest.raises(FormatError, match=r"x.json: holds ETH-USD, market BTC is BTC-USD at dydx"):
        run("import", "--market", "BTC", "--venue", "dydx", "x.json")
    assert run("import", "--market", "ETH", "--venue", "dydx", "x.json").exit_code == 0
    assert store.markets() == ["ETH"]


def test_a_folder_of_recorded_files_goes_in(store: Store, shared_data: Path) -> None:
    vision = shared_data / "binance_vision"
    files = [str(path) for path in sorted(vision.iterdir())]
    result = run("import", "--market", "LINK", "--venue", "binance", *files)
    assert "checksum verified" in text_of(result)
    assert "LINKUSDT-1m-2026-02.zip.CHECKSUM: a checksum, read along with its file" in (
        text_of(result)
    )
    assert len(store.candles("LINK", "binance")) == 40_320


def test_a_wrong_checksum_stores_nothing(store: Store, shared_data: Path) -> None:
    name = "LINKUSDT-1m-2026-02.zip"
    Path(name).write_bytes((shared_data / "binance_vision" / name).read_bytes())
    Path(f"{name}.CHECKSUM").write_text("0" * 64)
    with pytest.raises(ChecksumError):
        run("import", "--market", "LINK", "--venue", "binance", name)
    assert store.markets() == []


def test_the_list_of_nothing_says_how_to_begin(store: Store) -> None:
    assert "nothing stored in data; import minutes with `leadfollow data import" in (
        text_of(run("ls"))
    )


def test_the_list_shows_spans_and_labels(store: Store) -> None:
    run(*IMPORT, bulk_file("a.csv"))
    run("synth", "--days", "1")
    shown = text_of(run("ls"))
    assert "2026-01-01T00:00Z" in shown
    assert "SYNTH [SYNTHETIC]" in shown
    assert "funding" in shown


def test_synth_is_labelled_and_reproducible(store: Store) -> None:
    first = run("synth", "--days", "1", "--seed", "3", "--edge", "0")
    assert "SYNTH [SYNTHETIC]: 1,440 minutes 2026-01-01T00:00Z .. 2026-01-01T23:59Z" in (
        text_of(first)
    )
    assert "SYNTHETIC seed=3 days=1 edge=0: no lead planted" in text_of(first)
    before = store.candles("SYNTH", "dydx")
    again = run("synth", "--days", "1", "--seed", "3", "--edge", "0")
    assert "replaces the synthetic market of that name" in text_of(again)
    assert store.candles("SYNTH", "dydx").equals(before)


def test_synth_never_touches_recorded_minutes(store: Store) -> None:
    run(*IMPORT, bulk_file("a.csv"))
    with pytest.raises(StoreError, match=r"BTC in data: holds recorded minutes"):
        run("synth", "--market", "BTC", "--days", "1")
    assert len(store.candles("BTC", "binance")) == 10


def test_synth_refuses_nonsense(store: Store) -> None:
    with pytest.raises(ParamError, match=r"edge = -1.0; must be 0 <= edge <= 5"):
        run("synth", "--edge", "-1")
    assert store.markets() == []


def test_the_defaults_of_synth_are_the_settings(store: Store) -> None:
    Path("leadfollow.toml").write_text("[synthetic]\ndays = 0.5\nseed = 11\n[store]\nfolder='s'")
    assert "SYNTHETIC seed=11 days=0.5 edge=1" in text_of(run("synth"))
    assert Store(Path("s")).markets() == ["SYNTH"]


def test_quality_is_a_table_and_json(store: Store) -> None:
    run("synth", "--days", "2", "--edge", "0")
    shown = text_of(run("quality", "--market", "SYNTH", "--json", "q.json"))
    for word in ("SYNTH [SYNTHETIC]", "without a trade", "against the 12 h before", "wrote q.json"):
        assert word in shown
    report = json.loads(Path("q.json").read_text())
    assert report["is_synthetic"] is True
    assert report["venues"]["dydx"]["rows"] == 2880
    assert report["pair"]["alignment"]["shift_min"] == 0
    assert set(report["provenance"]) == {"files", "sources", "versions", "command"}


def test_quality_prints_bare_json_on_demand(store: Store) -> None:
    run("synth", "--days", "1")
    assert json.loads(run("quality", "--market", "SYNTH", "--json", "-").output)["findings"] == []


def test_quality_of_one_venue_says_so(store: Store) -> None:
    run(*IMPORT, bulk_file("a.csv"))
    assert "one venue only: nothing to compare" in text_of(run("quality", "--market", "BTC"))


def test_quality_of_nothing_says_how_to_begin(store: Store) -> None:
    with pytest.raises(StoreError, match="ETH in data: no minutes stored; import some with"):
        run("quality", "--market", "ETH")


def test_quality_of_spans_apart_names_them(store: Store) -> None:
    run(*IMPORT, bulk_file("a.csv"))
    run("import", "--market", "BTC", "--venue", "dydx", _dydx_file("d.csv"))
    assert "the venues do not overlap" in text_of(run("quality", "--market", "BTC"))


def _dydx_file(name: str) -> str:
    Path(name).write_text("date,open,high,low,close,volume\n2025-01-01T00:00Z,1,1,1,1,1\n")
    return name


def test_an_hour_off_is_caught_and_cured_in_the_recorded_week(
    store: Store, shared_data: Path
) -> None:
    week = shared_data / "btc_week"
    run(*IMPORT, str(week / "binance_um_BTCUSDT_1m.csv"))
    dydx = ("import", "--market", "BTC", "--venue", "dydx", str(week / "dydx_BTC-USD_1MIN.csv"))
    run(*dydx, "--shift-min", "60")
    shown = text_of(run("quality", "--market", "BTC"))
    assert "dYdX stands 60 minutes late (1 h: time zone or daylight saving)" in shown
    assert "10 minutes missing in 10 gaps, single ones 1,000 minutes apart" in shown


@pytest.mark.parametrize("command", ["import", "ls", "quality", "synth"])
def test_every_command_shows_an_example(command: str) -> None:
    shown = text_of(run(command, "--help"))
    assert f"Example: leadfollow data {command}" in shown


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys; import sweeps.cli.data.data; "
        "print(sorted({'numpy', 'pandas', 'pyarrow', 'numba', 'pydantic'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def halted_store(store: Store) -> None:
    """Both venues for 120 minutes; dYdX silent from 00:20 to 00:59."""
    traded = [float(not 20 <= t < 60) for t in range(120)]
    store.add("BTC", "binance", candles(120), source=source())
    store.add("BTC", "dydx", candles(120, volume=traded, trades=traded), source=source())


STRETCH = "2026-01-01T00:21Z .. 2026-01-01T01:04Z (44 min): no dYdX trade for 40 min (more than 30)"
RULE = "left out by rule (more than 30 min without a trade at either venue, and 5 min after)"


def test_quality_lists_what_frames_leave_out(store: Store) -> None:
    halted_store(store)
    said = text_of(run("quality", "--market", "BTC"))
    assert f"{RULE}: 1 stretch {STRETCH}" in said
    told = json.loads(run("quality", "--market", "BTC", "--json", "-").output)
    assert told["exclusions"] == [STRETCH]
    Path("leadfollow.toml").write_text("[frame]\nhalt_min = 40\n")
    assert (
        "(more than 40 min without a trade at either venue, and 5 min after): nothing"
        in text_of(run("quality", "--market", "BTC"))
    )


def test_a_frame_says_what_it_left_out(store: Store) -> None:
    from sweeps.cli import app as whole

    halted_store(store)
    result = runner.invoke(whole, ["frame", "--market", "BTC", "--out", "f.parquet"])
    assert (
        "missing: binance 0, dydx 0; flat without a trade: binance 0, dydx 1; left out: 44; "
        f"funding unknown: costs leave it out {RULE}: 1 stretch" in (text_of(result))
    )
    assert STRETCH in text_of(result)
    assert read_frame(Path("f.parquet")).origin.exclusions == (STRETCH,)
