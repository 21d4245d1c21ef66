"""`convert fhir`: two passes over the files; tables, spans of coverage, practitioners, report."""

from __future__ import annotations

import calendar
import datetime as dt
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from vbpmeasure.adapters.crosswalk import Crosswalk
from vbpmeasure.adapters.fhir import reasons
from vbpmeasure.adapters.fhir.claims import claim
from vbpmeasure.adapters.fhir.coverage import coverage, write_spans
from vbpmeasure.adapters.fhir.duplicates import Duplicates
from vbpmeasure.adapters.fhir.first_pass import first_pass
from vbpmeasure.adapters.fhir.index import Index
from vbpmeasure.adapters.fhir.json_values import text
from vbpmeasure.adapters.fhir.people import person
from vbpmeasure.adapters.fhir.records import RECORDS
from vbpmeasure.adapters.fhir.resource_types import R4, USED
from vbpmeasure.adapters.fhir.shared import Work
from vbpmeasure.adapters.fhir.source import Reader, Resource, SourceFile, find_files
from vbpmeasure.adapters.folder import ConversionFolder
from vbpmeasure.adapters.report import Report
from vbpmeasure.diagnostics.model import Diagnostic, Failure

MAX_RECORD = 128_000_000
_MUST_HAVE_ID = frozenset({"Patient", "Coverage"})
_INDEX = ".index.sqlite"


@dataclass(frozen=True, slots=True)
class FhirRequest:
    """One conversion: a file or folder of FHIR R4, and the folder to write.

    ``open_end``: last day of coverage without an end; None is the end of the last month with a service.
    ``max_record``: the longest line, or whole JSON file, in bytes.
    """

    source: Path
    out: Path
    crosswalk: str | None = None
    open_end: dt.date | None = None
    data_source: str = "fhir"
    max_record: int = MAX_RECORD
    strict: bool = False


def convert_fhir(asked: FhirRequest) -> Report:
    """Convert, and return the account of it, which is in the folder too.

    Memory holds one record and one row group a table at a time, eight bytes a resource, and a small database beside
    the output. Raises `Failure`: VBM360 nothing to convert, VBM371 a crosswalk, VBM501 to VBM507 the output.
    """
    crosswalk = Crosswalk.load(asked.crosswalk)
    files = find_files(asked.source)
    report = Report("fhir", strict=asked.strict, options=_options(asked))
    report.files = len(files)
    try:
        with ConversionFolder(asked.out, report) as folder:
            index = Index(folder.scratch / _INDEX)
            try:
                doubles = Duplicates()
                first_pass(files, Reader(asked.max_record, None), index, doubles, crosswalk)
                work = Work(index, folder, report, crosswalk, asked.data_source)
                _second_pass(files, Reader(asked.max_record, report), work, doubles)
                _finish(work, asked.open_end)
            finally:
                index.close()
            report.crosswalk = crosswalk.as_record()
            folder.commit()
    except sqlite3.Error:
        why = "the working index beside the output cannot be written; is the disk full?"
        raise Failure(Diagnostic("VBM507", why, where=str(asked.out))) from None
    return report


def _options(asked: FhirRequest) -> dict[str, object]:
    return {
        "open_end": asked.open_end.isoformat() if asked.open_end else None,
        "data_source": asked.data_source,
        "max_record": asked.max_record,
        "strict": asked.strict,
    }


def _second_pass(files: list[SourceFile], reader: Reader, work: Work, doubles: Duplicates) -> None:
    for file in files:
        for raw in reader.lines(file):
            for resource in reader.parse(raw):
                _take(resource, work, doubles)


def _take(resource: Resource, work: Work, doubles: Duplicates) -> None:
    type_ = resource.type
    if type_ not in R4:
        work.report.skip(reasons.UNKNOWN_TYPES, resource.file, resource.line)
        return
    work.report.read(type_)
    if type_ not in USED:
        work.tell(reasons.UNUSED_TYPES, resource)
        return
    id_ = text(resource.body.get("id"))
    if id_ is None and type_ in _MUST_HAVE_ID:
        work.tell(reasons.NO_ID, resource)
        return
    if id_ is not None and (same := doubles.check(type_, id_, resource.body)) is not None:
        work.tell(reasons.REPEATED if same else reasons.SAME_ID, resource)
        return
    if type_ in RECORDS:
        RECORDS[type_](work, resource)
    elif type_ in {"Claim", "ExplanationOfBenefit"}:
        claim(work, resource)
    elif type_ == "Coverage":
        coverage(work, resource)
    elif type_ == "Patient":
        _check_patient(work, resource)


def _check_patient(work: Work, resource: Resource) -> None:
    found = person(resource.body)
    if found.birth_date is None:
        work.tell(reasons.NO_BIRTH_DATE, resource)
    if found.died and found.death_date is None:
        work.tell(reasons.DEATH_WITHOUT_DATE, resource)


def _finish(work: Work, open_end: dt.date | None) -> None:
    write_spans(work, open_end or _end_of_month(work.latest))
    without = work.index.people_without_spans()
    if without:
        work.report.skip(reasons.NO_COVERAGE, what="Patient", count=without)
    if not work.folder.rows("eligibility"):
        work.report.skip(reasons.NO_SPANS)
    for id_, known in work.index.practitioners():
        for taxonomy in known.taxonomies or (None,):
            work.folder.add(
                "practitioner",
                {
                    "npi": known.npi,
                    "practitioner_id": id_,
                    "specialty": known.specialty,
                    "taxonomy_code": taxonomy,
                    "data_source": work.data_source,
                },
            )


def _end_of_month(on: dt.date | None) -> dt.date | None:
    return on.replace(day=calendar.monthrange(on.year, on.month)[1]) if on else None
