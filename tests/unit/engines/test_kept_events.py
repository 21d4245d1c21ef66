"""Rows that are kept: what no column holds is neither read nor written, and is known to be in none."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from support.keepers import InMemory
from vbpmeasure.catalog.catalog import Catalog
from vbpmeasure.engines.polars.engine import evaluate
from vbpmeasure.engines.polars.kept_rows.keeper import EVENTS
from vbpmeasure.engines.polars.queries import Queries
from vbpmeasure.plan.measures import calendar_year

WELL, OTHER = "Z00129", "J069"
DAY = dt.date(2025, 5, 6)


def _tables(*diagnoses: str | None) -> dict[str, pl.LazyFrame]:
    """Return a child of five years, enrolled all year, with one claim line."""
    spans = {
        "person_id": ["a"],
        "birth_date": [dt.date(2020, 2, 3)],
        "enrollment_start_date": [dt.date(2025, 1, 1)],
        "enrollment_end_date": [dt.date(2025, 12, 31)],
    }
    codes = {f"diagnosis_code_{i}": [code] for i, code in enumerate(diagnoses, start=1)}
    claim = {
        "claim_id": ["1"],
        "person_id": ["a"],
        "claim_start_date": [DAY],
        "hcpcs_code": ["80050"],
        "rendering_taxonomy": ["208000000X"],
        **codes,
    }
    return {
        "eligibility": pl.LazyFrame(spans),
        "medical_claim": pl.LazyFrame(claim, schema_overrides=dict.fromkeys(codes, pl.String)),
    }


@pytest.mark.parametrize(
    ("diagnoses", "carried"),
    [
        ((OTHER, WELL, None, OTHER), ["diagnosis_code_2/0"]),
        ((WELL, None, None, WELL), ["diagnosis_code_1/0", "diagnosis_code_4/0"]),
        ((OTHER, OTHER, None, None), []),
    ],
)
def test_columns_without_a_text_are_not_kept(diagnoses: tuple[str | None, ...], carried: list[str]) -> None:
    tables = _tables(*diagnoses)
    program = Catalog.open().program(("wcv",), calendar_year(2025))
    plain = evaluate(program, tables)
    keeper = InMemory()
    for _ in range(2):
        found = evaluate(program, tables, keeper=keeper)
        assert found.rows.equals(plain.rows)
    assert keeper.times[EVENTS] == 1  # the second time what is kept serves
    kept = keeper.kept[EVENTS]
    columns = kept.facts["columns"]["medical_claim"]
    assert [name for name, (_, numbers) in columns.items() if numbers] == carried
    assert {f"diagnosis_code_{i}/0" for i in range(1, 5)} <= set(columns)
    stored = [] if not carried else kept.tables["medical_claim"].collect_schema().names()
    assert [name for name in stored if "/" in name] == carried
    assert not {f"diagnosis_code_{i}" for i in range(1, 5)} & set(stored)  # nor as a column of its own
    # A well visit of a child of five counts in ages 3 to 11 and in the total.
    assert plain.rows["numerator"].sum() == (2 if carried else 0)


def test_another_code_is_looked_for_in_the_data() -> None:
    """The columns that were found empty were asked for the texts of one measure alone."""
    tables = _tables(OTHER, None, None, WELL)
    keeper = InMemory()
    catalog = Catalog.open()
    queries = Queries(keep=True)
    evaluate(catalog.program(("lsc",), calendar_year(2025)), tables, keeper=keeper)
    found = evaluate(catalog.program(("wcv",), calendar_year(2025)), tables, keeper=keeper, queries=queries)
    assert keeper.times[EVENTS] == 2
    assert "glance at medical_claim.diagnosis_code_4" in {name for name, _ in queries.kept}
    assert found.rows["numerator"].sum() == 2
