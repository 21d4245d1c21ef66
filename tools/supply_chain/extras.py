"""Which locked package is there for what: the program itself, one of its extras, or development."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tools.supply_chain.facts import Fact
from tools.supply_chain.locked import ROOT, LockError

RUNTIME = "runtime"
DEVELOPMENT = "dev"


def purposes(known: Mapping[str, Fact]) -> dict[str, tuple[str, ...]]:
    """Return why each package of ``known`` is there: `runtime`, or extras by name, or `dev` when nothing else needs it.

    An extra of which a direct package is not in the lock is absent: nothing is known of what it would bring.
    """
    project = _project()
    runtime = reached(project["dependencies"], known)
    found = {name: (RUNTIME,) if name in runtime else () for name in known}
    for extra, asked in sorted(project["optional-dependencies"].items()):
        if extra == DEVELOPMENT or any(canonicalize_name(Requirement(text).name) not in known for text in asked):
            continue
        for name in reached(asked, known) - runtime:
            found[name] = (*found[name], extra)
    return {name: why or (DEVELOPMENT,) for name, why in found.items()}


def direct_dependencies() -> set[str]:
    """Return the names of what the program itself asks for."""
    return {canonicalize_name(Requirement(text).name) for text in _project()["dependencies"]}


def program_version() -> str:
    """Return the version of the program, without importing it."""
    text = (ROOT / "src" / "vbpmeasure" / "__init__.py").read_text(encoding="utf-8")
    found = re.search(r'^__version__ = "(.+)"$', text, re.MULTILINE)
    if found is None:
        raise LockError("the program has no version")
    return found[1]


def _project() -> dict[str, Any]:
    found: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return found


def reached(asked: Iterable[str], known: Mapping[str, Fact]) -> set[str]:
    """Return all packages behind these requirements, on any platform."""
    waiting: list[tuple[str, tuple[str, ...]]] = [
        (canonicalize_name(one.name), tuple(sorted(one.extras))) for one in map(Requirement, asked)
    ]
    seen: set[tuple[str, tuple[str, ...]]] = set()
    while waiting:
        one = waiting.pop()
        # What the lock leaves out is needed on no platform and Python that it is for.
        if one not in seen and one[0] in known:
            seen.add(one)
            waiting.extend(known[one[0]].needs(one[1]).items())
    return {name for name, _ in seen}
