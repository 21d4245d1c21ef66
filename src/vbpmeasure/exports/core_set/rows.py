"""The rows of a core set report: every rate that is asked for, in total and by stratum, or the reason why it is not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from vbpmeasure.diagnostics import Diagnostic, Severity
from vbpmeasure.exports.about import About, about
from vbpmeasure.exports.core_set.mapping import Category, CoreMeasure, CoreRate, CoreSetMapping, Reason
from vbpmeasure.results.disclosure.policy import Status
from vbpmeasure.runs.cells import Cell, cells, is_hidden
from vbpmeasure.runs.reading import RunResults

TOTAL = "Total"


@dataclass(frozen=True, slots=True)
class CoreRow:
    """One line: a rate in total or in one stratum; ``rate`` is None for a measure that is missing as a whole.

    Numbers are None where ``reason`` says why. ``percent`` has the decimals of the mapping, half up.
    """

    measure: CoreMeasure
    rate: CoreRate | None
    category: str
    value: str
    numerator: int | None = None
    denominator: int | None = None
    percent: float | None = None
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class CoreReport:
    """A whole report; ``findings`` are warnings about what does not fit together."""

    mapping: CoreSetMapping
    about: About
    rows: tuple[CoreRow, ...]
    findings: tuple[Diagnostic, ...] = field(default=())


def core_report(run: RunResults, mapping: CoreSetMapping) -> CoreReport:
    """Return the report of a run: every measure of the mapping has at least one row, in the order of the mapping."""
    said = about(run)
    by_rate: dict[tuple[str, str], list[Cell]] = {}
    for cell in cells(run):
        by_rate.setdefault(cell.rate.name, []).append(cell)
    present = {dimension for own in by_rate.values() for dimension in (cell.dimension for cell in own)}
    asked = _asked(mapping, present)
    rows = [row for measure in mapping.measures for row in _of_measure(measure, said, by_rate, asked, mapping.decimals)]
    return CoreReport(mapping, said, tuple(rows), tuple(_findings(mapping, said, rows)))


def _asked(mapping: CoreSetMapping, present: set[str]) -> list[tuple[Category, str | None]]:
    """Return the categories with the dimension that answers them, None where the run has none and should.

    A category that another one stands in for, and one that only stands in for others, is no gap.
    """
    found = [(one, next((d for d in one.dimensions if d in present), None)) for one in mapping.strata]
    replaced = {name for one, dimension in found if dimension is not None for name in one.instead_of}
    return [
        (one, dimension)
        for one, dimension in found
        if dimension is not None or not (one.instead_of or one.category in replaced)
    ]


def _of_measure(
    measure: CoreMeasure,
    said: About,
    by_rate: Mapping[tuple[str, str], Sequence[Cell]],
    asked: Sequence[tuple[Category, str | None]],
    decimals: int,
) -> Iterator[CoreRow]:
    if measure.measure is None:
        yield CoreRow(measure, None, TOTAL, TOTAL, reason=Reason(measure.missing or Reason.NO_DEFINITION))
        return
    facts = said.measures.get(measure.measure)
    whole = Reason.NOT_RUN if facts is None else Reason.FAILED if facts.failed else None
    for rate in measure.rates:
        own = by_rate.get((measure.measure, rate.rate), ())
        total = next((cell for cell in own if cell.is_total), None)
        if whole is not None or total is None:
            yield CoreRow(measure, rate, TOTAL, TOTAL, reason=whole or Reason.RATE_NOT_IN_RUN)
            continue
        yield _row(measure, rate, TOTAL, TOTAL, total, decimals)
        for category, dimension in asked:
            if dimension is None:
                if measure.stratified:
                    yield CoreRow(measure, rate, category.category, "", reason=Reason.NOT_STRATIFIED)
                continue
            for cell in own:
                if cell.dimension == dimension:
                    yield _row(measure, rate, category.category, cell.stratum, cell, decimals)


def _row(measure: CoreMeasure, rate: CoreRate, category: str, value: str, cell: Cell, decimals: int) -> CoreRow:
    reason = _reason(cell.status)
    bottom = None if cell.denominator is None else int(cell.denominator)
    percent = _percent(cell.numerator, bottom, decimals) if reason is None else None
    return CoreRow(measure, rate, category, value, cell.numerator, bottom, percent, reason)


def _reason(status: Status) -> Reason | None:
    if is_hidden(status):
        return Reason.SUPPRESSED
    return {Status.NA_SMALL_DENOM: Reason.SMALL_DENOMINATOR, Status.NO_DATA: Reason.NO_DATA}.get(status)


def _percent(numerator: int | None, denominator: int | None, decimals: int) -> float | None:
    """Return the percentage, half up at the end only, in whole numbers until then."""
    if numerator is None or not denominator:
        return None
    scale: int = 10**decimals
    return (2 * numerator * 100 * scale + denominator) // (2 * denominator) / scale


def _findings(mapping: CoreSetMapping, said: About, rows: Sequence[CoreRow]) -> Iterator[Diagnostic]:
    if said.year != mapping.measurement_year:
        yield Diagnostic(
            "VBM552",
            f"the mapping is for measurement year {mapping.measurement_year}, the run for {said.year}",
            severity=Severity.WARNING,
            hint="labels and measures of the core set change every year; give the right file with --core-set",
        )
    unknown = [
        f"{row.measure.measure}.{row.rate.rate}" for row in rows if row.reason is Reason.RATE_NOT_IN_RUN and row.rate
    ]
    if unknown:
        yield Diagnostic(
            "VBM553",
            f"the mapping names rates that the run does not have: {', '.join(unknown)}",
            severity=Severity.WARNING,
            hint="mend the mapping, or the definition",
        )
