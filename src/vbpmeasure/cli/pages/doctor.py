"""The page of `doctor`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict

from vbpmeasure.cli.pages.text import columns
from vbpmeasure.commands.health import Finding

SCHEMA_VERSION = "1"


def doctor_page(found: Sequence[Finding], form: str) -> str:
    """Return one line (or JSON object) per finding."""
    if form == "json":
        return json.dumps({"schema_version": SCHEMA_VERSION, "checks": [asdict(f) for f in found]}, indent=2)
    return columns(("check", "status", "finding"), [(f.check, f.status.value, f.detail) for f in found])
