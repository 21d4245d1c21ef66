"""A published table, built by hand."""

from __future__ import annotations

import polars as pl
import pytest

from support.tables import waterfalls
from vbpmeasure.plan.measures import calendar_year
from vbpmeasure.results.disclosure.policy import INTERNAL, PUBLIC
from vbpmeasure.results.disclosure.published import PublishedTable
from vbpmeasure.results.frame import ROW_SCHEMA, RateKey, ResultFrame
from vbpmeasure.results.rates import COUNT_SCHEMA, RateTable, TableDimension

GB6 = {
    "White": (612, 900),
    "Black or African American": (330, 600),
    "American Indian or Alaska Native": (21, 42),
    "Asian": (118, 160),
    "Native Hawaiian or Other Pacific Islander": (9, 18),
    "Some Other Race": (0, 0),
    "Two or More Races": (66, 120),
}


def gb6_table() -> RateTable:
    total = (0, 0, 0, 1840, 0, 1840, 1156)
    strata = [(0, 1, i, d, 0, d, n) for i, (n, d) in enumerate(GB6.values())]
    second = [(1, 0, 0, 25, 0, 25, 0), *((1, 1, i, 25 if i == 0 else 0, 0, 25 if i == 0 else 0, 0) for i in range(7))]
    dimensions = (
        TableDimension("total", (), ((),), ("total",)),
        TableDimension("race", ("race",), tuple((k,) for k in GB6), tuple(GB6)),
    )
    keys = (
        RateKey("wcv", "wcv_3_11", "Child and Adolescent Well-Care Visits", "Ages 3 to 11", ("is 3 to 11",), ()),
        RateKey("wcv", "wcv_12_17", "Child and Adolescent Well-Care Visits", "Ages 12 to 17", ("is 12 to 17",), ()),
    )
    counts = pl.DataFrame([total, *strata, *second], schema=COUNT_SCHEMA, orient="row")
    return RateTable(calendar_year(2025), keys, dimensions, counts, 5000)


def gb6_waterfalls():
    rows = [{**dict.fromkeys(ROW_SCHEMA), "rate": 0, "person": p, "numerator": p < 1156} for p in range(1840)]
    rows += [{**dict.fromkeys(ROW_SCHEMA), "rate": 1, "person": p, "numerator": False} for p in range(25)]
    people = pl.DataFrame({"person_id": range(5000)})
    return waterfalls(
        ResultFrame(calendar_year(2025), gb6_table().rates, pl.DataFrame(rows, schema=ROW_SCHEMA), people)
    )


@pytest.fixture(scope="session")
def table() -> PublishedTable:
    return PublishedTable(gb6_table(), PUBLIC, gb6_waterfalls(), {"race": 4, "sex": 0, "language": 40})


@pytest.fixture(scope="session")
def internal() -> PublishedTable:
    return PublishedTable(gb6_table(), INTERNAL, gb6_waterfalls())
