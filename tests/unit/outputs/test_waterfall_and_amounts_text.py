"""The waterfall and the rates with amounts, on the screen and as CSV."""

from __future__ import annotations

import csv
import datetime as dt
import io

import polars as pl
import pytest

from support.tables import amounts, rate_table, waterfalls
from vbpmeasure.outputs.amounts_text import amounts_text
from vbpmeasure.outputs.delimited import amounts_csv
from vbpmeasure.outputs.waterfall_text import waterfall_text
from vbpmeasure.plan.measures import MONTH_UNITS, calendar_year
from vbpmeasure.results.disclosure.policy import PUBLIC
from vbpmeasure.results.disclosure.published import PublishedTable
from vbpmeasure.results.frame import AMOUNT_SCHEMA, ROW_SCHEMA, RateKey, RateKind, ResultFrame
from vbpmeasure.results.reported import shares

FOLLOW = RateKey("fu", "fu_30", "Follow-up", "Within 30 days", ("is a stay",), (), per_event=True)
VISITS = RateKey("ed", "ed", "Visits", "All visits", ("is a child",), (), kind=RateKind.EVENTS_PER_1000)


def table_of(visits: list[int]) -> PublishedTable:
    """60 children with two stays each, the second followed up; and children with a year of membership and visits."""
    days = [dt.date(2025, 2, 1), dt.date(2025, 5, 1)]
    rows = [(0, p, day, None, None, day == days[1], None, None, None, None) for p in range(60) for day in days]
    rows += [(1, p, None, None, None, n > 0, None, None, n, 12 * MONTH_UNITS) for p, n in enumerate(visits)]
    table = pl.DataFrame(rows, schema={**ROW_SCHEMA, **AMOUNT_SCHEMA}, orient="row")
    people = pl.DataFrame({"person_id": range(200)})
    frame = ResultFrame(calendar_year(2025), (FOLLOW, VISITS), table, people)
    return PublishedTable(rate_table(shares(frame)), PUBLIC, waterfalls(frame), others=(frame, amounts(frame)))


@pytest.mark.parametrize("width", [60, 80, 100])
def test_the_waterfall_shows_events_and_persons(width: int) -> None:
    lines = waterfall_text(table_of([1] * 40 + [0] * 60), width).splitlines()
    assert max(map(len, lines)) <= width
    assert lines[0] == "fu.fu_30  Within 30 days"
    assert [line.split() for line in lines[1:5]] == [
        ["events", "out", "left", "persons"],
        ["is", "a", "stay", "120", "60"],
        ["denominator", "120", "60"],
        ["numerator", "60", "60", "60"],
    ]
    assert [line.split()[-2:] for line in lines[-4:]] == [
        ["people", "200"],
        ["100", "100"],
        ["denominator", "100"],
        ["60", "40"],
    ]


def test_a_hidden_stage_is_a_star() -> None:
    text = waterfall_text(table_of([5] * 4 + [0] * 96), 80)
    assert text.splitlines()[-3].split() == ["with", "an", "event", "*", "*"]
    assert text.splitlines()[-1].startswith("*  hidden")


def test_amounts_on_the_screen() -> None:
    # 40 visits in 1,200 months.
    lines = amounts_text(table_of([1] * 40 + [0] * 60).amounts, 80).splitlines()
    assert lines[0] == "ed.ed  All visits"
    assert lines[2].split()[:4] == ["total", "40", "1,200.00", "33.33"]
    assert amounts_text((), 80) == ""
    assert amounts_text(table_of([5] * 4 + [0] * 96).amounts, 80).splitlines()[2].split() == ["total", *"****"]


def test_amounts_as_csv() -> None:
    (row,) = csv.DictReader(io.StringIO(amounts_csv(table_of([1] * 40 + [0] * 60)).decode()))
    assert (row["part"], row["member_months"], row["value"], row["whole"]) == ("40", "1200.000000", "33.333333", "")
