"""Read the lock files: every line one pinned package with its hashes, or the file is refused."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
RUNTIME, DEVELOPMENT, TOOLS = (ROOT / f"requirements{part}.lock" for part in ("", "-dev", "-tools"))

_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})$")


class LockError(Exception):
    """A lock file that does not pin what it names; the message says where."""


@dataclass(frozen=True, slots=True)
class Locked:
    """One package of a lock; ``here`` tells whether this platform installs it, ``hashes`` are of all its files."""

    name: str
    version: str
    hashes: tuple[str, ...]
    here: bool


def read_lock(path: Path) -> dict[str, Locked]:
    """Return the packages of a lock by normalized name.

    Raises LockError for anything but `NAME==VERSION [; MARKER]` with one SHA-256 or more: a line without, a wildcard,
    an address, an option, another algorithm, a package named twice.
    """
    found: dict[str, Locked] = {}
    text = path.read_text(encoding="utf-8").replace("\\\n", " ")
    for number, line in enumerate(text.splitlines(), 1):
        words = line.partition("#")[0].strip()
        if not words:
            continue
        package = _package(words, f"{path.name}, package {number}")
        if package.name in found:
            raise LockError(f"{path.name}: {package.name} is named twice")
        found[package.name] = package
    return found


def _package(line: str, where: str) -> Locked:
    what, *options = re.split(r"\s+(?=--)", line)
    try:
        asked = Requirement(what)
    except InvalidRequirement as problem:
        raise LockError(f"{where}: this is no package: {what}") from problem
    pins = list(asked.specifier)
    if asked.url or len(pins) != 1 or pins[0].operator != "==" or pins[0].version.endswith("*"):
        raise LockError(f"{where}: {asked.name} is not pinned to one version")
    hashes = [_HASH.match(option.strip()) for option in options]
    if not hashes or None in hashes:
        raise LockError(f"{where}: {asked.name} has no SHA-256, or something else beside it")
    digests = tuple(sorted(found[1] for found in hashes if found))
    here = asked.marker is None or asked.marker.evaluate()
    return Locked(canonicalize_name(asked.name), pins[0].version, digests, here)
