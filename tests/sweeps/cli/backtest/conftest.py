"""The help of a command as its user reads it."""

import sys
from collections.abc import Callable

import pytest

from sweeps.cli import main


@pytest.fixture
def help_of(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[[str], tuple[int, str]]:
    """Exit code and text of ``leadfollow NAME --help``, spaces as one."""

    def shown(name: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["leadfollow", name, "--help"])
        with pytest.raises(SystemExit) as left:
            main()
        return int(left.value.code or 0), " ".join(capsys.readouterr().out.split())

    return shown
