"""Draw mutants and let the tests judge them: python -m mutation --sample 100 --seed 1 (from the folder of the tests).

Each line of the output file is one mutant: its stratum, its lines, what became of it, and the test that killed it.
A run goes on where an earlier one with the same file ended. `--again FILE` asks only for what survived in an earlier
run, each in a process of its own that imports the mutated tree from the start.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest

from mutation import fresh
from mutation.children import Children, Ended, Tests
from mutation.mutants import ROOT, Living, Mutant, Place, changed, drawn, sources, written
from mutation.reach import Reach, importers, measured

FAST = ("attribution", "care_gaps", "engines", "equity", "plan", "results", "spec", "testing")
DEFAULT = [*(f"tests/unit/{name}" for name in FAST), "tests/spec", "tests/generative"]
FIRST, SECOND = 12, 60  # tests of the first rounds: most mutants do not see a third


class Judge:
    """Lets tests run against mutants, inside of a pytest session that has collected them."""

    def __init__(self, asked: argparse.Namespace) -> None:
        """Remember what is asked."""
        self._asked = asked
        self._out: Path = asked.out
        self._killers: Counter[tuple[str, str]] = Counter()

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Run mutants where pytest would run tests."""
        asked = self._asked
        tests = Tests(session)
        session.config.pluginmanager.register(tests)
        living = Living()  # before the collector is told to leave everything alone
        with tempfile.TemporaryDirectory(prefix="mutants-") as scratch:
            children = Children(asked.workers, Path(scratch))
            keep = asked.reach or self._out.with_suffix(".reach.json")
            reach = measured(tests, children, keep, anyway=asked.reach is not None)
            self._say(f"{len(reach.seconds)} tests, {sum(reach.seconds.values()):.0f} s; failing: {reach.failing}")
            done = {line["name"]: line for line in _lines(self._out)}
            for line in done.values():
                self._note(line)
            later = []
            for place in self._places():
                if place.name not in done:
                    mutant = written(place)
                    # What has to be imported anew takes longest and tells least.
                    if self._asked.again or changed(mutant) is not None:
                        self._judge(mutant, tests, reach, living, children)
                    else:
                        later.append(mutant)
            for mutant in later:
                self._judge(mutant, tests, reach, living, children)
            children.finish()
        self._say(summary(_lines(self._out)))
        return True

    def _places(self) -> list[Place]:
        if self._asked.again:
            survived = [line for line in _lines(self._asked.again) if line["end"] in ("survived", "not reached")]
            return [Place(line["module"], line["number"]) for line in survived]
        kept = self._out.with_suffix(".sample.json")
        wanted = [self._asked.sample, self._asked.seed, self._asked.modules, sources()]
        if not kept.is_file() or json.loads(kept.read_text())["wanted"] != wanted:
            strata, sample = drawn(self._asked.sample, self._asked.seed, self._asked.modules)
            places = [(place.module, place.number) for place in sample]
            kept.write_text(json.dumps({"wanted": wanted, "strata": strata, "places": places}))
        drew = json.loads(kept.read_text())
        strata, sample = drew["strata"], [Place(*place) for place in drew["places"]]
        sizes = Counter(place.stratum for place in sample)
        self._say("; ".join(f"{name}: {sizes[name]} of {count}" for name, count in strata.items()))
        return sample

    def _judge(self, mutant: Mutant, tests: Tests, reach: Reach, living: Living, children: Children) -> None:
        line = {
            "name": mutant.place.name, "module": mutant.place.module, "number": mutant.place.number,
            "stratum": mutant.place.stratum, "lines": sorted(mutant.lines), "diff": mutant.diff,
        }  # fmt: skip
        codes = changed(mutant)
        if codes == {}:
            self._write(line | {"end": "same code"})
            return
        module = mutant.place.module
        names = reach.tests(module, statement_lines(mutant.before, mutant.lines)) if codes else set()
        if codes and not names and not self._asked.again:
            self._write(line | {"end": "not reached"})
            return
        names = names or reach.tests_of_module(module)
        for user in importers(module) if not names else ():
            names |= reach.tests_of_module(user)
        rounds = self._rounds(module, names, reach)
        line |= {"tests": len(names), "asked": sum(map(len, rounds))}

        def work(folder: Path) -> dict:
            if self._asked.again or not codes or not living.take(mutant, codes):
                further = [self._asked.also] if self._asked.also else []
                allowed = sum(reach.seconds[name] for part in rounds for name in part) + 600 * len(further)
                return fresh.judged(mutant, [*rounds, *further], folder, allowed)
            ran = tests.run(rounds, folder, reach.longest)
            failed = ran[-1][2]
            by = {"by": ran[-1][0], "failure": failed} if failed else {}
            return {"end": "killed" if failed else "survived", "ran": len(ran), **by}

        def then(ended: Ended) -> None:
            if ended.answer is None:
                told = {"end": "timed out" if ended.timed_out else "crashed", "signal": ended.signal}
                # The wall clock tells nothing of a process that was held.
                self._write(line | told | {"cpu": round(ended.cpu, 2)})
            else:
                self._write(line | ended.answer | {"cpu": round(ended.cpu, 2)})

        children.start(work, then)

    def _rounds(self, module: str, names: set[str], reach: Reach) -> list[list[str]]:
        """Return the tests in rounds: those that killed mutants of the module, then the cheapest, then the others.

        The last round ends where the time for one mutant does.
        """
        cheap = sorted(names, key=lambda name: (-self._killers[module, name], reach.seconds[name], name))
        allowed, used = [], 0.0
        for name in cheap:
            used += reach.seconds[name]
            if used > self._asked.seconds and len(allowed) > FIRST:
                break
            allowed.append(name)
        return [part for part in (allowed[:FIRST], allowed[FIRST:SECOND], allowed[SECOND:]) if part]

    def _note(self, line: dict) -> None:
        if "by" in line:
            self._killers[line["module"], line["by"]] += 1

    def _write(self, line: dict) -> None:
        self._note(line)
        with self._out.open("a") as out:
            out.write(json.dumps(line) + "\n")

    def _say(self, text: str) -> None:
        sys.stdout.write(text + "\n")
        sys.stdout.flush()


def statement_lines(source: str, lines: Iterable[int]) -> set[int]:
    """Return the lines of the innermost statements around these, without those of statements within them.

    The tracer marks some lines of a statement that stands on several, and not each.
    """
    statements = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.stmt)]
    found: set[int] = set()
    for line in lines:
        around = [s for s in statements if s.lineno <= line <= (s.end_lineno or s.lineno)]
        if around:
            inner = max(around, key=lambda s: (s.lineno, -(s.end_lineno or 0)))
            own = set(range(inner.lineno, (inner.end_lineno or inner.lineno) + 1))
            for child in ast.walk(inner):
                if isinstance(child, ast.stmt) and child is not inner:
                    own -= set(range(child.lineno, (child.end_lineno or child.lineno) + 1))
            found |= own
    return found


def _lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text().splitlines()] if path.is_file() else []


def summary(lines: list[dict]) -> str:
    """Return what became of the mutants, by stratum."""
    ends = Counter((line["stratum"], line["end"]) for line in lines)
    names = sorted({line["stratum"] for line in lines})
    kinds = sorted({line["end"] for line in lines})
    rows = [f"{name:20}" + "".join(f"{kind} {ends[name, kind]:4}  " for kind in kinds) for name in names]
    used = sum(line.get("cpu", 0) for line in lines)
    return "\n".join([*rows, f"{len(lines)} mutants, {used:.0f} s of CPU time"])


def main() -> int:
    """Read the options and start pytest around the mutants."""
    options = argparse.ArgumentParser(prog="python -m mutation", description=__doc__)
    options.add_argument("--sample", type=int, default=100, help="how many mutants to draw")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--modules", nargs="*", default=[], help="only modules that begin so: results/rates.py plan/")
    options.add_argument("--seconds", type=float, default=8, help="CPU seconds of tests for one mutant")
    options.add_argument("--workers", type=int, default=1, help="mutants at a time")
    options.add_argument("--out", type=Path, default=ROOT / "out" / "mutants.jsonl")
    options.add_argument("--reach", type=Path, help="what tests reach, measured before: tests written since stay out")
    options.add_argument("--again", type=Path, help="only what survived in this earlier output")
    options.add_argument("--also", nargs="*", default=[], help="with --again: further tests, those of commands say")
    options.add_argument("--tests", nargs="*", default=DEFAULT, help="the tests that judge")
    asked = options.parse_args()
    asked.out = asked.out.resolve()
    asked.out.parent.mkdir(parents=True, exist_ok=True)
    # Fixed before Polars starts: a fork has none of its parent's threads, and small queries only wait for more.
    os.environ["POLARS_MAX_THREADS"] = "1"
    os.chdir(ROOT)
    return int(pytest.main(["-q", "-s", "-p", "no:xdist", *asked.tests], plugins=[Judge(asked)]))


if __name__ == "__main__":
    sys.exit(main())
