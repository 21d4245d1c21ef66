"""`python -m fuzz.replay TARGET FILE ...` (from `tests`): read files that a fuzzer found, without any fuzzer."""

from __future__ import annotations

import sys
from pathlib import Path

from fuzz.contract import hold
from fuzz.targets import targets


def main() -> None:
    name, *files = sys.argv[1:]
    for file in files:
        print(f"{file}: {hold(targets()[name], Path(file).read_bytes())}")  # noqa: T201  a tool for developers


if __name__ == "__main__":
    main()
