"""Judge what the project depends on: locks, environment, known vulnerabilities.

Exit status: 0 when nothing is known against it, 1 when a lock, the environment or a package is bad, 75 when not every
package could be looked up: that is no good news, and it is not told as such.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tools.supply_chain.advisories import Advisory, AdvisoryError, known
from tools.supply_chain.environment import environment_problems
from tools.supply_chain.locked import DEVELOPMENT, RUNTIME, TOOLS, Locked, LockError, read_lock

OK, BAD, UNTOLD = 0, 1, 75
_SERVICES = ("pypi", "osv")


def lock_problems(runtime: Mapping[str, Locked], development: Mapping[str, Locked]) -> list[str]:
    """Return the packages that the tests would try in another version, or with other files, than users get."""
    return [
        f"{name} is not the same in {RUNTIME.name} and {DEVELOPMENT.name}"
        for name, package in runtime.items()
        if development.get(name) != package
    ]


def looked_up(packages: Mapping[str, Locked]) -> tuple[set[str], list[Advisory]]:
    """Ask the services of pip-audit; return the packages that one of them knew, and what is known against them."""
    told: set[str] = set()
    found: list[Advisory] = []
    for service in _SERVICES:
        open_ = {name: package for name, package in packages.items() if name not in told}
        for one in _asked(open_, service) if open_ else ():
            # A package that the service does not know is "skipped", and pip-audit leaves with 0 all the same.
            if "skip_reason" in one:
                continue
            told.add(one["name"])
            found += (Advisory(one["name"], one["version"], v["id"], tuple(v["fix_versions"])) for v in one["vulns"])
    return told, found


def _asked(packages: Mapping[str, Locked], service: str) -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as folder:
        # Without markers: what other platforms install is looked up as well.
        lines = Path(folder) / "packages.txt"
        lines.write_text("".join(f"{p.name}=={p.version}\n" for p in packages.values()))
        words = f"--disable-pip --no-deps --progress-spinner off --format json --vulnerability-service {service}"
        command = [sys.executable, "-m", "pip_audit", *words.split(), "--requirement", str(lines)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        found: list[dict[str, Any]] = json.loads(done.stdout)["dependencies"]
    except ValueError:  # it ended with an error: no network, or a service that answers otherwise
        return []
    return found


def main() -> int:
    """Print what is wrong, and what could not be found out."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--site", type=Path, help="the site-packages folder of the locked environment")
    parser.add_argument("--advisories", type=Path, help="OSV records (ZIP, folder or file) instead of the network")
    asked = parser.parse_args()
    try:
        runtime, development, tools = (read_lock(path) for path in (RUNTIME, DEVELOPMENT, TOOLS))
        problems = lock_problems(runtime, development)
        if asked.site is not None:
            problems += environment_problems(development, asked.site)
        everything = {**tools, **development}
        sys.stdout.write(f"{len(everything)} packages locked, each with version and hashes\n")
        if asked.advisories is not None:
            file = known(asked.advisories, everything)
            told, found = (set(everything), list(file.found)) if file.advisories else (set[str](), [])
            sys.stdout.write(
                f"{file.advisories} advisories about PyPI packages, the newest of {file.newest or 'no day'}\n"
            )
        else:
            told, found = looked_up(everything)
    except (LockError, AdvisoryError) as problem:
        sys.stdout.write(f"bad: {problem}\n")
        return BAD
    for line in (*problems, *found):
        sys.stdout.write(f"bad: {line}\n")
    if untold := sorted(everything.keys() - told):
        what = "no advisory source was reached" if not told else f"no advisory source knows {', '.join(untold)}"
        sys.stdout.write(f"not judged: {what}: nothing is known of {len(untold)} of {len(everything)} packages\n")
    return BAD if problems or found else UNTOLD if untold else OK


if __name__ == "__main__":
    sys.exit(main())
