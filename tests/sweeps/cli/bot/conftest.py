"""A working folder of its own for each command line."""

from pathlib import Path

import pytest

from tests.samples.commands import Call


@pytest.fixture
def call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Call:
    monkeypatch.chdir(tmp_path)
    return Call(monkeypatch, capsys)
