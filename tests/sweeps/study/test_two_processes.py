"""Two searches in one folder: totals are exact; the second waits or is refused by name."""

import json
import os
import subprocess
import sys
from pathlib import Path

from research.frame.frame import write_frame
from sweeps.study.books import FolderBooks
from sweeps.study.listing import list_studies
from tests.samples.markets import small_frame

REPO = Path(__file__).resolve().parents[3]
SETTINGS = """
[study]
trials = 12
min_events = 5
segments = "all"
workers = 1
"""


def start(folder: Path) -> "subprocess.Popen[str]":
    line = ("study", "run", "lead", "--mode", "long", "--frame", "f.parquet", "--out", "s")
    code = "from sweeps.cli import main; main()"
    return subprocess.Popen(
        [sys.executable, "-c", code, *line],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(REPO)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def trials(folder: Path) -> list[dict[str, object]]:
    (study,) = list_studies(FolderBooks(folder / "s"))
    return [{name: getattr(study, name) for name in ("trials", "sets", "params", "score")}]


def test_two_at_once_find_what_one_finds(tmp_path: Path) -> None:
    alone, together = tmp_path / "alone", tmp_path / "together"
    for folder in (alone, together):
        folder.mkdir()
        (folder / "leadfollow.toml").write_text(SETTINGS)
        write_frame(small_frame(), folder / "f.parquet")
    one = start(alone)
    _, err = one.communicate(timeout=120)
    assert one.returncode == 0, err
    both = [start(together), start(together)]
    told = [each.communicate(timeout=120) for each in both]
    codes = [each.returncode for each in both]
    assert 0 in codes
    for code, (_, err) in zip(codes, told, strict=True):
        assert code in (0, 2), err
        assert "Traceback" not in err
        if code == 2:
            assert "LockError" in err
    assert trials(together) == trials(alone)
    assert trials(together)[0]["trials"] == 12
    text = (together / "s" / "lead-long.all.journal").read_text()
    assert all(json.loads(line) for line in text.splitlines())  # every line is whole
