"""Mutants of the packages that decide results: made by mutmut, drawn at random, put into living functions.

A mutant is one small change of one function. mutmut (BSD license) finds the places and writes the changes; its own
runner is not used, because it copies the tree and runs a test file from the start for each mutant. Here the changed
function is compiled, and its code takes the place of the code of the function that is loaded already.
"""

from __future__ import annotations

import difflib
import gc
import hashlib
import random
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import CodeType, FunctionType

ROOT = Path(__file__).resolve().parents[2]
SRC = ROOT / "src"
PACKAGES = ("plan", "engines", "results")
# The heart: what decides who counts and what may be shown. It gets twice its share of the sample.
HEART = (
    "plan/", "engines/polars/", "engines/reference/", "results/disclosure/", "results/partial/", "results/rates.py",
)  # fmt: skip
# What only tells people what was decided.
TELLS = ("plan/explain.py", "plan/words.py", "engines/reference/trace", "engines/reference/render_trace.py")


@dataclass(frozen=True)
class Place:
    """One mutant: the number of the change in the order in which mutmut finds them in a module."""

    module: str  # the path below src/vbpmeasure
    number: int

    @property
    def name(self) -> str:
        """Return a name that stays the same while the module and mutmut do."""
        return f"{self.module}:{self.number}"

    @property
    def stratum(self) -> str:
        """Return the package, the heart of it apart."""
        package = self.module.split("/")[0]
        heart = self.module.startswith(HEART) and not self.module.startswith(TELLS)
        return f"{package}, {'heart' if heart else 'rest'}"


@dataclass(frozen=True)
class Mutant:
    """A change with the code of the module before and after."""

    place: Place
    before: str
    after: str

    @property
    def diff(self) -> str:
        """Return the changed lines, without the lines around them."""
        lines = difflib.unified_diff(self.before.splitlines(), self.after.splitlines(), lineterm="", n=0)
        return "\n".join(line for line in lines if not line.startswith(("---", "+++", "@@")))

    @property
    def lines(self) -> set[int]:
        """Return the changed lines, as the module counts them before the change; never empty."""
        matched = difflib.SequenceMatcher(a=self.before.splitlines(), b=self.after.splitlines(), autojunk=False)
        return {line for tag, a, b, _, _ in matched.get_opcodes() if tag != "equal" for line in range(a + 1, b + 1)}


def modules() -> list[str]:
    """Return the modules that are mutated."""
    folder = SRC / "vbpmeasure"
    return sorted(path.relative_to(folder).as_posix() for name in PACKAGES for path in (folder / name).rglob("*.py"))


def sources() -> str:
    """Return a digest of what is mutated."""
    return hashlib.sha256(b"".join((SRC / "vbpmeasure" / name).read_bytes() for name in modules())).hexdigest()


@cache
def _changes(module: str):
    """Return the parsed module and mutmut's changes, those of decorated functions too: only its runner cannot."""
    import libcst as cst
    from libcst.metadata import MetadataWrapper
    from mutmut.mutation.file_mutation import MutationVisitor
    from mutmut.mutation.mutators import mutation_operators
    from mutmut.mutation.pragma_handling import IgnoredCode

    class Visitor(MutationVisitor):
        def _skip_node_and_children(self, node: cst.CSTNode) -> bool:
            return not isinstance(node, cst.FunctionDef) and super()._skip_node_and_children(node)

    visitor = Visitor(mutation_operators, IgnoredCode(set(), set(), set()))
    parsed = MetadataWrapper(cst.parse_module((SRC / "vbpmeasure" / module).read_text())).visit(visitor)
    return parsed, visitor.mutations


def places(module: str) -> list[Place]:
    """Return the mutants of a module: changes within functions, and of what stands at its top."""
    return [Place(module, number) for number in range(len(_changes(module)[1]))]


def written(place: Place) -> Mutant:
    """Return the mutant with its source."""
    parsed, changes = _changes(place.module)
    change = changes[place.number]
    return Mutant(place, parsed.code, parsed.deep_replace(change.original_node, change.mutated_node).code)


def drawn(number: int, seed: int, wanted: Iterable[str] = ()) -> tuple[dict[str, int], list[Place]]:
    """Return how many mutants each stratum has, and a sample without replacement, in random order.

    The sample is shared out by size, where a mutant of the heart has twice the weight. ``wanted`` names modules (or
    starts of them) when only those are asked.
    """
    strata: dict[str, list[Place]] = {}
    for module in modules():
        if not wanted or module.startswith(tuple(wanted)):
            for place in places(module):
                strata.setdefault(place.stratum, []).append(place)
    weights = {name: len(found) * (2 if name.endswith("heart") else 1) for name, found in strata.items()}
    chance = random.Random(seed)
    sample = [
        place
        for name, found in sorted(strata.items())
        for place in chance.sample(found, min(len(found), round(number * weights[name] / sum(weights.values()))))
    ]
    chance.shuffle(sample)
    return {name: len(found) for name, found in sorted(strata.items())}, sample


def changed(mutant: Mutant) -> dict[tuple[str, int], CodeType] | None:
    """Return the new code of functions by their name and first line; nothing for the same code, None for the module's.

    Functions within functions are part of the outer one's code.
    """
    file = str(SRC / "vbpmeasure" / mutant.place.module)
    before, after = (compile(source, file, "exec", dont_inherit=True) for source in (mutant.before, mutant.after))
    olds, news = list(_functions(before)), list(_functions(after))
    if len(olds) != len(news):
        return None
    pairs = list(zip(olds, news, strict=True))
    found = {(old.co_qualname, old.co_firstlineno): new for old, new in pairs if not _same(old, new)}
    return found if found or _same(before, after) else None


def _functions(code: CodeType) -> Iterator[CodeType]:
    """Yield the functions of a module and of its classes, and lambdas at the top."""
    for const in code.co_consts:
        if isinstance(const, CodeType):
            # A class body has neither arguments nor fast locals.
            if const.co_flags & 0x2:
                yield const
            else:
                yield from _functions(const)


def _same(a: CodeType, b: CodeType) -> bool:
    """Return whether two codes do the same, wherever their lines stand."""
    return (
        a.co_code == b.co_code
        and (a.co_names, a.co_varnames, a.co_freevars) == (b.co_names, b.co_varnames, b.co_freevars)
        and len(a.co_consts) == len(b.co_consts)
        and all(
            _same(x, y) if isinstance(x, CodeType) and isinstance(y, CodeType) else repr(x) == repr(y)
            for x, y in zip(a.co_consts, b.co_consts, strict=True)
        )
    )


class Living:
    """The functions of the mutated packages that this process has loaded."""

    def __init__(self) -> None:
        """Find them among all objects, with the caches of the whole package."""
        self._functions: dict[tuple[str, str, int], list[FunctionType]] = {}
        self._caches = []
        for thing in gc.get_objects():
            if isinstance(thing, FunctionType) and str(thing.__module__).startswith("vbpmeasure."):
                code = thing.__code__
                key = (thing.__module__, code.co_qualname, code.co_firstlineno)
                self._functions.setdefault(key, []).append(thing)
            if type(thing).__name__ == "_lru_cache_wrapper" and str(thing.__module__).startswith("vbpmeasure"):
                self._caches.append(thing)

    def take(self, mutant: Mutant, codes: Mapping[tuple[str, int], CodeType]) -> bool:
        """Give the functions their new code, and forget what they returned; False when one is not loaded."""
        module = ".".join(["vbpmeasure", *Path(mutant.place.module).with_suffix("").parts]).removesuffix(".__init__")
        for (name, line), code in codes.items():
            found = self._functions.get((module, name, line), [])
            if not found or any(len(code.co_freevars) != len(f.__code__.co_freevars) for f in found):
                return False
            for function in found:
                function.__code__ = code
        for kept in self._caches:
            kept.cache_clear()
        return True


def main() -> None:
    """Print how many mutants there are."""
    counts = Counter(place.stratum for module in modules() for place in places(module))
    sys.stdout.write("".join(f"{name:20} {number:7,}\n" for name, number in sorted(counts.items())))


if __name__ == "__main__":
    main()
