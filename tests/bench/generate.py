"""The population of the benchmark: made once, kept in a folder, made anew when the generator changes.

By hand: `python -m tests.bench.generate [--people N] [--dir DIR]` prints the folder.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
from pathlib import Path

import numpy as np
import polars as pl

import vbpmeasure.sample
from vbpmeasure.sample import write_sample

PEOPLE = 100_000
SEED = 1
YEAR = 2025
ENVIRONMENT = "VBPMEASURE_BENCH_DIR"
_DEFAULT = Path(__file__).resolve().parents[2] / "build" / "bench"


def bench_root(folder: Path | None = None) -> Path:
    """Return where populations are kept: the argument, else VBPMEASURE_BENCH_DIR, else build/bench of the checkout."""
    return folder or Path(os.environ.get(ENVIRONMENT) or _DEFAULT)


def bench_data(people: int = PEOPLE, folder: Path | None = None) -> Path:
    """Return a folder with the contract tables of a synthetic population of ``people`` children, making it when needed.

    The name holds a digest of the generator's source and its libraries, so that a changed generator is never served old
    data; populations of the same size from older generators are removed.
    """
    root = bench_root(folder)
    name = f"sample-{people}-{SEED}-{YEAR}-"
    place = root / f"{name}{_digest()}"
    if (place / "README.md").is_file():
        return place
    for old in root.glob(f"{name}*"):
        shutil.rmtree(old)
    write_sample(place, people=people, seed=SEED, year=YEAR)
    return place


def _digest() -> str:
    source = Path(vbpmeasure.sample.__file__).parent
    digest = hashlib.sha256(f"{pl.__version__} {np.__version__}".encode())
    for file in sorted(source.glob("*.py")):
        digest.update(file.name.encode() + file.read_bytes())
    return digest.hexdigest()[:12]


def main() -> None:
    """Make the population and print its folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=PEOPLE)
    parser.add_argument("--dir", type=Path, default=None)
    given = parser.parse_args()
    print(bench_data(given.people, given.dir))  # noqa: T201 - this is what the command is for


if __name__ == "__main__":
    main()
