"""Who comes first on the list, and what one visit can do."""

from __future__ import annotations

import datetime as dt

import polars as pl

from vbpmeasure.results.care_gaps.order import in_working_order
from vbpmeasure.results.care_gaps.same_day import with_same_day
from vbpmeasure.results.care_gaps.summary import gap_counts
from vbpmeasure.results.disclosure.policy import INTERNAL, PUBLIC

D = dt.date
TODAY = D(2025, 6, 1)


def gap(person: int, measure: str, first: dt.date | None, last: dt.date | None, elsewhere: bool = False) -> dict:
    return {"person": person, "measure": measure, "first": first, "last": last, "elsewhere": elsewhere}


def together(*found: dict) -> list[tuple[int | None, int | None]]:
    schema = {"person": pl.UInt32, "measure": pl.String, "first": pl.Date, "last": pl.Date, "elsewhere": pl.Boolean}
    table = with_same_day(pl.DataFrame(list(found), schema=schema), TODAY)
    return table.select("visit_gaps", "visit_measures").rows()


def test_windows_that_meet_on_one_day_are_one_visit() -> None:
    assert together(gap(1, "w", D(2025, 1, 1), D(2025, 6, 10)), gap(1, "l", D(2025, 6, 10), D(2025, 12, 31))) == [
        (2, 2),
        (2, 2),
    ]
    assert together(gap(1, "w", D(2025, 1, 1), D(2025, 6, 9)), gap(1, "l", D(2025, 6, 10), D(2025, 12, 31))) == [
        (1, 1),
        (1, 1),
    ]


def test_days_that_are_past_do_not_meet() -> None:
    # Both were open on 31 May, and only one still is.
    assert together(gap(1, "w", D(2025, 1, 1), D(2025, 5, 31)), gap(1, "l", D(2025, 1, 1), D(2025, 12, 31))) == [
        (None, None),
        (1, 1),
    ]
    assert together(gap(1, "w", D(2025, 1, 1), TODAY), gap(1, "l", D(2025, 1, 1), TODAY)) == [(2, 2), (2, 2)]


def test_rates_of_one_measure_are_gaps_but_one_measure() -> None:
    year = (D(2025, 1, 1), D(2025, 12, 31))
    assert together(gap(1, "c", *year), gap(1, "c", *year), gap(1, "w", *year)) == [(3, 2)] * 3


def test_children_and_dentists_are_apart() -> None:
    year = (D(2025, 1, 1), D(2025, 12, 31))
    assert together(gap(1, "w", *year), gap(2, "l", *year), gap(1, "oev", *year, elsewhere=True)) == [(1, 1)] * 3


def test_the_best_day_counts_and_not_the_sum() -> None:
    # Two visits are needed: b meets a in June and c in August, never all three.
    assert together(
        gap(1, "a", D(2025, 6, 1), D(2025, 6, 30)),
        gap(1, "b", D(2025, 6, 1), D(2025, 8, 31)),
        gap(1, "c", D(2025, 8, 1), D(2025, 8, 31)),
    ) == [(2, 2), (2, 2), (2, 2)]


def row(
    person: str, status: str, can: bool | None = None, left: int | None = None, measures: int | None = None
) -> dict:
    return {
        "person": int(person[1:]),
        "person_id": person,
        "rate": 0,
        "index_date": None,
        "gap_status": status,
        "can_still_pass": can,
        "days_left": left,
        "due_by": None if left is None else TODAY + dt.timedelta(days=left),
        "visit_measures": measures,
        "visit_gaps": measures,
    }


def ordered(*rows: dict) -> list[tuple[str, str, int | None]]:
    table = pl.DataFrame(list(rows), schema_overrides={"index_date": pl.Date})
    return in_working_order(table).select("person_id", "gap_status", "days_left").rows()


def test_soonest_first_then_whom_one_visit_helps_most() -> None:
    assert ordered(
        row("p1", "not_eligible"),
        row("p2", "open", True, 8, 3),  # second week
        row("p3", "closed"),
        row("p4", "open", True, 6, 1),  # first week, one measure
        row("p5", "open", False),  # no day at all
        row("p5", "open", False, -1),
        row("p6", "open", True, 6, 2),  # first week, two measures
        row("p7", "excluded"),
        row("p6", "open", True, 90, 2),  # stays with its child
        row("p8", "open", True, 0, 1),  # first week, due today
    ) == [
        ("p6", "open", 6),
        ("p6", "open", 90),
        ("p8", "open", 0),
        ("p4", "open", 6),
        ("p2", "open", 8),
        ("p5", "open", -1),
        ("p5", "open", None),
        ("p3", "closed", None),
        ("p7", "excluded", None),
        ("p1", "not_eligible", None),
    ]


def counted(numbers: dict[str, int]) -> pl.DataFrame:
    rows = [
        {
            "measure": "m",
            "rate": "r",
            "gap_status": name.split("+")[0],
            "can_still_pass": None if "+" not in name else name.endswith("+time"),
        }
        for name, number in numbers.items()
        for _ in range(number)
    ]
    return pl.DataFrame(
        rows, schema={"measure": pl.String, "rate": pl.String, "gap_status": pl.String, "can_still_pass": pl.Boolean}
    )


def test_one_small_count_hides_all_of_its_rate() -> None:
    small = counted({"open+time": 40, "open+late": 10, "closed": 50})
    assert gap_counts(small, PUBLIC).rows() == [("m", "r", None, None, None, None, None)]
    assert gap_counts(small, INTERNAL).rows() == [("m", "r", 40, 10, 50, 0, 0)]
    large = counted({"open+time": 40, "open+late": 11, "closed": 50})
    assert gap_counts(large, PUBLIC).rows() == [("m", "r", 40, 11, 50, 0, 0)]
