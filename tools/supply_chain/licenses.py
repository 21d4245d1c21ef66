"""The page of licenses: every locked package with version, license, and why it is there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from tools.supply_chain.extras import purposes
from tools.supply_chain.facts import Fact

# What reaches users may have these and no others. MPL-2.0 asks for the source of its own files alone, unchanged here.
ALLOWED = frozenset(
    {
        "0BSD",
        "Apache-2.0",
        "BSD-2-Clause",
        "BSD-3-Clause",
        "CC0-1.0",
        "ISC",
        "MIT",
        "MPL-2.0",
        "PSF-2.0",
        "Zlib",
    }
)
_HEAD = """# Licenses of what the program stands on

Every package of `requirements-dev.lock`, with the license that its metadata name, as an SPDX expression. `runtime` is
what `pip install vbpmeasure` brings (`requirements.lock`); `dev` is needed by contributors alone; other words are
extras, as in `pip install 'vbpmeasure[report]'`. Where metadata name several licenses and do not say whether one may be
chosen, all are written with `AND`. Where they say no more than "BSD", so does this page.
Packages for users have none but these: {allowed}. `make sbom` writes this page; a test compares it with the locks.

| package | version | license | for |
|---|---|---|---|
"""
_ROW = re.compile(r"^\| (\S+) \| (\S+) \| (.+?) \| (.+?) \|$", re.MULTILINE)


def page(known: Mapping[str, Fact]) -> str:
    """Return the page; one row per package, by name."""
    why = purposes(known)
    rows = (f"| {f.name} | {f.version} | {f.license} | {', '.join(why[f.name])} |" for f in known.values())
    return _HEAD.format(allowed=", ".join(sorted(ALLOWED))) + "\n".join(sorted(rows)) + "\n"


def rows(path: Path) -> dict[str, tuple[str, str, tuple[str, ...]]]:
    """Return the table of a page: package to version, license, purposes."""
    found = _ROW.findall(path.read_text(encoding="utf-8"))
    return {
        name: (version, license_, tuple(why.split(", "))) for name, version, license_, why in found if name != "package"
    }


def not_allowed(license_: str) -> set[str]:
    """Return the licenses that an SPDX expression names and that are not on the list, chosen or not."""
    return set(re.findall(r"[\w.+-]+", license_)) - ALLOWED - {"AND", "OR"}
