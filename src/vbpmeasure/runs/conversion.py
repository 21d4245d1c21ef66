"""What a run says about the conversion that made its input, when one did."""

from __future__ import annotations

import hashlib
from pathlib import Path

from vbpmeasure.spec.json_text import read_json

REPORT = "conversion_report.json"
_MOST = 10_000_000


def conversion_of(data: Path) -> dict[str, object] | None:
    """Return what the manifest tells of a converted data folder; None when no conversion of ours wrote it.

    Converter, version, the crosswalk with its digest, and the digest of the whole report. No counts: they can be
    small, and a manifest is published.
    """
    try:
        with (data / REPORT).open("rb") as file:
            content = file.read(_MOST)
        report = read_json(content)
    except (OSError, ValueError):
        return None
    if not isinstance(report, dict) or (report.get("tool"), report.get("kind")) != ("vbpmeasure", "conversion"):
        return None
    crosswalk = report.get("crosswalk")
    used = {k: _text(crosswalk.get(k)) for k in ("id", "digest", "confidence")} if isinstance(crosswalk, dict) else None
    return {
        "converter": _text(report.get("converter")),
        "version": _text(report.get("version")),
        "crosswalk": used,
        "report_sha256": hashlib.sha256(content).hexdigest(),
    }


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
