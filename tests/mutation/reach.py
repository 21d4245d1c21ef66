"""Which tests run which lines, and for how long: measured once by coverage, kept while nothing changes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Container, Iterable
from pathlib import Path

from mutation.children import Children, Ended, Tests
from mutation.mutants import PACKAGES, ROOT, SRC

FOLDER = SRC / "vbpmeasure"


class Reach:
    """The tests of each line."""

    def __init__(self, kept: dict, present: Container[str]) -> None:
        """Take what was measured: CPU seconds by test (passing ones only), and by module the tests of each line."""
        names = list(kept["seconds"])
        self.seconds: dict[str, float] = {name: used for name, used in kept["seconds"].items() if name in present}
        self.failing: list[str] = kept["failing"]
        self._lines = {
            module: {int(line): {names[n] for n in tests if names[n] in present} for line, tests in lines.items()}
            for module, lines in kept["lines"].items()
        }

        self._of_file: dict[str, float] = {}
        for name, used in self.seconds.items():
            file = name.split("::", maxsplit=1)[0]
            self._of_file[file] = max(used, self._of_file.get(file, 0))

    def longest(self, name: str) -> float:
        """Return the time of the longest test of the same file: any may be the one that sets up what all use."""
        return self._of_file[name.split("::", maxsplit=1)[0]]

    def tests(self, module: str, lines: Iterable[int]) -> set[str]:
        """Return the tests that run one of the lines."""
        known = self._lines.get(module, {})
        return set().union(*(known.get(line, ()) for line in lines))

    def tests_of_module(self, module: str) -> set[str]:
        """Return the tests that run anything of the module."""
        return self.tests(module, self._lines.get(module, {}))


def importers(module: str) -> list[str]:
    """Return the modules of the same packages that import this one: its constants are known by what they do there."""
    name = ".".join(["vbpmeasure", *Path(module).with_suffix("").parts])
    files = [path for package in PACKAGES for path in (FOLDER / package).rglob("*.py")]
    return [path.relative_to(FOLDER).as_posix() for path in files if f"from {name} import" in path.read_text()]


def measured(tests: Tests, children: Children, keep: Path, *, anyway: bool = False) -> Reach:
    """Return the reach of the tests: read from ``keep`` when it was measured for the same files, or anyway."""
    state = _state(tests)
    kept = json.loads(keep.read_text()) if keep.is_file() else {}
    if kept.get("state") != state and not (kept and anyway):
        found: list[Ended] = []
        children.start(lambda folder: _measure(tests, folder), found.append)
        children.finish()
        if found[0].answer is None:
            raise RuntimeError(f"measuring the reach of the tests ended with signal {found[0].signal}")
        kept = {"state": state, **found[0].answer}
        keep.write_text(json.dumps(kept))
    return Reach(kept, tests.items)


def _state(tests: Tests) -> str:
    state = hashlib.sha256("\n".join(tests.items).encode())
    for path in sorted(p for part in (SRC, ROOT / "tests", ROOT / "measures") for p in part.rglob("*")):
        if path.suffix in {".py", ".yaml", ".csv"} and "mutation" not in path.parts:
            state.update(path.read_bytes())
    return state.hexdigest()


def _measure(tests: Tests, folder: Path) -> dict:
    from coverage import Coverage

    coverage = Coverage(data_file=None, source=[str(FOLDER / name) for name in PACKAGES], messages=False)
    tests.watch = coverage.switch_context
    coverage.start()
    ran = tests.run([list(tests.items)], folder, lambda _: 600.0, stop=False)
    coverage.stop()
    seconds = {name: used for name, used, failure in ran if not failure}
    # What a test sets up may have been made for all tests of its file: they all reach what it ran.
    numbers: dict[str, list[int]] = {}
    for number, name in enumerate(seconds):
        numbers[name] = [number]
        numbers.setdefault(name.split("::", maxsplit=1)[0], []).append(number)
    data = coverage.get_data()
    lines = {
        Path(file).relative_to(FOLDER).as_posix(): {
            line: sorted({number for context in contexts for number in numbers.get(context, ())})
            for line, contexts in data.contexts_by_lineno(file).items()
        }
        for file in data.measured_files()
    }
    return {"seconds": seconds, "failing": [f"{n}: {f}" for n, _, f in ran if f], "lines": lines}
