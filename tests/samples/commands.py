"""The command line as its user meets it: arguments in, exit code and words out."""

import sys

import pytest

from sweeps.cli import main

__all__ = ["Call"]


class Call:
    """Calls ``leadfollow`` in this process; what it printed stays in ``out`` and ``err``."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.monkeypatch, self.capsys = monkeypatch, capsys
        self.out = self.err = ""

    def __call__(self, *arguments: str) -> int:
        self.monkeypatch.setattr(sys, "argv", ["leadfollow", *arguments])
        with pytest.raises(SystemExit) as left:
            main()
        self.out, self.err = self.capsys.readouterr()
        return int(left.value.code or 0)
