"""The rows of one person, and frames from written-down rows."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from vbpmeasure.data.binding import bind
from vbpmeasure.data.bound import BoundData
from vbpmeasure.data.contract import TABLES
from vbpmeasure.data.rows import bound_from_rows, frames_from_rows, person_rows
from vbpmeasure.diagnostics.model import Failure

BORN, DAY = dt.date(2020, 5, 1), dt.date(2024, 2, 1)


def two_people(root: Path, one: object, two: object) -> BoundData:
    frames = {
        "eligibility": pl.DataFrame(
            {
                "person_id": [one, two, one],
                "birth_date": [BORN] * 3,
                "gender": ["F"] * 3,
                "enrollment_start_date": [dt.date(2024, 7, 1), DAY, dt.date(2024, 1, 1)],
                "enrollment_end_date": [None, None, dt.date(2024, 6, 1)],
                "hospice_flag": ["n", "y", "n"],
            }
        ),
        "medical_claim": pl.DataFrame(
            {
                "CLAIM_ID": ["c1", "c2"],
                "PERSON_ID": [one, two],
                "CLAIM_START_DATE": [dt.datetime(2024, 2, 1, 9)] * 2,  # noqa: DTZ001  as extracts have it
                "RENDERING_NPI": ["n1", "n2"],
            }
        ),
        "practitioner": pl.DataFrame({"npi": ["n1", "n2", "n1"], "taxonomy_code": ["t1", "t2", "t0"]}),
    }
    for name, frame in frames.items():
        frame.write_parquet(root / f"{name}.parquet")
    return bind(root)


def test_all_rows_of_the_person_and_the_practitioners_of_the_claims(tmp_path: Path) -> None:
    rows = person_rows(two_people(tmp_path, "a", "b"), "a")
    assert set(rows) == {"eligibility", "medical_claim", "practitioner"}
    assert [r["enrollment_start_date"] for r in rows["eligibility"]] == [dt.date(2024, 1, 1), dt.date(2024, 7, 1)]
    assert rows["eligibility"][0]["hospice_flag"] is False
    assert rows["medical_claim"] == [
        {"claim_id": "c1", "person_id": "a", "claim_start_date": DAY, "rendering_npi": "n1"}
    ]
    assert rows["practitioner"] == [{"npi": "n1", "taxonomy_code": "t0"}, {"npi": "n1", "taxonomy_code": "t1"}]


def test_integer_ids_are_compared_as_integers(tmp_path: Path) -> None:
    bound = two_people(tmp_path, 7, 8)
    assert person_rows(bound, "7")["medical_claim"][0]["person_id"] == 7
    for other in ("07", " 7", "7.0", "seven", "", "-", "9" * 19, "9" * 9000, "\u0667"):
        with pytest.raises(Failure):
            person_rows(bound, other)


def test_text_ids_keep_their_zeros(tmp_path: Path) -> None:
    bound = two_people(tmp_path, "007", "7")
    assert [r["claim_id"] for r in person_rows(bound, "7")["medical_claim"]] == ["c2"]


def test_an_unknown_person_is_told_without_the_id(tmp_path: Path) -> None:
    with pytest.raises(Failure) as caught:
        person_rows(two_people(tmp_path, "a", "b"), "SECRET-77")
    (found,) = caught.value.diagnostics
    assert (found.code, caught.value.exit_code) == ("VBM320", 3)
    assert "SECRET-77" not in repr(found) + str(caught.value)


def test_written_rows_come_back_in_contract_types(tmp_path: Path) -> None:
    bound = two_people(tmp_path, "a", "b")
    rows = person_rows(bound, "a")
    frames = frames_from_rows(rows)
    for name, frame in frames.items():
        assert frame.collect_schema() == bound.tables[name].frame.collect_schema() | {}
    assert person_rows(bound_from_rows(rows), "a") == rows


def test_required_columns_are_always_there_and_unnamed_ones_never() -> None:
    (frame,) = frames_from_rows({"medical_claim": [{"person_id": 1, "hcpcs_code": "08"}]}).values()
    schema = frame.collect_schema()
    assert set(schema.names()) == {"claim_id", "person_id", "claim_start_date", "hcpcs_code"}
    assert (schema["person_id"], schema["claim_id"], schema["hcpcs_code"]) == (pl.Int64, pl.String, pl.String)
    assert frame.collect()["claim_start_date"].to_list() == [None]


def test_a_table_of_no_rows_is_an_empty_frame() -> None:
    frame = frames_from_rows({"immunization": []})["immunization"].collect()
    assert frame.height == 0
    assert frame.schema["person_id"] == pl.String


def test_bound_rows_tell_what_is_absent_like_bound_files() -> None:
    bound = bound_from_rows({"eligibility": [{"person_id": "a", "birth_date": BORN, "enrollment_start_date": DAY}]})
    assert bound.has("eligibility", "gender")
    assert "death_date" in bound.missing_columns["eligibility"]
    assert set(bound.missing_tables) == set(TABLES) - {"eligibility"}
    assert bound.bad_rows == {}


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ({"claims": [{"person_id": "a"}]}, "claims"),
        ({"eligibility": [{"persn_id": "a"}]}, "persn_id"),
        ({"eligibility": [{"person_id": "a", "birth_date": "2020-05-01"}]}, "birth_date"),
        ({"eligibility": [{"person_id": 1}, {"person_id": "SECRET"}]}, "person_id"),
        ({"eligibility": [{"person_id": "a", "birth_date": dt.datetime(2020, 5, 1, 4)}]}, "birth_date"),  # noqa: DTZ001
        ({"eligibility": [{"person_id": "a", "hospice_flag": 1}]}, "hospice_flag"),
        ({"medical_claim": [{"person_id": "a", "hcpcs_code": 99391}]}, "hcpcs_code"),
    ],
)
def test_rows_off_contract_are_refused_without_their_values(rows: dict, words: str) -> None:
    with pytest.raises(ValueError, match=words) as caught:
        frames_from_rows(rows)
    assert "SECRET" not in str(caught.value)
    assert "99391" not in str(caught.value)


def test_indicators_of_a_person_are_those_about_the_person(tmp_path: Path) -> None:
    two_people(tmp_path, "17", "18")
    names = ["literacy", "referral", "literacy", "attested"]
    pl.DataFrame(
        {
            "indicator_id": names,
            "entity_type": ["person", "person", "person", "plan"],
            "entity_id": ["17", "17", "18", "17"],
            "period_end": [dt.date(2024, 12, 31)] * 4,
        }
    ).write_parquet(tmp_path / "indicator.parquet")
    rows = person_rows(bind(tmp_path), "17")["indicator"]
    assert [row["indicator_id"] for row in rows] == ["literacy", "referral"]
