"""Claims and their charges, or, where the export has none, encounters and procedures, to claim lines."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from vbpmeasure.adapters.report import Report
from vbpmeasure.adapters.synthea import reasons
from vbpmeasure.adapters.synthea.people import payer_name
from vbpmeasure.adapters.synthea.shared import Work
from vbpmeasure.adapters.synthea.values import day, number
from vbpmeasure.terminology.systems import fits

_DIAGNOSES = tuple(f"DIAGNOSIS{i}" for i in range(1, 9))
_TYPES = {"1": "professional", "2": "institutional"}
_SNOMED = "snomed-ct"
_ADMITTED = "IMP"


class _Line(NamedTuple):
    code: str
    first: dt.date | None
    last: dt.date | None
    provider: str
    paid: float | None


class _Claim(NamedTuple):
    id: str
    person: str
    served: dt.date
    type: str | None
    payer: str
    diagnoses: Sequence[str]
    encounter: sqlite3.Row | None
    provider: str


def claims(work: Work) -> None:
    """Write medical claims: from claims and charges, or from encounters and procedures when there are no claims."""
    if not work.export.has("claims"):
        _from_encounters(work)
        return
    _read_charges(work)
    _read_claims(work)
    work.index.ready()
    for head in work.index.all("claim"):
        encounter = work.index.get("encounter", head["encounter"]) if head["encounter"] else None
        served = day(head["served"])
        assert served is not None  # only claims with a date were kept
        claim = _Claim(
            head["id"], head["person"], served, head["type"], head["payer"], head["diagnoses"].split(), encounter,
            head["provider"],
        )  # fmt: skip
        lines = [
            _Line(line["code"], day(line["first"]), day(line["last"]), line["provider"], line["paid"])
            for line in work.index.lines(head["id"])
        ]
        if not lines:
            work.report.skip(reasons.NO_LINES, what="claims.csv")
        _write(work, claim, lines or [_Line("", served, None, "", None)])
    if lost := work.index.without_claim():
        work.report.skip(reasons.UNKNOWN_CLAIM, what="claims_transactions.csv", count=lost)


def _read_claims(work: Work) -> None:
    for row in work.export.rows("claims"):
        person = work.person(row, "PATIENTID")
        if person is None:
            continue
        served = work.day(row, "SERVICEDATE", "CURRENTILLNESSDATE")
        if served is None:
            work.tell(reasons.NO_DATE, row)
            continue
        diagnoses = " ".join(dict.fromkeys(row[column] for column in _DIAGNOSES if row[column]))
        work.keep(
            "claim", row, person, row["APPOINTMENTID"], served.isoformat(), row["PROVIDERID"],
            row["PRIMARYPATIENTINSURANCEID"], _TYPES.get(row["HEALTHCARECLAIMTYPEID1"]), diagnoses,
        )  # fmt: skip


def _read_charges(work: Work) -> None:
    for row in work.export.rows("claims_transactions"):
        claim = row["CLAIMID"]
        if not claim:
            work.tell(reasons.EMPTY_CELL, row)
        elif row["TYPE"].upper() == "CHARGE":
            first, last = work.day(row, "FROMDATE"), work.day(row, "TODATE")
            work.index.put(
                "charge", claim, None, row["CHARGEID"], row["PROCEDURECODE"], first.isoformat() if first else "",
                last.isoformat() if last else "", row["PROVIDERID"],
            )  # fmt: skip
        elif row["TYPE"].upper() == "PAYMENT" and (amount := number(row["PAYMENTS"])) is not None:
            work.index.pay(claim, row["CHARGEID"], amount)


def _from_encounters(work: Work) -> None:
    """Write a claim for each encounter: a line for the encounter itself and one for each of its procedures."""
    for position, row in enumerate(work.export.rows("procedures", Report("synthea"))):
        if row["ENCOUNTER"] and row["CODE"]:
            on = day(row.first("START", "DATE"))
            text = on.isoformat() if on else ""
            work.index.put("charge", row["ENCOUNTER"], None, str(position), row["CODE"], text, text, "")
    work.index.ready()
    for encounter in work.index.all("encounter"):
        served = day(encounter["first"] or "")
        if served is None:
            work.report.skip(reasons.NO_DATE, what="encounters.csv")
            continue
        work.report.skip(reasons.FROM_ENCOUNTERS, what="encounters.csv")
        reason = encounter["reason"]
        claim = _Claim(
            encounter["id"], encounter["person"], served, None, encounter["payer"], [reason] if reason else [],
            encounter, encounter["provider"],
        )  # fmt: skip
        lines = [_Line(encounter["code"], served, None, "", None)]
        for line in work.index.lines(encounter["id"]):
            lines.append(_Line(line["code"], day(line["first"]) or served, None, "", None))  # noqa: PERF401
        _write(work, claim, lines)


def _write(work: Work, claim: _Claim, lines: Sequence[_Line]) -> None:
    birth = work.birth(claim.person)
    head = {**_head(work, claim), "claim_end_date": _last_day(claim, lines)}
    diagnoses, diagnosis_type = list(claim.diagnoses), _SNOMED
    rows: list[dict[str, Any]] = []
    for number_, line in enumerate(lines, start=1):
        on = line.first or claim.served
        columns, diagnosis = _code(work, line.code, birth, on)
        if diagnosis is not None:
            # A claim carries diagnoses of one code system: where the crosswalk gives one, it is ICD-10-CM.
            diagnoses = [diagnosis] if diagnosis_type == _SNOMED else list(dict.fromkeys([*diagnoses, diagnosis]))
            diagnosis_type = "icd-10-cm"
        provider = work.index.get("provider", line.provider or claim.provider)
        rows.append(
            {
                **head,
                **columns,
                "claim_line_number": number_,
                "claim_line_start_date": on,
                "claim_line_end_date": line.last,
                "rendering_taxonomy": provider["taxonomy"] if provider is not None else None,
                "paid_amount": line.paid,
            }
        )
    named: dict[str, Any] = {f"diagnosis_code_{i}": code for i, code in enumerate(diagnoses[:25], start=1)}
    if named:
        named["diagnosis_code_type"] = diagnosis_type
    for row in rows:
        work.folder.add("medical_claim", {**row, **named})


def _head(work: Work, claim: _Claim) -> dict[str, Any]:
    encounter = claim.encounter
    admitted = encounter is not None and encounter["class"] == _ADMITTED
    return {
        "claim_id": claim.id,
        "person_id": claim.person,
        "claim_start_date": claim.served,
        "claim_type": claim.type,
        "payer": payer_name(work, claim.payer),
        "place_of_service_code": work.crosswalk.place(encounter["class"]) if encounter is not None else None,
        "admission_date": day(encounter["first"] or "") if encounter is not None and admitted else None,
        "discharge_date": day(encounter["last"] or "") if encounter is not None and admitted else None,
        "data_source": work.data_source,
    }


def _code(work: Work, code: str, birth: dt.date | None, on: dt.date) -> tuple[dict[str, Any], str | None]:
    """Return the columns of a line's code, and the diagnosis that a crosswalk puts beside it.

    Lines of the simulator do not name the system of their codes, and drugs look like procedures. So a code is SNOMED CT
    only when an encounter or a procedure of the export has it; all other codes are left to the tables of their own.
    """
    if not code:
        return {}, None
    if not (fits("SNOMEDCT", code) and work.index.is_snomed(code)):
        work.report.skip(reasons.FOREIGN_CODE, what="claims_transactions.csv")
        return {}, None
    columns: dict[str, Any] = {"procedure_code_type": _SNOMED, "procedure_code_1": code, "procedure_date_1": on}
    mapped = work.crosswalk.map("medical_claim", "SNOMEDCT", code, birth, on)
    if mapped is None:
        return columns, None
    if mapped.system == "ICD10PCS":
        columns = {"procedure_code_type": "icd-10-pcs", "procedure_code_1": mapped.code, "procedure_date_1": on}
    elif mapped.code:
        columns["hcpcs_code"] = mapped.code
    return columns, mapped.diagnosis


def _last_day(claim: _Claim, lines: Sequence[_Line]) -> dt.date:
    return max([claim.served, *(line.last for line in lines if line.last), *_stay(claim)])


def _stay(claim: _Claim) -> Iterator[dt.date]:
    if claim.encounter is not None and (last := day(claim.encounter["last"] or "")) is not None:
        yield last
