"""Compare an environment with its lock, and its files with what their packages said they would be."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping
from importlib.metadata import Distribution, distributions
from pathlib import Path

from packaging.utils import canonicalize_name

from tools.supply_chain.locked import Locked

# What every environment has beside the lock: the program itself, and what `python -m venv` puts there.
_BESIDE = frozenset({"vbpmeasure", "pip", "setuptools"})


def environment_problems(packages: Mapping[str, Locked], site: Path) -> Iterator[str]:
    """Yield what is not as locked: packages absent, of another version or unlocked, and files that were changed."""
    installed: dict[str, Distribution] = {
        canonicalize_name(d.metadata["Name"]): d for d in distributions(path=[str(site)])
    }
    for name, package in packages.items():
        found = installed.get(name)
        if package.here and (found is None or found.version != package.version):
            yield f"{name} {package.version} is locked, {found.version if found else 'none'} is installed"
    for name in sorted(installed.keys() - packages.keys() - _BESIDE):
        yield f"{name} {installed[name].version} is installed and not locked"
    for name, found in sorted(installed.items()):
        yield from (f"{name}: {file} is not the file that was installed" for file in _changed(found))


def _changed(found: Distribution) -> Iterator[str]:
    for file in found.files or ():
        if file.hash is None:  # compiled by this machine, or the list of files itself
            continue
        place = Path(str(file.locate()))
        content = place.read_bytes() if place.is_file() else b""
        digest = base64.urlsafe_b64encode(hashlib.new(file.hash.mode, content).digest()).rstrip(b"=").decode()
        if digest != file.hash.value:
            yield str(file)
