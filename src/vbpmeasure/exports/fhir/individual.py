"""FHIR R4 MeasureReports of type `individual`: one for each person and measure, from the run's person-level rows.

They identify persons: whoever writes them keeps them for their owner alone.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import polars as pl

from vbpmeasure.exports.about import About, about
from vbpmeasure.exports.fhir.summary import DEFAULT_BASE
from vbpmeasure.exports.fhir.words import (
    MEMBER_MONTHS,
    OURS,
    RATE_SYSTEM,
    Json,
    canonical,
    improvement,
    meta,
    narrative,
    population,
    report_frame,
)
from vbpmeasure.plan.measures import MONTH_UNITS
from vbpmeasure.results.disclosure.policy import Status
from vbpmeasure.results.frame import RateKind
from vbpmeasure.runs.cells import Rate, cells
from vbpmeasure.runs.reading import RunResults

EVIDENCE_DATE = f"{OURS}:evidence-date"
EXCLUSION = f"{OURS}:exclusion"
_FHIR_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
_HAS_NO_ROWS = (RateKind.POOLED, RateKind.EQUAL_WEIGHT, RateKind.EXTERNAL)


@dataclass(frozen=True, slots=True)
class IndividualOptions:
    """How reports name things.

    ``base`` of the canonical references, ``reporter``, and whether the subject is a reference `Patient/ID` (for servers
    that know the persons under the ids of the input) beside an identifier.
    """

    base: str = DEFAULT_BASE
    reporter: str | None = None
    patient_references: bool = False


def individual_reports(
    run: RunResults, rows: pl.DataFrame, options: IndividualOptions | None = None
) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Yield each measure with its reports as lines of NDJSON, persons in the order of the rows.

    ``rows`` are those of `person_rows`. A person is reported for a measure when in the population of one of its rates.
    """
    chosen = options or IndividualOptions()
    said = about(run)
    rates = list(dict.fromkeys(cell.rate for cell in cells(run) if cell.rate.kind not in _HAS_NO_ROWS))
    for measure, own in groupby(rates, key=lambda rate: rate.info.measure):
        yield measure, _of_measure(said, measure, list(own), rows, chosen)


def _of_measure(
    said: About, measure: str, rates: Sequence[Rate], rows: pl.DataFrame, options: IndividualOptions
) -> Iterator[bytes]:
    places = pl.DataFrame({"rate": [rate.info.rate for rate in rates], "place": range(len(rates))})
    of_measure = (
        rows.filter(pl.col("measure") == measure)
        .with_columns(pl.col("person_id").cast(pl.String))
        .filter(pl.col("population").any().over("person_id"))
        .join(places, on="rate", how="inner")
        .sort("person_id", "place", "index_date", nulls_last=False)
    )
    for person, own in groupby(of_measure.iter_rows(named=True), key=lambda row: str(row["person_id"])):
        by_rate = {rate: list(of_rate) for rate, of_rate in groupby(own, key=lambda row: str(row["rate"]))}
        report = _report(said, measure, person, rates, by_rate, options)
        yield (json.dumps(report, ensure_ascii=False, separators=(",", ":"), allow_nan=False) + "\n").encode()


def _report(
    said: About,
    measure: str,
    person: str,
    rates: Sequence[Rate],
    by_rate: Mapping[str, Sequence[Mapping[str, Any]]],
    options: IndividualOptions,
) -> Json:
    identifier = hashlib.sha256(f"{measure}\n{person}\n{said.period_end}".encode()).hexdigest()[:40]
    subject: Json = {"type": "Patient", "identifier": {"value": person}}
    if options.patient_references and _FHIR_ID.fullmatch(person):
        subject = {"reference": f"Patient/{person}", **subject}
    reference = canonical(options.base, measure, said.measures.get(measure))
    directions = {rate.info.lower_is_better for rate in rates}
    report: Json = {
        "resourceType": "MeasureReport",
        "id": identifier,
        "meta": meta(said, identifies_persons=True),
        "text": narrative(said, rates[0].info.measure_title),
        **report_frame(said, "individual", reference, identifier, options.reporter),
        "subject": subject,
    }
    if len(directions) == 1:
        report["improvementNotation"] = improvement(lower_is_better=directions.pop())
    return {**report, "group": [_group(rate, by_rate.get(rate.info.rate, ())) for rate in rates]}


def _group(rate: Rate, rows: Sequence[Mapping[str, Any]]) -> Json:
    coding = {"system": RATE_SYSTEM, "code": f"{rate.info.measure}.{rate.info.rate}", "display": rate.info.rate_title}
    inside = [row for row in rows if row["population"]]
    excluded = [row for row in inside if row["exclusion"] is not None]
    judged = [row for row in inside if row["exclusion"] is None]
    if rate.is_share:
        numerator, denominator = sum(bool(row["numerator"]) for row in judged), len(inside)
    else:
        numerator, denominator = sum(row["part"] or 0 for row in judged), sum(row["whole"] or 0 for row in judged)
    group: Json = {"code": {"coding": [coding], "text": rate.info.rate_title}}
    if rate.kind is RateKind.EVENTS_PER_1000:
        group = {"extension": [{"url": MEMBER_MONTHS, "valueDecimal": round(denominator / MONTH_UNITS, 2)}], **group}
        denominator = len(inside)
    populations = [
        population("initial-population", len(inside), Status.VALUE),
        population("denominator", denominator, Status.VALUE),
        _with(EXCLUSION, "valueString", "exclusion", excluded)
        | population("denominator-exclusion", len(excluded), Status.VALUE),
        _with(EVIDENCE_DATE, "valueDate", "evidence_date", [row for row in judged if row["numerator"]])
        | population("numerator", numerator, Status.VALUE),
    ]
    return {**group, "population": populations}


def _with(url: str, kind: str, column: str, rows: Sequence[Mapping[str, Any]]) -> Json:
    """Return the extensions that say a column's value in each of the rows; none when there is none."""
    values = [str(row[column]) for row in rows if row.get(column) is not None]
    return {"extension": [{"url": url, kind: value} for value in values]} if values else {}
