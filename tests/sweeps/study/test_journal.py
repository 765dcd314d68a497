"""Studies together and torn: one search a folder, and a damaged line is named with its cure."""

import multiprocessing
import time
from pathlib import Path

import pytest

from research.errors import LockError, SearchError
from sweeps.study.books import FolderBooks
from sweeps.study.journal import search_lock
from sweeps.study.listing import list_studies
from sweeps.study.search import run_studies
from sweeps.study.study import run_study
from tests.samples.markets import small_panel
from tests.sweeps.study.test_study import spec, trials_in

CASE = Path(__file__).parents[2] / "samples/cases/16b-study-journal/lead-long.all.journal"


def test_a_damaged_line_in_the_middle_is_named_with_its_cure(tmp_path: Path) -> None:
    (tmp_path / CASE.name).write_bytes(CASE.read_bytes())
    with pytest.raises(SearchError) as refused:
        list_studies(FolderBooks(tmp_path))
    assert "lead-long.all.journal: line 9 is damaged" in str(refused.value)
    assert "head -n 8 lead-long.all.journal" in str(refused.value)
    assert "\n" not in str(refused.value)


def test_the_cure_of_a_damaged_line_makes_the_same_study(tmp_path: Path) -> None:
    whole = run_study(small_panel(), spec(), FolderBooks(tmp_path / "whole"))
    run_study(small_panel(), spec(), FolderBooks(tmp_path / "torn"))
    (file,) = (tmp_path / "torn").glob("*.journal")
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join([*lines[:7], lines[7][:80] + b"\n", *lines[8:]]))
    with pytest.raises(SearchError, match="line 8 is damaged"):
        run_study(small_panel(), spec(), FolderBooks(tmp_path / "torn"))
    file.write_bytes(b"".join(lines[:7]))
    assert run_study(small_panel(), spec(), FolderBooks(tmp_path / "torn")) == whole
    assert trials_in(tmp_path / "torn") == trials_in(tmp_path / "whole")


@pytest.mark.parametrize("line", [b"[]", b"null", b'"x"', b'{"op_code":"x"}', b"\xff"])
def test_a_line_that_no_search_wrote_is_named(tmp_path: Path, line: bytes) -> None:
    run_study(small_panel(), spec(trials=1), FolderBooks(tmp_path))
    (file,) = tmp_path.glob("*.journal")
    file.write_bytes(file.read_bytes() + line + b"\n")
    with pytest.raises(SearchError, match="is damaged"):
        list_studies(FolderBooks(tmp_path))


def test_lines_that_make_no_study_are_named(tmp_path: Path) -> None:
    (tmp_path / "a.journal").write_text('{"op_code":4,"study_id":7}\n')
    with pytest.raises(SearchError, match="its lines make no study"):
        list_studies(FolderBooks(tmp_path))


def _hold(folder: Path, held: "multiprocessing.synchronize.Event") -> None:
    with search_lock(folder):
        held.set()
        time.sleep(60)


def test_a_second_search_in_a_folder_is_refused_by_name_and_changes_nothing(
    tmp_path: Path,
) -> None:
    run_studies(small_panel(), [spec()], tmp_path, workers=1)
    before = trials_in(tmp_path)
    context = multiprocessing.get_context("spawn")
    held = context.Event()
    other = context.Process(target=_hold, args=(tmp_path, held))
    other.start()
    try:
        assert held.wait(60)
        with pytest.raises(LockError, match="another `study run` or `run` searches in this folder"):
            run_studies(small_panel(), [spec(trials=20)], tmp_path, workers=1)
    finally:
        other.kill()
        other.join()
    assert trials_in(tmp_path) == before
    run_studies(small_panel(), [spec()], tmp_path, workers=1)  # a killed holder holds nothing
    assert trials_in(tmp_path) == before
