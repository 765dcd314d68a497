"""What the README says can be typed, in the order in which it says so."""

import json
import re
import shlex
import sys
import time
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from research.data.parse.binance import KLINE_COLUMNS
from research.data.synthetic.market import SyntheticPair, SyntheticSpec, synthesize
from sweeps.cli import main
from tests.conftest import REPO
from tests.exchange import LocalExchange, running
from tests.exchange.arrange import FIRST_MS
from tests.exchange.minutes import make_minutes
from tests.exchange.sockets import connected, snapshot, ticker
from tests.exchange.wire import iso

READMES = ("README.md", "README.zh-TW.md")
QUICKER = {  # what a person has the time for, and a test has not
    "--trials 200": "--trials 2",
    "--minutes 60": "--minutes 0.02",
    "--days 30": "--days 1",
}


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


def commands(name: str) -> list[str]:
    """Every ``leadfollow`` line of the console blocks, continuation lines joined."""
    text = "\n".join(blocks((REPO / name).read_text(encoding="utf-8"), "console"))
    lines = (line.split("#")[0].strip() for line in text.replace("\\\n", " ").splitlines())
    return [line for line in lines if line.startswith("leadfollow ")]


def kline_zip(pair: SyntheticPair, path: Path) -> None:
    """The minutes of Binance as its bulk site packs them."""
    table = pair.binance
    stamps = table.index.as_unit("ms").asi8
    rows = [
        (t, *(f"{value!r}" for value in prices), t + 59_999, 0, int(count), 0, 0, 0)
        for t, prices, count in zip(
            stamps.tolist(),
            table[["open", "high", "low", "close", "volume"]].itertuples(index=False, name=None),
            table["trades"],
            strict=True,
        )
    ]
    lines = [",".join(KLINE_COLUMNS), *(",".join(map(str, row)) for row in rows), ""]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as bundle:
        bundle.writestr(path.with_suffix(".csv").name, "\n".join(lines))


def candle_page(pair: SyntheticPair, path: Path) -> None:
    """The minutes of dYdX as its indexer answers: newest first, prices as text."""
    table = pair.dydx[::-1]
    rows = [
        {
            "startedAt": iso(int(t)),
            "ticker": "BTC-USD",
            "resolution": "1MIN",
            **{name: f"{row[name]!r}" for name in ("open", "high", "low", "close")},
            "baseTokenVolume": f"{row['volume']!r}",
            "trades": int(row["trades"]),
        }
        for t, row in zip(
            table.index.as_unit("ms").asi8.tolist(), table.to_dict("records"), strict=True
        )
    ]
    path.write_text(json.dumps({"candles": rows}))


@pytest.fixture
def exchange() -> Iterator[LocalExchange]:
    """Both venues, alive: quotes of now, minutes of another year."""
    held = {seed: make_minutes(first_ms=FIRST_MS, minutes=60, seed=seed) for seed in (1, 2)}
    made = LocalExchange({"BTCUSDT": held[1]}, {"BTC-USD": held[2]}, lambda: int(time.time() * 1e3))
    now = int(time.time() * 1e3)
    made.sockets.binance = [[ticker(1, 90_000.0, 90_001.0, ts_ms=now)]]
    made.sockets.dydx = [[connected(), snapshot(1, 900_150)]]
    with running(made) as served:
        yield served


@pytest.fixture
def folder(exchange: LocalExchange, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What a reader of the README has in the working folder."""
    monkeypatch.chdir(tmp_path)
    pair = synthesize(SyntheticSpec(days=8.0, start=datetime(2025, 12, 20, tzinfo=UTC)))
    kline_zip(pair, tmp_path / "BTCUSDT-1m-2025-12.zip")
    candle_page(pair, tmp_path / "candles.json")
    sockets = exchange.url.replace("http", "ws")
    urls = {
        **dict.fromkeys(("binance_url", "binance_bulk_url", "dydx_url"), exchange.url),
        "binance_ws_url": f"{sockets}/public/ws",
        "dydx_ws_url": f"{sockets}/v4/ws",
    }
    lines = [f'{name} = "{url}"' for name, url in urls.items()]
    study = 'trials = 2\nworkers = 1\nmin_events = 5\nsegments = "all"'
    Path("leadfollow.toml").write_text(f"[study]\n{study}\n[fetch]\n" + "\n".join(lines) + "\n")
    call("leadfollow journal synth logs/ --halts 5", monkeypatch)
    (tmp_path / "logs" / "quotes.jsonl").rename(tmp_path / "quotes.jsonl")
    return tmp_path


def call(line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for slow, quick in QUICKER.items():
        line = line.replace(slow, quick)
    monkeypatch.setattr(sys, "argv", shlex.split(line))
    with pytest.raises(SystemExit) as left:
        main()
    assert not left.value.code, line


def test_every_command_of_the_readme_runs_in_its_order(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for line in commands("README.md"):
        call(line, monkeypatch)
        said = capsys.readouterr()
        assert "Traceback" not in said.out + said.err, line
    assert (folder / "backtest_results" / "week.json").exists()
    assert (folder / "bot_config.json").exists()
    assert (folder / "halts.json").exists()


def test_the_python_of_the_readme_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["leadfollow"])
    call("leadfollow data synth --days 4 --market BTC", monkeypatch)
    (code,) = blocks((REPO / "README.md").read_text(encoding="utf-8"), "python")
    exec(compile(code, "README.md", "exec"), {"__name__": "readme"})


@pytest.mark.parametrize("name", READMES)
def test_a_make_target_that_a_readme_names_exists(name: str) -> None:
    text = (REPO / name).read_text(encoding="utf-8")
    targets = re.findall(r"^(\w+):", (REPO / "Makefile").read_text(), re.MULTILINE)
    named = re.findall(r"(?:^|`)make (\w+)", text, re.MULTILINE)
    assert named
    assert set(named) <= set(targets)


def test_both_readmes_name_the_same_commands() -> None:
    def names(name: str) -> set[str]:
        return {" ".join(line.split()[1:3]) for line in commands(name)}

    assert names("README.zh-TW.md") <= names("README.md")
