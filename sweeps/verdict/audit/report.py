"""An audit as JSON."""

from typing import Any

from research.data.tables.schema import MINUTE_MS, iso_minute
from sweeps.verdict.audit.findings import Audit, Finding, Warmup

__all__ = ["SCHEMA", "audit_json"]

SCHEMA = 1


def audit_json(found: Audit, provenance: dict[str, Any]) -> dict[str, Any]:
    """Everything in ``found`` beside where it came from; no clock: same inputs, same bytes."""
    return {
        "schema": SCHEMA,
        "clean": found.is_clean,
        "minutes": found.minutes,
        "cuts": len(found.cuts),
        "cuts_by_kind": dict(sorted(found.cuts_by_kind.items())),
        "findings": [_finding(each) for each in found.findings],
        "warmup": [_warmup(each) for each in found.warmups],
        "notes": list(found.notes),
        "provenance": provenance,
    }


def _finding(finding: Finding) -> dict[str, Any]:
    leak = finding.leak
    told = None
    if leak is not None:
        told = {
            "minute": iso_minute(leak.minute * MINUTE_MS),
            "known_until": iso_minute(leak.cut * MINUTE_MS),
            "how": leak.how,
            "cuts": leak.cuts,
        }
    return {
        "name": finding.name,
        "kind": finding.kind,
        "cuts": finding.cuts,
        "verdict": finding.verdict,
        "leak": told,
        "note": finding.note,
    }


def _warmup(warmup: Warmup) -> dict[str, Any]:
    return {
        "name": warmup.name,
        "known_after_min": warmup.known_after,
        "exact_after_min": warmup.exact_after,
        "close_after_min": warmup.close_after,
        "declared_min": warmup.declared,
        "broken": warmup.is_broken,
        "sentence": warmup.sentence,
    }
