"""The folder of a run as its page reads it: files of known versions, or a sentence why not."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from research.errors import StoreError

__all__ = ["RUN_SCHEMA", "RunFolder"]

RUN_SCHEMA = "leadfollow.run/1"


@dataclass(frozen=True, slots=True)
class RunFolder:
    """A run that was finished, and what its ``report.json`` says."""

    path: Path
    report: dict[str, Any]

    @classmethod
    def open(cls, path: Path) -> "RunFolder":
        """The run at ``path``.

        Raises
        ------
        StoreError
            Not there, unfinished, torn, or of another version.
        """
        if not path.is_dir():
            raise StoreError(f"{path}: no folder of a run; make one with `leadfollow run`")
        if not (path / "report.json").exists():
            raise StoreError(
                f"{path}: no report.json, so no finished run; give the same `leadfollow run` "
                "again and it goes on"
            )
        report = _json(path / "report.json")
        if report.get("schema") != RUN_SCHEMA:
            raise StoreError(
                f"{path}: its report is of version {report.get('schema')!r}, this program reads "
                f"{RUN_SCHEMA!r}; make the run again"
            )
        return cls(path, report)

    def json(self, name: str) -> dict[str, Any] | None:
        """A JSON file of the run, None where it has none. Raises StoreError where it is torn."""
        path = self.path / name
        return _json(path) if path.exists() else None

    @property
    def label(self) -> str:
        """Market and span, said so where it is synthetic."""
        data = self.report["provenance"]["data"]
        market = (self.json("week.json") or {}).get("market", "?")
        kind = " [SYNTHETIC]" if self.report["synthetic"] else ""
        return f"{market}{kind} {data['first_minute']} .. {data['last_minute']}"


def _json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise StoreError(f"{path}: torn or unreadable ({error}); make the run again") from None
    if not isinstance(found, dict):
        raise StoreError(f"{path}: no JSON object; make the run again")
    return found
