"""Converting Synthea CSV: three generations of columns, the same people; what every table gets."""

from __future__ import annotations

import datetime as dt
import json
import stat
from pathlib import Path

import polars as pl
import pytest

from support.synthea import ANA, BEN, CLEO, DAN, WELL_CHILD, write_export
from vbpmeasure.adapters.report import Report
from vbpmeasure.adapters.synthea.convert import SyntheaRequest, convert_synthea

GENERATIONS = pytest.mark.parametrize("generation", [1, 2, 3])
D = dt.date


def converted(tmp_path: Path, generation: int = 3, crosswalk: str | None = "synthea") -> Report:
    source = write_export(tmp_path / "csv", generation)
    return convert_synthea(SyntheaRequest(source, tmp_path / "out", crosswalk))


def table(tmp_path: Path, name: str) -> list[dict[str, object]]:
    return pl.read_parquet(tmp_path / "out" / f"{name}.parquet").to_dicts()


def part(rows: list[dict[str, object]], *columns: str) -> list[tuple[object, ...]]:
    return [tuple(row.get(column) for column in columns) for row in rows]


@pytest.mark.parametrize(
    ("generation", "spans"),
    [
        (
            1,
            [  # years: the last one whole, the first one from birth
                (ANA, D(2020, 3, 10), D(2025, 12, 31), "Medicaid", "medicaid"),
                (BEN, D(2015, 6, 1), D(2023, 12, 31), "Medicaid", "medicaid"),
                (BEN, D(2024, 1, 1), D(2025, 12, 31), "Blue, Cross", "commercial"),
                (DAN, D(2012, 9, 9), D(2025, 12, 31), "Medicaid", "medicaid"),
            ],
        ),
        *(
            (
                generation,
                [  # timestamps: the day of a handover belongs to the next spell, the last day of all is covered
                    (ANA, D(2020, 3, 10), D(2025, 12, 31), "Medicaid", "medicaid"),
                    (BEN, D(2015, 6, 1), D(2024, 2, 9), "Medicaid", "medicaid"),
                    (BEN, D(2024, 2, 10), D(2025, 12, 31), "Blue, Cross", "commercial"),
                    (DAN, D(2012, 9, 9), D(2025, 5, 5), "Medicaid", "medicaid"),
                ],
            )
            for generation in (2, 3)
        ),
    ],
)
def test_spans_of_coverage(tmp_path: Path, generation: int, spans: list[tuple[object, ...]]) -> None:
    report = converted(tmp_path, generation)
    columns = ("person_id", "enrollment_start_date", "enrollment_end_date", "payer", "payer_type")
    assert part(table(tmp_path, "eligibility"), *columns) == spans
    assert report.diagnostics() == ()
    notes = {note["reason"]: note["count"] for note in report.as_record()["note"]}  # type: ignore[attr-defined]
    assert notes["no_insurance"] == 1  # Cleo's spell
    assert notes["no_coverage"] == 1
    assert notes.get("clipped") == (3 if generation == 1 else None)


@GENERATIONS
def test_people_are_as_the_export_has_them(tmp_path: Path, generation: int) -> None:
    converted(tmp_path, generation)
    rows = table(tmp_path, "eligibility")
    assert part(rows[:2], "birth_date", "gender", "race", "ethnicity", "zip_code", "death_date") == [
        (D(2020, 3, 10), "female", "white", "Hispanic or Latino", "02115", None),
        (D(2015, 6, 1), "male", "Native Hawaiian or Other Pacific Islander", "Not Hispanic or Latino", "02116", None),
    ]
    assert rows[-1]["death_date"] == D(2025, 5, 5)
    assert "language" not in rows[0]  # the export has none, so the column is absent and not empty
    assert not {"FIRST", "LAST", "SSN"} & {column.upper() for column in rows[0]}


@GENERATIONS
def test_records_keep_their_codes_and_systems(tmp_path: Path, generation: int) -> None:
    converted(tmp_path, generation)
    assert part(table(tmp_path, "immunization"), "person_id", "occurrence_date", "source_code_type", "source_code") == [
        (ANA, D(2025, 3, 20), "cvx", "03"),
        (ANA, D(2025, 3, 20), "cvx", "140"),
    ]
    observed = part(table(tmp_path, "observation"), "source_code_type", "source_code", "result", "source_units")
    assert observed == [("loinc", "8302-2", "109.5", "cm"), ("other", "QALY", "4.9", "a")]
    conditions = part(
        table(tmp_path, "condition"), "person_id", "source_code_type", "source_code", "onset_date", "status"
    )
    assert conditions == [(BEN, "snomed-ct", "65363002", D(2025, 7, 2), "resolved")]
    procedures = part(table(tmp_path, "procedure"), "encounter_id", "source_code_type", "source_code", "procedure_date")
    assert procedures == [("e-1", "snomed-ct", "430193006", D(2025, 3, 20))]
    drugs = part(table(tmp_path, "medication"), "source_code_type", "rxnorm_code", "prescribing_date", "quantity")
    assert drugs == [("rxnorm", "308182", D(2025, 7, 5), 2.0)]
    seen = part(
        table(tmp_path, "encounter"), "encounter_id", "encounter_class", "encounter_end_date", "normalized_code"
    )
    assert seen == [
        ("e-1", "AMB", D(2025, 3, 20), "99393"),
        ("e-2", "IMP", D(2025, 7, 5), None),
        ("e-3", "AMB", D(2025, 8, 1), None),
    ]
    assert part(table(tmp_path, "practitioner"), "practitioner_id", "taxonomy_code", "npi") == [
        ("dr-1", "208000000X", None),
        ("dr-2", "208D00000X", None),
    ]


@pytest.mark.parametrize("generation", [2, 3])
def test_claims_come_from_claims_and_charges(tmp_path: Path, generation: int) -> None:
    converted(tmp_path, generation)
    columns = ("claim_id", "claim_line_number", "hcpcs_code", "procedure_code_1", "diagnosis_code_1", "paid_amount")
    assert part(table(tmp_path, "medical_claim"), *columns) == [
        ("c-1", 1, "99393", WELL_CHILD, "Z00129", 100.5),
        ("c-1", 2, None, None, "Z00129", None),  # a vaccine: its code is in the immunization table
        ("c-2", 1, None, "183452005", "65363002", None),
    ]
    where = ("claim_type", "place_of_service_code", "admission_date", "discharge_date", "rendering_taxonomy")
    assert part(table(tmp_path, "medical_claim")[1:], *where) == [
        ("professional", "11", None, None, "208000000X"),
        ("institutional", "21", D(2025, 7, 2), D(2025, 7, 5), "208D00000X"),
    ]
    types = part(table(tmp_path, "medical_claim")[1:], "diagnosis_code_type", "claim_start_date", "claim_end_date")
    assert types == [
        ("icd-10-cm", D(2025, 3, 20), D(2025, 3, 20)),
        ("snomed-ct", D(2025, 7, 2), D(2025, 7, 5)),
    ]


def test_claims_of_the_oldest_exports_come_from_encounters_and_procedures(tmp_path: Path) -> None:
    report = converted(tmp_path, 1)
    columns = ("claim_id", "claim_line_number", "person_id", "hcpcs_code", "procedure_code_1", "diagnosis_code_1")
    assert part(table(tmp_path, "medical_claim"), *columns) == [
        ("e-1", 1, ANA, "99393", WELL_CHILD, "Z00129"),
        ("e-1", 2, ANA, None, "430193006", "Z00129"),
        ("e-2", 1, BEN, None, "183452005", "65363002"),
        ("e-3", 1, CLEO, None, "185345009", None),
    ]
    reasons = {note["reason"] for note in report.as_record()["note"]}  # type: ignore[attr-defined]
    assert {"from_encounters", "missing_file"} <= reasons


def test_without_a_crosswalk_nothing_is_translated(tmp_path: Path) -> None:
    report = converted(tmp_path, 3, None)
    rows = table(tmp_path, "medical_claim")
    assert not {"hcpcs_code", "place_of_service_code", "rendering_taxonomy"} & rows[0].keys()
    assert part(rows, "procedure_code_type", "procedure_code_1")[0] == ("snomed-ct", WELL_CHILD)
    assert report.crosswalk is None


def test_a_drug_charge_is_no_procedure_though_its_code_looks_like_one(tmp_path: Path) -> None:
    source = write_export(tmp_path / "csv")
    charges = source / "claims_transactions.csv"
    charges.write_text(charges.read_text().replace(",03,", ",308182,"))  # RxNorm
    report = convert_synthea(SyntheaRequest(source, tmp_path / "out"))
    assert table(tmp_path, "medical_claim")[1]["procedure_code_1"] is None
    assert "foreign_code" in {note["reason"] for note in report.as_record()["note"]}  # type: ignore[attr-defined]


@GENERATIONS
def test_letter_case_of_names_and_headers_does_not_matter(tmp_path: Path, generation: int) -> None:
    source = write_export(tmp_path / "csv", generation)
    convert_synthea(SyntheaRequest(source, tmp_path / "out", "synthea"))
    other = tmp_path / "other"
    other.mkdir()
    for path in source.iterdir():
        header, _, rest = path.read_text().partition("\n")
        (other / path.name.upper()).write_text(f"{header.lower()}\n{rest}")
    convert_synthea(SyntheaRequest(other, tmp_path / "again", "synthea"))
    for path in sorted((tmp_path / "out").glob("*.parquet")):
        assert path.read_bytes() == (tmp_path / "again" / path.name).read_bytes()


def test_the_outcome_is_for_its_owner_and_the_same_each_time(tmp_path: Path) -> None:
    source = write_export(tmp_path / "csv")
    for out in ("one", "two"):
        convert_synthea(SyntheaRequest(source, tmp_path / out, "synthea"))
    names = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert "conversion_report.json" in names
    assert not [name for name in names if "sqlite" in name]
    for name in names:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
        assert stat.S_IMODE((tmp_path / "one" / name).stat().st_mode) == 0o600
    report = json.loads((tmp_path / "one" / "conversion_report.json").read_text())
    assert report["crosswalk"]["id"] == "synthea"
    assert report["read"]["patients.csv"] == 4
    assert "Secret" not in json.dumps(report)
