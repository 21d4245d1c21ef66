"""Small FHIR exports for tests: resources as dicts, files as lines, the outcome as rows."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from vbpmeasure.adapters.fhir.convert import FhirRequest, convert_fhir
from vbpmeasure.adapters.report import Report

Resource = dict[str, Any]

SNOMED = "http://snomed.info/sct"
CPT = "http://www.ama-assn.org/go/cpt"
ICD = "http://hl7.org/fhir/sid/icd-10-cm"
CVX = "http://hl7.org/fhir/sid/cvx"
LOINC = "http://loinc.org"
NPI = "http://hl7.org/fhir/sid/us-npi"
NUCC = "http://nucc.org/provider-taxonomy"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
US_CORE = "http://hl7.org/fhir/us/core/StructureDefinition/"


def concept(*codes: tuple[str, str]) -> Resource:
    """Return a CodeableConcept of (system, code) pairs."""
    return {"coding": [{"system": system, "code": code} for system, code in codes]}


def ref(text: str) -> Resource:
    """Return a Reference."""
    return {"reference": text}


def patient(id_: str = "p1", **more: Any) -> Resource:
    """Return a girl born on 15 May 2018."""
    return {"resourceType": "Patient", "id": id_, "gender": "female", "birthDate": "2018-05-15", **more}


def coverage(id_: str = "c1", start: str = "2024-01-01", end: str | None = "2024-12-31", **more: Any) -> Resource:
    """Return a Medicaid Coverage of p1."""
    return {
        "resourceType": "Coverage",
        "id": id_,
        "status": "active",
        "beneficiary": ref("Patient/p1"),
        "period": {"start": start, **({"end": end} if end else {})},
        "payor": [{"reference": "Organization/o1", "display": "State Medicaid"}],
        **more,
    }


def event(type_: str, id_: str = "e1", **more: Any) -> Resource:
    """Return a resource about p1."""
    who = "patient" if type_ in {"Immunization", "Claim", "ExplanationOfBenefit"} else "subject"
    return {"resourceType": type_, "id": id_, who: ref("Patient/p1"), **more}


def write_ndjson(path: Path, *resources: Resource) -> Path:
    """Write one resource a line."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(r) + "\n" for r in resources), encoding="utf-8")
    return path


@dataclass
class Converted:
    """A conversion that was done."""

    out: Path
    report: Report

    def rows(self, table: str) -> list[dict[str, Any]]:
        """Return the rows of a table; none when there is no such table."""
        path = self.out / f"{table}.parquet"
        return pl.read_parquet(path).to_dicts() if path.exists() else []

    def row(self, table: str) -> dict[str, Any]:
        """Return the only row of a table."""
        [row] = self.rows(table)
        return row

    def counts(self) -> dict[str, int]:
        """Return the count of every reason."""
        record = json.loads((self.out / "conversion_report.json").read_text())
        return {c["reason"]: c["count"] for kind in ("skipped", "doubt", "note") for c in record[kind]}


def convert(folder: Path, *resources: Resource, **options: Any) -> Converted:
    """Write the resources as one NDJSON file and convert it."""
    return convert_files(write_ndjson(folder / "in" / "all.ndjson", *resources).parent, folder / "out", **options)


def convert_files(source: Path, out: Path, **options: Any) -> Converted:
    """Convert a file or folder."""
    return Converted(out, convert_fhir(FhirRequest(source, out, **options)))
