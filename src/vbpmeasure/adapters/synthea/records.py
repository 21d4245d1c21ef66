"""Encounters, providers and the clinical files: record tables, one row a row of the file."""

from __future__ import annotations

from typing import Any

from vbpmeasure.adapters.synthea import reasons
from vbpmeasure.adapters.synthea.export import Row
from vbpmeasure.adapters.synthea.shared import Work
from vbpmeasure.adapters.synthea.values import class_code, number
from vbpmeasure.terminology.systems import fits, system_of_type

# A code type as contract tables name it, by our name of the system.
_LABELS = {"SNOMEDCT": "snomed-ct", "LOINC": "loinc", "CVX": "cvx", "RXNORM": "rxnorm"}
_OTHER = "other"


def read_providers(work: Work) -> None:
    """Put providers into the index and write the practitioner table; the simulator gives them no NPI."""
    for row in work.export.rows("providers"):
        specialty = row.first("SPECIALITY", "SPECIALTY")
        taxonomy = work.crosswalk.taxonomy(specialty) if specialty else None
        if work.keep("provider", row, specialty or None, taxonomy):
            work.folder.add(
                "practitioner",
                {
                    "practitioner_id": row["ID"],
                    "specialty": specialty or None,
                    "taxonomy_code": taxonomy,
                    "data_source": work.data_source,
                },
            )
    for row in work.export.rows("organizations"):
        if not row["ID"]:
            work.tell(reasons.EMPTY_CELL, row)


def encounters(work: Work) -> None:
    """Write encounters and put them into the index for claims."""
    for row in work.export.rows("encounters"):
        person = work.person(row)
        if person is None:
            continue
        first, last = work.day(row, "START", "DATE"), work.day(row, "STOP")
        kept = work.keep(
            "encounter", row, person, first.isoformat() if first else None, last.isoformat() if last else None,
            class_code(row["ENCOUNTERCLASS"]), row["CODE"], row["PROVIDER"], row["PAYER"], row["REASONCODE"],
        )  # fmt: skip
        if not kept:
            continue
        if fits("SNOMEDCT", row["CODE"]):
            work.index.put("snomed", row["CODE"])
        columns = {
            "encounter_id": row["ID"],
            "encounter_start_date": first,
            "encounter_end_date": last,
            "encounter_class": class_code(row["ENCOUNTERCLASS"]),
            "encounter_type": row["ENCOUNTERCLASS"] or None,
            "attending_provider_id": row["PROVIDER"] or None,
            "status": "finished",
        }
        _write(work, row, "encounter", person, columns, "SNOMEDCT", first)


def procedures(work: Work) -> None:
    """Write procedures."""
    for row in work.export.rows("procedures"):
        if (person := work.person(row)) is not None:
            on = work.day(row, "START", "DATE")
            if system_of_type(row["SYSTEM"] or "SNOMEDCT") == "SNOMEDCT" and fits("SNOMEDCT", row["CODE"]):
                work.index.put("snomed", row["CODE"])
            columns = {"procedure_date": on, "procedure_end_date": work.day(row, "STOP"), "status": "completed"}
            _write(work, row, "procedure", person, columns, "SNOMEDCT", on)


def conditions(work: Work) -> None:
    """Write conditions; one with an end is resolved."""
    for row in work.export.rows("conditions"):
        if (person := work.person(row)) is not None:
            on, ended = work.day(row, "START"), work.day(row, "STOP")
            columns = {"onset_date": on, "resolved_date": ended, "status": "resolved" if ended else "active"}
            _write(work, row, "condition", person, columns, "SNOMEDCT", on)


def immunizations(work: Work) -> None:
    """Write immunizations; a vaccine code of one digit is one of two whose zero a spreadsheet took."""
    for row in work.export.rows("immunizations"):
        if (person := work.person(row)) is None:
            continue
        on, code = work.day(row, "DATE"), row["CODE"]
        if len(code) == 1 and code.isdigit():
            work.tell(reasons.LOST_ZERO, row)
            row = Row(row.file, row.line, {**row.cells, "CODE": f"0{code}"})  # noqa: PLW2901
        columns = {"occurrence_date": on, "status": "completed"}
        _write(work, row, "immunization", person, columns, "CVX", on)


def observations(work: Work) -> None:
    """Write observations with their results as text."""
    for row in work.export.rows("observations"):
        if (person := work.person(row)) is not None:
            on = work.day(row, "DATE")
            columns = {
                "observation_date": on,
                "result": row["VALUE"] or None,
                "source_units": row["UNITS"] or None,
                "status": "final",
            }
            _write(work, row, "observation", person, columns, "LOINC", on)


def medications(work: Work) -> None:
    """Write medications as prescriptions: the simulator does not tell when they were dispensed."""
    for row in work.export.rows("medications"):
        if (person := work.person(row)) is not None:
            on = work.day(row, "START")
            columns: dict[str, Any] = {
                "prescribing_date": on,
                "quantity": number(row["DISPENSES"]),
                "status": "completed" if row["STOP"] else "active",
            }
            if row["CODE"]:
                columns["rxnorm_code"] = row["CODE"]
            _write(work, row, "medication", person, columns, "RXNORM", on)


def _write(work: Work, row: Row, table: str, person: str, columns: dict[str, Any], usual: str, on: Any) -> None:
    """Write a record: its code with its system (the one that the file names, else the usual one of the file)."""
    written = {"person_id": person, "data_source": work.data_source, **columns}
    if table != "encounter" and row["ENCOUNTER"]:
        written["encounter_id"] = row["ENCOUNTER"]
    if (code := row["CODE"]) == "":
        work.tell(reasons.NO_CODE, row)
    else:
        system = system_of_type(row["SYSTEM"]) if row["SYSTEM"] else usual
        # Scores of the simulator itself (QALY and the like) stand among the LOINC codes and are of no known system.
        known = system is not None and (system != "LOINC" or fits("LOINC", code))
        written |= {"source_code": code, "source_code_type": _LABELS.get(system or "", _OTHER) if known else _OTHER}
        mapped = work.crosswalk.map(table, system, code, work.birth(person), on) if known else None
        if mapped is not None and mapped.code and table != "medication":
            written |= {"normalized_code_type": mapped.system, "normalized_code": mapped.code}
    work.folder.add(table, written)
