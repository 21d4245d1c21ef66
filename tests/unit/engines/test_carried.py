"""Code columns that hold nothing that is looked for are not read; what is read decides nothing."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl
import pytest

from vbpmeasure.catalog.catalog import Catalog
from vbpmeasure.engines.polars.carried import carried
from vbpmeasure.engines.polars.planned import Plans
from vbpmeasure.engines.polars.queries import Queries
from vbpmeasure.plan.measures import calendar_year

WELL, OTHER = "Z00129", "J069"


def _left(**tables: pl.LazyFrame) -> tuple[Mapping[str, list[str]], list[str]]:
    """Return the code columns that are left by table, and the names of the queries that found out."""
    found = Plans().of(Catalog.open().program(("wcv",), calendar_year(2025))).asked(tables).readings
    queries = Queries(keep=True)
    left = carried(tables, found, queries)
    return {table: [r.column for r in each] for table, each in left.items()}, [name for name, _ in queries.kept]


def _claims(*diagnoses: str | None, visit: str | None = None) -> pl.LazyFrame:
    rows = {f"diagnosis_code_{i}": [OTHER if i == 1 else None, code] for i, code in enumerate(diagnoses, start=1)}
    return pl.LazyFrame(
        {"person_id": ["a", "b"], "hcpcs_code": [None, visit], **rows},
        schema_overrides=dict.fromkeys(("hcpcs_code", *rows), pl.String),
    )


def test_columns_without_a_text_that_is_looked_for_are_left_out() -> None:
    left, names = _left(medical_claim=_claims(OTHER, WELL, None, OTHER))
    assert left == {"medical_claim": ["diagnosis_code_2"]}
    assert "glance at medical_claim.diagnosis_code_4" in names


@pytest.mark.parametrize(
    ("visit", "diagnoses", "columns"),
    [
        ("99392", (OTHER, None, None, None), ["hcpcs_code"]),
        (None, (WELL, None, None, WELL), ["diagnosis_code_1", "diagnosis_code_4"]),
    ],
)
def test_one_row_is_enough(visit: str | None, diagnoses: tuple[str | None, ...], columns: list[str]) -> None:
    assert _left(medical_claim=_claims(*diagnoses, visit=visit))[0] == {"medical_claim": columns}


def test_a_table_without_any_is_left_out() -> None:
    assert _left(medical_claim=_claims(OTHER, OTHER, None, None))[0] == {}


def test_four_code_columns_are_enough_to_ask() -> None:
    assert _left(medical_claim=_claims(OTHER, WELL, OTHER))[0] == {"medical_claim": ["diagnosis_code_2"]}


def test_a_table_with_few_code_columns_is_not_asked() -> None:
    left, names = _left(medical_claim=_claims(OTHER, OTHER))
    assert left == {"medical_claim": ["hcpcs_code", "diagnosis_code_1", "diagnosis_code_2"]}
    assert names == []
