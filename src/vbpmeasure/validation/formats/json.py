"""JSON: the whole report, versioned; `--baseline` reads it back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from vbpmeasure import __version__
from vbpmeasure.diagnostics.model import Diagnostic, Failure
from vbpmeasure.spec.json_text import read_json
from vbpmeasure.validation.model import CheckResult, Report, Status

SCHEMA_VERSION = "1"
KIND = "vbpmeasure-validation"
_MOST_BYTES = 50_000_000


def report_json(report: Report) -> str:
    """Return one JSON object: ``schema_version``, ``kind``, ``summary`` (by status), ``results``, ``profile``."""
    document = {
        "schema_version": SCHEMA_VERSION,
        "kind": KIND,
        "tool": "vbpmeasure",
        "version": __version__,
        "year": report.year,
        "as_of": None if report.as_of is None else report.as_of.isoformat(),
        "summary": {status.value: report.count(status) for status in Status},
        "rows": dict(report.rows),
        "results": [_item(r) for r in report.results],
        "profile": report.profile,
    }
    return json.dumps(document, ensure_ascii=True, indent=1, allow_nan=False) + "\n"


def _item(result: CheckResult) -> dict[str, object]:
    return {
        "id": result.id,
        "name": result.name,
        "table": result.table,
        "column": result.column,
        "group": result.group,
        "severity": result.severity.value,
        "status": result.status.value,
        "rows": result.rows,
        "found": result.found,
        "share": result.share,
        "warn_above": result.thresholds.warn,
        "fail_above": result.thresholds.fail,
        "code": result.code,
        "text": result.text,
    }


def read_baseline(path: Path) -> Mapping[str, Any]:
    """Return the profile of an earlier report.

    Raises `Failure` (VBM433) when the file cannot be read, is no report of this kind, or is of another version.
    """
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise _unusable(path, "it is far larger than any report")
        document = read_json(path.read_bytes())
    except (OSError, ValueError):
        raise _unusable(path, "it cannot be read as JSON") from None
    if not isinstance(document, dict) or document.get("kind") != KIND:
        raise _unusable(path, "it is no report of `vbpmeasure validate`")
    if document.get("schema_version") != SCHEMA_VERSION:
        raise _unusable(path, f"it is of another version than {SCHEMA_VERSION}")
    profile = document.get("profile")
    if not isinstance(profile, dict) or not _is_profile(profile):
        raise _unusable(path, "its profile is not of the form of a profile")
    return profile


def _is_profile(profile: Mapping[str, Any]) -> bool:
    for part in profile.values():
        if not isinstance(part, dict) or not isinstance(part.get("rows"), int):
            return False
        numbers = [part.get("months", {}), part.get("nulls", {})]
        codes = part.get("codes", {})
        if not isinstance(codes, dict):
            return False
        numbers += codes.values()
        if not all(isinstance(n, dict) and all(v is None or _is_number(v) for v in n.values()) for n in numbers):
            return False
    return True


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value >= 0


def _unusable(path: Path, why: str) -> Failure:
    return Failure(
        Diagnostic(
            "VBM433",
            f"the baseline cannot be used: {why}",
            where=str(path),
            hint="`vbpmeasure validate --format json --out FILE` writes one",
        )
    )
