"""What a run says about the conversion that made its input, when one did."""

from __future__ import annotations

import hashlib
from pathlib import Path

from vbpmeasure.data.beside import beside
from vbpmeasure.data.remote.access import NO_ACCESS, Access
from vbpmeasure.data.remote.address import RemoteFolder
from vbpmeasure.data.remote.store import Stores
from vbpmeasure.spec.json_text import read_json

REPORT = "conversion_report.json"
_MOST = 10_000_000


def conversion_of(data: Path | RemoteFolder | None, access: Access = NO_ACCESS) -> dict[str, object] | None:
    """Return what the manifest tells of a converted data folder; None when no conversion of ours wrote it.

    Converter, version, the crosswalk with its digest, and the digest of the whole report. No counts: they can be
    small, and a manifest is published.
    """
    try:
        content = beside(data, REPORT, Stores(access))
        report = read_json(content or b"") if len(content or b"") <= _MOST else None
    except (OSError, ValueError):
        return None
    if (
        content is None
        or not isinstance(report, dict)
        or (report.get("tool"), report.get("kind")) != ("vbpmeasure", "conversion")
    ):
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
