"""Reading benchmarks, and picking the one to hold a rate against."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from vbpmeasure.benchmarks.model import Benchmark, BenchmarkFile
from vbpmeasure.catalog.shipped import measures_root
from vbpmeasure.diagnostics.model import Diagnostic, Failure, Severity
from vbpmeasure.diagnostics.source import attach_source_lines
from vbpmeasure.spec.load import Definition, parse_definition
from vbpmeasure.spec.suggest import suggestion_or_list
from vbpmeasure.spec.tree import read_text

FOLDER = "benchmarks"


@dataclass(frozen=True, slots=True)
class Benchmarks:
    """All benchmarks in use: the titles of their files, and the entries in the order of the files."""

    titles: tuple[str, ...] = ()
    entries: tuple[Benchmark, ...] = ()

    def of(self, measure: str, rate: str) -> tuple[Benchmark, ...]:
        """Return the benchmarks of a rate, the latest year first."""
        own = (one for one in self.entries if (one.measure, one.rate) == (measure, rate))
        return tuple(sorted(own, key=lambda one: -one.year))

    def chosen(self, measure: str, rate: str, year: int) -> Benchmark | None:
        """Return the benchmark to show beside a rate of a measurement year.

        The latest that is not of a later year; where all are later, the earliest of them.
        """
        own = self.of(measure, rate)
        past = [one for one in own if one.year <= year]
        return past[0] if past else own[-1] if own else None

    def not_run(self, measures: Iterable[str]) -> tuple[str, ...]:
        """Return the measures that have a benchmark and are not among those of the run, each once."""
        run = set(measures)
        return tuple(dict.fromkeys(str(one.measure) for one in self.entries if one.measure not in run))

    def remarks(self, rates: Iterable[tuple[str, str]]) -> Iterator[Diagnostic]:
        """Yield a warning (VBM248) for each benchmark of a measure that was run, but of a rate that it has not.

        A benchmark of a measure that was not run is no mistake: one file serves many runs.
        """
        known: dict[str, list[str]] = {}
        for measure, rate in rates:
            known.setdefault(measure, []).append(rate)
        for one in self.entries:
            if one.measure in known and one.rate not in known[one.measure]:
                yield Diagnostic(
                    "VBM248",
                    f"a benchmark is for the rate `{one.rate}`, which `{one.measure}` does not have",
                    severity=Severity.WARNING,
                    hint=suggestion_or_list(str(one.rate), known[one.measure], "rates") or None,
                )


def shipped_files() -> tuple[Path, ...]:
    """Return the files of benchmarks that come with the program."""
    return tuple(sorted((measures_root() / FOLDER).glob("*.yaml")))


def load_benchmarks(paths: Iterable[Path]) -> Benchmarks:
    """Read files of benchmarks.

    Raises `Failure` with every finding: VBM249 no such file, VBM246 a value that cannot be, VBM247 two figures of one
    rate, year and label, and the codes of unreadable YAML and wrong keys.
    """
    read: list[Definition[BenchmarkFile]] = []
    found: list[Diagnostic] = []
    for path in paths:
        if not path.is_file():
            hint = "name a YAML file of benchmarks; docs/report.md shows one"
            found.append(Diagnostic("VBM249", "there is no such file of benchmarks", where=str(path), hint=hint))
            continue
        try:
            read.append(parse_definition(read_text(path), path, BenchmarkFile))
        except Failure as failure:
            found.extend(failure.diagnostics)
    found.extend(_repeated(read))
    if found:
        raise Failure(found)
    entries = tuple(one for file in read for one in file.model.benchmarks)
    return Benchmarks(tuple(str(file.model.title) for file in read), entries)


def _repeated(files: Iterable[Definition[BenchmarkFile]]) -> Iterator[Diagnostic]:
    seen: set[tuple[str, ...]] = set()
    for file in files:
        twice = []
        for one in file.model.benchmarks:
            key = (one.measure, one.rate, str(one.year), one.label)
            if key in seen:
                message = f"`{one.measure}.{one.rate}` has two benchmarks of {one.year} with one label"
                twice.append(
                    Diagnostic("VBM247", message, span=one.span, hint="keep one, or give them different labels")
                )
            seen.add(key)
        yield from attach_source_lines(twice, {str(file.path): file.text})
