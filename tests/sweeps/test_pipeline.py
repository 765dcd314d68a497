"""The main job on a small synthetic market, looked at from outside."""

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from research.errors import LockError, SearchError
from research.features.panel import features
from strategies.backtest.portfolio import replay_in_vectorbt
from strategies.bot.config import load_bot_config
from strategies.registry import bases
from sweeps.cli.run.folder import run_folder
from sweeps.cli.session import Session
from sweeps.grid.stored import places
from sweeps.grid.stored.piece_file import StoredTally
from sweeps.pipeline import run_pipeline
from sweeps.report.summary import RunFindings
from sweeps.settings import Settings
from tests.samples.markets import small_frame

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # vectorbt's own

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SMALL = {
    "verdict": {"resamples": 499, "stretches": 4},
    "study": {"trials": 6, "min_events": 5, "segments": "all", "workers": 1},
    "axes": {
        "lead": {"spread_entry": [0.02, 0.06], "move_pct": [0.05, 0.15], "tp": [0.2, 0.4]},
        "reversion": {"entry": [0.04, 0.08], "exit": [0.0, 0.02]},
    },
}


@contextmanager
def silent(title: str, total: int) -> Iterator[Callable[[int], Any]]:
    yield lambda steps: None


def session() -> Session:
    settings = Settings.model_validate(SMALL)
    frame = small_frame()
    panel = features(frame, settings.panel, train_rows=int(0.7 * len(frame)))
    return Session(settings, panel, slice(0, len(frame)))


def run(folder: Path, memory_mib: int = 1024) -> RunFindings:
    opened = session()
    return run_pipeline(
        opened.panel,
        opened.settings,
        folder,
        command=["leadfollow", "run", "--synthetic"],
        fees_bps=8.0,
        stage=silent,
        now=NOW,
        memory_mib=memory_mib,
    )


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, RunFindings]:
    folder = tmp_path_factory.mktemp("run")
    return folder, run(folder)


def digests(folder: Path) -> dict[str, str]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
        if path.suffix != ".journal"  # optuna stamps trials with the clock
    }


def test_everything_that_was_promised_is_in_the_folder(done: tuple[Path, RunFindings]) -> None:
    names = set(digests(done[0]))
    assert {"summary.md", "report.json", "week.json", "bot_config.json", "spread.png"} <= names
    for kind in bases():
        assert f"grids/{kind}.parquet" in names
        assert f"equity/{kind}.png" in names
        assert f"trades/{kind}.plain.csv" in names
        assert f"trades/{kind}.executable.csv" in names
        assert (done[0] / "studies" / f"{kind}.all.journal").exists()
    assert sum(name.startswith("heatmaps/") for name in names) == len(bases())


def test_the_same_run_makes_the_same_bytes(done: tuple[Path, RunFindings], tmp_path: Path) -> None:
    run(tmp_path)
    assert digests(tmp_path) == digests(done[0])


def test_a_run_bounds_its_memory_and_goes_on_with_the_pieces_it_has(
    done: tuple[Path, RunFindings], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sweeps.engine.sweep._MOST_SETS", 2)
    calls, real = iter(range(3)), places.write_piece

    def stop_at_the_fourth(*arguments: Any) -> Any:
        if next(calls, None) is None:
            raise KeyboardInterrupt
        return real(*arguments)

    with monkeypatch.context() as patched:
        patched.setattr(places, "write_piece", stop_at_the_fourth)
        with pytest.raises(KeyboardInterrupt):
            run(tmp_path)
    kept = {file: file.stat().st_mtime_ns for file in tmp_path.glob("grids/*.parquet/part-*")}
    assert len(kept) == 3
    found = run(tmp_path)
    assert all(file.stat().st_mtime_ns == time for file, time in kept.items())
    for grid, whole in zip(found.grids, done[1].grids, strict=True):
        assert isinstance(grid.tally, StoredTally)
        pd.testing.assert_frame_equal(grid.table("us"), whole.table("us"))
    assert (tmp_path / "summary.md").read_text() == (done[0] / "summary.md").read_text()
    with pytest.raises(SearchError, match="memory = 0 MiB"):
        run(tmp_path / "none", memory_mib=0)


def test_synthetic_is_said_in_every_text(done: tuple[Path, RunFindings]) -> None:
    folder = done[0]
    assert "SYNTHETIC" in (folder / "summary.md").read_text().splitlines()[0]
    assert json.loads((folder / "report.json").read_text())["synthetic"] is True
    assert json.loads((folder / "week.json").read_text())["synthetic"] is True
    assert load_bot_config(folder / "bot_config.json").synthetic
    for picture in folder.rglob("*.png"):
        about = picture.read_bytes()[:20_000]
        assert b'"is_synthetic": true' in about, picture


def test_files_say_where_they_came_from(done: tuple[Path, RunFindings]) -> None:
    origin = session().frame.origin
    report = json.loads((done[0] / "report.json").read_text())["provenance"]
    assert report["data"]["content_sha256"] == origin.content_sha256
    assert report["command"] == "leadfollow run --synthetic"
    assert report["versions"]["numba"]
    assert report["seed"] == 7


def test_the_summary_says_what_was_left_out(done: tuple[Path, RunFindings]) -> None:
    folder, _ = done
    rule = "more than 30 min without a trade at either venue, and 5 min after"
    assert f"- left out by rule ({rule}): nothing" in (folder / "summary.md").read_text()
    about = json.loads((folder / "report.json").read_text())["provenance"]["data"]
    assert (about["exclusion_rule"], about["exclusions"]) == (rule, [])


def test_pictures_in_the_summary_exist(done: tuple[Path, RunFindings]) -> None:
    folder, found = done
    text = (folder / "summary.md").read_text()
    assert len(found.pictures) >= 7
    for path in found.pictures:
        assert (folder / path).stat().st_size > 10_000
        assert f"]({path.as_posix()})" in text


def test_trades_on_file_are_those_of_the_report(done: tuple[Path, RunFindings]) -> None:
    folder, found = done
    report = json.loads((folder / "report.json").read_text())["analyses"]
    for analysis in found.analyses:
        for name in analysis.results:
            table = pd.read_csv(folder / "trades" / f"{analysis.name}.{name}.csv")
            told = report[analysis.name][name]["all"]
            assert len(table) == told["events"]
            if len(table):
                assert table["net_pct"].mean() == pytest.approx(told["avg_pnl"], abs=1e-12)


def test_every_exported_set_was_replayed(done: tuple[Path, RunFindings]) -> None:
    _, found = done
    assert found.config is not None
    assert found.config.sets
    assert set(found.replays) == {each.id for each in found.config.sets}
    assert found.verdict is not None
    for each in found.verdict.judged:
        if each.held_out is not None:
            assert replay_in_vectorbt(each.held_out).max_error_pct < 1e-9


def test_the_bot_gets_what_the_verdict_says_and_nothing_else(
    done: tuple[Path, RunFindings],
) -> None:
    folder, found = done
    assert found.verdict is not None
    config = load_bot_config(folder / "bot_config.json")
    assert [each.id for each in config.enabled] == [each.name for each in found.verdict.enabled]
    told = json.loads((folder / "verdict.json").read_text())
    assert told["enabled"] == [each.id for each in config.enabled]
    assert config.regime.fitted_on == found.verdict.walk.last.panel.edges.fitted_on
    for each in config.sets:
        assert each.parameters.keys() == told["claims"][each.id]["parameters"].keys()
        table = pd.read_csv(folder / "trades" / f"{each.id}.out-of-sample.csv")
        assert len(table) == each.out_of_sample.report["events"]


def test_no_search_of_a_run_saw_the_holdout(done: tuple[Path, RunFindings]) -> None:
    _, found = done
    assert found.verdict is not None
    held = found.verdict.walk.last.test.start
    assert found.train_rows.stop <= held
    assert all(spec.rows.stop <= held for spec, _ in found.studies)
    assert all(grid.rows.stop <= held for grid in found.grids)


def test_a_stopped_run_is_taken_up_again_and_renamed_when_whole(tmp_path: Path) -> None:
    def stopped() -> Path:
        with run_folder(session(), tmp_path, 8.0, datetime(2026, 1, 1, tzinfo=UTC)) as (folder, _):
            (folder / "half").write_text("")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stopped()
    (partial,) = tmp_path.iterdir()
    assert partial.name.endswith(".partial")
    later = datetime(2026, 1, 2, tzinfo=UTC)
    with run_folder(session(), tmp_path, 8.0, later) as (folder, final):
        assert folder == partial
        assert (folder / "half").exists()
    assert [path.name for path in tmp_path.iterdir()] == [final.name]
    with run_folder(session(), tmp_path, 9.0, later) as (other, _):
        with pytest.raises(LockError, match="the same run is at work there: wait for it"):
            run_folder(session(), tmp_path, 9.0, later).__enter__()
        assert other.name.startswith("20260102T000000Z-")
