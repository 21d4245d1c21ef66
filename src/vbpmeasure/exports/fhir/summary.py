"""FHIR R4 MeasureReports of type `summary`: one for each measure, a group for each rate, stratifiers by dimension.

FHIR counts exclusions inside the denominator and takes them off in the score (as QRDA and DEQM do): its `denominator`
is our population, and our own denominator stands beside it under a code of ours.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from itertools import groupby

from vbpmeasure.exports.about import About, about
from vbpmeasure.exports.fhir.words import (
    MEMBER_MONTHS,
    NET_DENOMINATOR,
    OURS,
    RATE_SYSTEM,
    UCUM,
    Json,
    absent,
    canonical,
    improvement,
    meta,
    narrative,
    population,
    report_frame,
    resource_id,
)
from vbpmeasure.results.categories.stratum_text import names_of
from vbpmeasure.results.disclosure.policy import Status
from vbpmeasure.results.frame import RateKind
from vbpmeasure.runs.cells import CROSS, Cell, Rate, Unit, cells, is_hidden
from vbpmeasure.runs.reading import RunResults

DEFAULT_BASE = f"{OURS}:measure:"


def summary_reports(run: RunResults, base: str = DEFAULT_BASE, reporter: str | None = None) -> tuple[Json, ...]:
    """Return one MeasureReport per measure with results, as JSON objects, in the order of the run."""
    said = about(run)
    by_measure = groupby(cells(run), key=lambda cell: cell.rate.info.measure)
    return tuple(_report(said, measure, list(own), base, reporter) for measure, own in by_measure)


def summary_bundle(run: RunResults, base: str = DEFAULT_BASE, reporter: str | None = None) -> bytes:
    """Return the reports as one Bundle (type `collection`), as JSON in UTF-8 with a line for each report."""
    entries = ",\n".join(_json({"resource": report}) for report in summary_reports(run, base, reporter))
    head = _json({"resourceType": "Bundle", "meta": meta(about(run)), "type": "collection"})
    return f'{head[:-1]},"entry":[\n{entries}\n]}}\n'.encode()


def _json(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _report(said: About, measure: str, own: Sequence[Cell], base: str, reporter: str | None) -> Json:
    title = own[0].rate.info.measure_title
    directions = {cell.rate.info.lower_is_better for cell in own}
    groups = [_group(rate, list(of_rate)) for rate, of_rate in groupby(own, key=lambda cell: cell.rate)]
    identifier = resource_id("summary", measure, said.period_end)
    report: Json = {
        "resourceType": "MeasureReport",
        "id": identifier,
        "meta": meta(said),
        "text": narrative(said, title),
        **report_frame(said, "summary", canonical(base, measure, said.measures.get(measure)), identifier, reporter),
    }
    if len(directions) == 1:
        # R4 has one notation for the whole report; where the rates differ, none would be right for all.
        report["improvementNotation"] = improvement(lower_is_better=directions.pop())
    return {**report, "group": groups}


def _group(rate: Rate, own: Sequence[Cell]) -> Json:
    total = next((cell for cell in own if cell.is_total), None)
    strata = [cell for cell in own if not cell.is_total]
    coding = {"system": RATE_SYSTEM, "code": f"{rate.info.measure}.{rate.info.rate}", "display": rate.info.rate_title}
    group: Json = {"code": {"coding": [coding], "text": rate.info.rate_title}}
    if total is not None:
        group |= _numbers(total)
    stratifiers = [
        {"code": [{"text": dimension}], "stratum": [_stratum(dimension, cell) for cell in of_dimension]}
        for dimension, of_dimension in groupby(strata, key=lambda cell: cell.dimension)
    ]
    return {**group, "stratifier": stratifiers} if stratifiers else group


def _stratum(dimension: str, cell: Cell) -> Json:
    """Return one stratum: a value, and for crossed dimensions a component for each of them."""
    names = dimension.split(CROSS)
    values = names_of(cell.stratum, len(names))
    if len(names) > 1 and len(names) == len(values):
        components = [
            {"code": {"text": name}, "value": {"text": value}} for name, value in zip(names, values, strict=True)
        ]
        return {"component": components, **_numbers(cell)}
    return {"value": {"text": cell.stratum}, **_numbers(cell)}


def _numbers(cell: Cell) -> Json:
    found: Json = {"population": list(_populations(cell)), "measureScore": _score(cell)}
    if cell.rate.kind is RateKind.EVENTS_PER_1000 and cell.denominator is not None:
        # A population's count is a whole number, and member-months are not.
        found = {"extension": [{"url": MEMBER_MONTHS, "valueDecimal": cell.denominator}], **found}
    return {name: value for name, value in found.items() if value != []}


def _populations(cell: Cell) -> Iterable[Json]:
    rate = cell.rate
    if rate.is_share:
        yield population("initial-population", cell.population, cell.population_status)
        yield population("denominator", cell.population, cell.population_status)
        hidden = cell.status if is_hidden(cell.status) else cell.population_status
        yield population("denominator-exclusion", cell.excluded, hidden)
        yield population("numerator", cell.numerator, cell.status)
        yield population(NET_DENOMINATOR, cell.denominator, cell.status)
    elif rate.has_counts:
        if rate.kind is not RateKind.EVENTS_PER_1000:
            yield population("denominator", cell.denominator, cell.status)
        yield population("numerator", cell.numerator, cell.status)


def _score(cell: Cell) -> Json:
    """Return the score with its unit; one that is not shown has the reason in the place of its value."""
    value: Json = {"value": cell.score} if cell.score is not None else {"_value": absent(_why(cell))}
    match cell.rate.score_unit:
        case Unit.PERCENT:
            return {**value, "unit": "%", "system": UCUM, "code": "%"}
        case Unit.PER_1000:
            return {**value, "unit": Unit.PER_1000.value}
        case _:
            return value


def _why(cell: Cell) -> Status:
    return cell.status if cell.status is not Status.VALUE else Status.NO_DATA
