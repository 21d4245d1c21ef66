"""Known vulnerabilities from files in the OSV format, which can be carried to a machine without network."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from tools.supply_chain.locked import Locked

Record = Mapping[str, Any]


class AdvisoryError(Exception):
    """A file of advisories that cannot be read; the message says which."""


@dataclass(frozen=True, slots=True)
class Advisory:
    """One known vulnerability of one locked package."""

    package: str
    version: str
    id: str
    fixed: tuple[str, ...]

    def __str__(self) -> str:
        """Return a line for people."""
        mended = f"fixed in {', '.join(self.fixed)}" if self.fixed else "no fixed version is known"
        return f"{self.package} {self.version}: {self.id}, {mended}"


@dataclass(frozen=True, slots=True)
class Known:
    """What a file says: how many advisories about PyPI it has, the day of the newest, and those that matter here."""

    advisories: int
    newest: str
    found: tuple[Advisory, ...]


def known(path: Path, packages: Mapping[str, Locked]) -> Known:
    """Look locked packages up in a ZIP, a folder or a single file of OSV records.

    Withdrawn records do not count. Raises AdvisoryError when a file is no OSV record.
    """
    count, newest, found = 0, "", set()
    for record in _records(path):
        about = [a for a in record.get("affected", ()) if a.get("package", {}).get("ecosystem") == "PyPI"]
        if not about or record.get("withdrawn"):
            continue
        count += 1
        newest = max(newest, str(record.get("modified", ""))[:10])
        for one in about:
            package = packages.get(canonicalize_name(one["package"]["name"]))
            if package is not None and _affects(one, Version(package.version)):
                found.add(Advisory(package.name, package.version, record["id"], tuple(sorted(_fixed(one)))))
    return Known(count, newest, tuple(sorted(found, key=str)))


def _records(path: Path) -> Iterator[Record]:
    try:
        if path.is_dir():
            for file in sorted(path.rglob("*.json")):
                yield _record(file.read_bytes(), file.name)
        elif zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as folder:
                for name in sorted(folder.namelist()):
                    if name.endswith(".json"):
                        yield _record(folder.read(name), name)
        else:
            yield _record(path.read_bytes(), path.name)
    except (OSError, zipfile.BadZipFile) as problem:
        raise AdvisoryError(f"{path.name}: cannot be read: {problem}") from problem


def _record(content: bytes, name: str) -> Record:
    try:
        told = json.loads(content)
    except ValueError as problem:
        raise AdvisoryError(f"{name}: this is no JSON") from problem
    if not isinstance(told, dict) or "id" not in told:
        raise AdvisoryError(f"{name}: this is no OSV record")
    return told


def _affects(one: Record, version: Version) -> bool:
    """Tell whether a version is listed or in a range: from `introduced` to before `fixed`, or to `last_affected`."""
    if version in {v for text in one.get("versions", ()) if (v := _version(text)) is not None}:
        return True
    return any(_in_range(r.get("events", ()), version) for r in one.get("ranges", ()) if r.get("type") != "GIT")


def _in_range(events: list[Mapping[str, str]], version: Version) -> bool:
    inside = False
    steps = [(v, kind) for event in events for kind, text in event.items() if (v := _version(text)) is not None]
    # At one version the end of a range comes before the start of the next.
    for at, kind in sorted(steps, key=lambda step: (step[0], step[1] == "introduced")):
        if kind == "introduced" and version >= at:
            inside = True
        elif (kind == "fixed" and version >= at) or (kind == "last_affected" and version > at):
            inside = False
    return inside


def _version(text: str) -> Version | None:
    try:
        return Version("0.dev0" if text == "0" else text)
    except InvalidVersion:
        return None


def _fixed(one: Record) -> Iterator[str]:
    for r in one.get("ranges", ()):
        if r.get("type") != "GIT":
            yield from (event["fixed"] for event in r.get("events", ()) if "fixed" in event)
