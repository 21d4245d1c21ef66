"""What all pages share: the material they are made from, tables, words for dimensions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from vbpmeasure.benchmarks.load import Benchmarks
from vbpmeasure.benchmarks.model import PER_1000 as PER_1000_MEMBER_MONTHS
from vbpmeasure.benchmarks.model import Benchmark
from vbpmeasure.outputs.all_hidden import BUT_ZEROS, THIS_TABLE, all_hidden
from vbpmeasure.report.equity import Equity
from vbpmeasure.report.figures import PER_1000, SHARE, Cell, Figures, Rate
from vbpmeasure.report.numbers import one, unit_words
from vbpmeasure.results.disclosure.policy import Status


@dataclass(frozen=True, slots=True)
class Material:
    """What a report is made from: the run, earlier ones (latest first), statistics (if it has groups), benchmarks."""

    now: Figures
    earlier: tuple[Figures, ...]
    equity: Equity | None
    benchmarks: Benchmarks

    @property
    def minimum(self) -> int:
        """The least denominator of a rate that is shown."""
        return int(self.now.run.suppression.get("min_denominator", 0))

    def nothing_shown(self, cells: Iterable[Cell | None]) -> str:
        """Return the sentence over a table of these cells when the run hides all of them, nothing when it does not."""
        known = [cell for cell in cells if cell is not None]
        counted = [cell for cell in known if cell.status != Status.NO_DATA]
        if not counted or not all(cell.hidden for cell in counted):
            return ""
        return self.hidden_words(THIS_TABLE if counted == known else THIS_TABLE + BUT_ZEROS)

    def hidden_words(self, what: str = THIS_TABLE) -> str:
        """Return the sentence that all results of a table (or of ``what``) are hidden."""
        return all_hidden(what, int(self.now.run.suppression.get("suppress_below", 1)))

    def benchmark(self, rate: Rate) -> Benchmark | None:
        """Return the benchmark to show beside a rate, one of its own unit only."""
        chosen = self.benchmarks.chosen(*rate.key, self.now.year)
        if chosen is None or (chosen.unit == PER_1000_MEMBER_MONTHS) != (rate.unit == PER_1000):
            return None
        return chosen if rate.unit in (SHARE, PER_1000) else None


@dataclass(frozen=True, slots=True)
class Td:
    """A cell of a table: its text, a class for its look, a link, words that only a screen reader says."""

    text: str
    look: str = ""
    link: str = ""
    spoken: str = ""


TableRow = tuple["str | Td", ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table: what it shows, its columns, and its rows; the first cell of a row is its head.

    ``words`` is how many of the first columns hold words, the others hold numbers. A table that can be sorted says so.
    ``warning`` is a sentence over the table, such as that all of its numbers are hidden.
    """

    caption: str
    heads: tuple[str, ...]
    rows: tuple[TableRow, ...]
    words: int = 1
    sortable: bool = False
    look: str = ""
    warning: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """A chart and its table, under one heading; ``chart`` is an SVG made by `report.charts`, or nothing."""

    title: str
    chart: str | None
    table: Table | None
    note: str = ""


def anchor(*parts: str) -> str:
    """Return an id for a place in the page; crossed dimensions have a star that ids should not have."""
    return "-".join(part.replace("*", "-by-").replace(" ", "-") for part in parts)


def measure_anchor(measure: str) -> str:
    """Return the id of the page of a measure."""
    return anchor("m", measure)


def rate_anchor(rate: Rate) -> str:
    """Return the id of the place of a rate on the page of its measure."""
    return anchor("r", *rate.key)


def rate_words(rate: Rate) -> str:
    """Return the name of a rate beside those of other measures: `W30: First 15 months`."""
    return f"{rate.info.measure.upper()}: {rate.info.rate_title}"


def rate_head(rate: Rate, place: str) -> Td:
    """Return the name of a rate as the head of a row, with a link to ``place``, an id in the page."""
    return Td(rate_words(rate), link=f"#{place}")


def dimension_words(name: str) -> str:
    """Return a dimension as a heading: ``race*sex`` is `Race by sex`."""
    words = " by ".join(part.replace("_", " ") for part in name.split("*"))
    return words[:1].upper() + words[1:]


def benchmark_words(mark: Benchmark) -> str:
    """Return a benchmark with its unit and what it is."""
    unit = PER_1000 if mark.unit == PER_1000_MEMBER_MONTHS else SHARE
    return f"{one(mark.figure)}{unit_words(unit)} ({mark.label}, {mark.when}, {mark.population})"


def standing(rate: Rate, mark: Benchmark | None) -> str:
    """Return how a rate stands to its benchmark by its interval: ``better``, ``worse``, ``level`` or nothing."""
    total = rate.total
    if mark is None or total is None or total.low is None or total.high is None:
        return ""
    if total.low <= mark.figure <= total.high:
        return "level"
    above = total.low > mark.figure
    return "better" if above != rate.info.lower_is_better else "worse"


def apart(names: Sequence[str]) -> list[str]:
    """Return names without the clause that all of them begin with (up to a comma or colon): short, and still apart."""
    if len(names) < 2:
        return list(names)
    first = names[0]
    clauses = [at + 2 for at in range(len(first)) if first[at : at + 2] in (", ", ": ")]
    cut = max((at for at in clauses if all(name.startswith(first[:at]) for name in names)), default=0)
    return [name[cut:][:1].upper() + name[cut:][1:] for name in names]


def joined(names: Sequence[str]) -> str:
    """Return names as words: `a, b and c`."""
    return " and ".join(", ".join(names).rsplit(", ", 1)) if names else ""
