"""What packages say of themselves: license and dependencies, from their metadata."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import Distribution, distributions
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tools.supply_chain.locked import Locked, LockError

# The classifiers that occur, and what they mean; "BSD License" does not say which: the text of the license does.
_CLASSIFIERS = {
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
}
# The free field, where it is short and means one thing.
_WORDS = {
    "apache 2.0": "Apache-2.0",
    "apache-2.0": "Apache-2.0",
    "bsd license": "BSD",
    "bsd-3-clause": "BSD-3-Clause",
    "isc license": "ISC",
    "mit": "MIT",
    "mpl-2.0": "MPL-2.0",
}
_UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Fact:
    """One package: SPDX expression of its license, and what it requires as it stands in its metadata."""

    name: str
    version: str
    license: str
    requires: tuple[str, ...]

    def needs(self, extras: Iterable[str] = ()) -> dict[str, tuple[str, ...]]:
        """Return the packages that it needs on some platform, each with the extras asked of it."""
        asked = set(extras)
        found: dict[str, tuple[str, ...]] = {}
        for text in self.requires:
            one = Requirement(text)
            name = canonicalize_name(one.name)
            # Of a marker only the extra counts: what another platform needs is needed.
            wanted = re.findall(r"extra\s*==\s*['\"]([^'\"]+)['\"]", str(one.marker or ""))
            if not wanted or asked.intersection(wanted):
                found[name] = tuple(sorted({*found.get(name, ()), *one.extras}))
        return found


def facts(packages: Mapping[str, Locked], site: Path | None = None) -> dict[str, Fact]:
    """Return a fact per locked package, from the environment of ``site`` (this one when absent).

    A package that this platform does not install is asked of the index. Raises LockError when another version is
    installed, or none where one should be.
    """
    path = sys.path if site is None else [str(site)]
    installed: dict[str, Distribution] = {canonicalize_name(d.metadata["Name"]): d for d in distributions(path=path)}
    wrong = [p.name for p in packages.values() if p.here and _version(installed.get(p.name)) != p.version]
    if wrong:
        raise LockError(f"the environment is not the locked one ({', '.join(wrong)}): make setup")
    known = {name: _of_installed(name, installed[name]) for name, p in packages.items() if p.here}
    return known | _of_index([p for p in packages.values() if not p.here])


def _version(found: Distribution | None) -> str | None:
    return None if found is None else found.version


def _of_installed(name: str, found: Distribution) -> Fact:
    meta = found.metadata
    text = "\n".join(
        file.read_text(encoding="utf-8")
        for file in found.files or ()
        if re.search(r"\.dist-info/.*(LICEN[CS]E|COPYING)", str(file))
    )
    expression, word = ("".join(meta.get_all(field) or []) for field in ("License-Expression", "License"))
    license_ = _license(expression, word, meta.get_all("Classifier") or [], text)
    return Fact(name, found.version, license_, tuple(found.requires or ()))


def _of_index(packages: list[Locked]) -> dict[str, Fact]:
    """Read the metadata of packages that are not installed from their wheels; pip verifies the hashes."""
    if not packages:
        return {}
    with tempfile.TemporaryDirectory() as folder:
        asked = Path(folder) / "asked.txt"
        lines = (f"{p.name}=={p.version} " + " ".join(f"--hash=sha256:{h}" for h in p.hashes) for p in packages)
        asked.write_text("\n".join(lines))
        words = "download --ignore-requires-python --no-deps --only-binary :all: --require-hashes --quiet --dest"
        command = [sys.executable, "-m", "pip", *words.split(), folder, "-r", str(asked)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise LockError(f"pip could not look at {', '.join(p.name for p in packages)}: {done.stderr.strip()}")
        found = distributions(path=[str(wheel) for wheel in Path(folder).glob("*.whl")])
        return {name: _of_installed(name, d) for d in found if (name := canonicalize_name(d.metadata["Name"]))}


def _license(expression: str, word: str, classifiers: Iterable[str], text: str) -> str:
    if expression:
        return expression
    named = [c.rsplit(" :: ", 1)[-1] for c in classifiers if c.startswith("License :: OSI Approved :: ")]
    told = [_CLASSIFIERS.get(name, _UNKNOWN) for name in named] or [_WORDS.get(word.strip().lower(), _UNKNOWN)]
    clauses = "BSD-3-Clause" if "Neither the name" in text else "BSD-2-Clause" if "Redistributions" in text else "BSD"
    # Classifiers do not say whether all of them hold or one may be chosen: the stricter reading.
    return " AND ".join(sorted({clauses if name == "BSD" else name for name in told}))
