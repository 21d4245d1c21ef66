"""Gaps of a few written-down people, found with either engine."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import polars as pl
import pytest

from spec.engines import lazy_tables
from vbpmeasure.data.contract import EVENT_TABLES
from vbpmeasure.engines import reference
from vbpmeasure.engines.polars.engine import evaluate
from vbpmeasure.plan.measures import Program
from vbpmeasure.results.care_gaps.table import care_gaps
from vbpmeasure.results.frame import ROW_SCHEMA, ResultFrame
from vbpmeasure.results.keys import rate_keys

Rows = Mapping[str, Sequence[Mapping[str, Any]]]
Gaps = Callable[..., pl.DataFrame]


def reference_frame(program: Program, rows: Rows) -> ResultFrame:
    """What the reference engine says, as a result frame."""
    keys = rate_keys(program)
    numbers = {(key.measure, key.rate): number for number, key in enumerate(keys)}
    births = {str(row["person_id"]): row["birth_date"] for row in rows["eligibility"]}
    people = pl.DataFrame({"person_id": sorted(births), "birth_date": [births[one] for one in sorted(births)]})
    places = {one: place for place, one in enumerate(people["person_id"])}
    found = []
    for row in reference.evaluate(program, rows):
        number = numbers[row.measure, row.rate]
        reasons = [identifier for identifier, _ in keys[number].exclusions]
        found.append(
            {
                "rate": number,
                "person": places[str(row.person_id)],
                "index_date": row.index_date,
                "failed_step": row.failed_step,
                "exclusion": None if row.exclusion is None else reasons.index(row.exclusion),
                "numerator": row.numerator,
                "evidence_date": row.evidence_date,
                "evidence_sources": None
                if row.evidence_sources is None
                else sum(1 << EVENT_TABLES.index(table) for table in row.evidence_sources),
            }
        )
    table = pl.DataFrame(found, schema=ROW_SCHEMA).sort("rate", "person", "index_date")
    return ResultFrame(program.period, keys, table, people)


def polars_frame(program: Program, rows: Rows) -> ResultFrame:
    """What the Polars engine says."""
    return evaluate(program, lazy_tables(rows), evidence=False)


@pytest.fixture(params=[reference_frame, polars_frame], ids=["reference", "polars"])
def gaps(request: pytest.FixtureRequest) -> Gaps:
    """A function: program, rows, day -> the table of gaps."""
    return gaps_with(request.param)


def gaps_with(judge: Callable[[Program, Rows], ResultFrame]) -> Gaps:
    def listed(program: Program, rows: Rows, as_of: dt.date) -> pl.DataFrame:
        return care_gaps(judge(program, rows), program, lambda asked: judge(asked, rows), as_of)

    return listed


def child(person: str = "a", born: dt.date = dt.date(2024, 3, 1)) -> dict[str, Any]:
    """A child enrolled from 2020 on."""
    return {
        "person_id": person,
        "birth_date": born,
        "gender": "female",
        "enrollment_start_date": dt.date(2020, 1, 1),
        "enrollment_end_date": dt.date(2030, 12, 31),
    }


def visit(day: dt.date, code: str = "99391", person: str = "a", **more: Any) -> dict[str, Any]:
    """A claim line with one procedure code."""
    return {
        "claim_id": f"{person}{day}{code}",
        "person_id": person,
        "claim_start_date": day,
        "hcpcs_code": code,
        "diagnosis_code_1": None,
        **more,
    }
