"""`per: year`: the window cut at measurement years."""

from __future__ import annotations

import datetime as dt

import pytest

from support.definitions import numerator_of
from vbpmeasure.plan.dates import Anchor, DateExpr
from vbpmeasure.plan.flags import AllOf, Enrolled
from vbpmeasure.plan.measures import calendar_year
from vbpmeasure.plan.offsets import shifted


def day(date: DateExpr) -> str:
    period = calendar_year(2025)
    base = period.start if date.anchor is Anchor.PERIOD_START else period.end
    return shifted(base, date.months, date.days).isoformat()


@pytest.mark.parametrize(
    ("window", "pieces"),
    [
        ("during: period", [("2025-01-01", "2025-12-31")]),
        ("from: period start - 1 year, to: period end", [("2024-01-01", "2024-12-31"), ("2025-01-01", "2025-12-31")]),
        ("from: period end - 1 year, to: period end", [("2024-12-31", "2024-12-31"), ("2025-01-01", "2025-12-31")]),
        (
            "from: period start - 18 months, to: period end",
            [("2023-07-01", "2023-12-31"), ("2024-01-01", "2024-12-31"), ("2025-01-01", "2025-12-31")],
        ),
        ("from: period start - 1 day, to: period end - 1 day",
         [("2024-12-31", "2024-12-31"), ("2025-01-01", "2025-12-30")]),
        ("from: period start, to: period end + 1 day", [("2025-01-01", "2025-12-31"), ("2026-01-01", "2026-01-01")]),
        ("from: period start + 3 months, to: period start + 5 months", [("2025-04-01", "2025-06-01")]),
        ("from: period start - 365 days, to: period end", [("2024-01-02", "2024-12-31"), ("2025-01-01", "2025-12-31")]),
        # 366 days before may be two years away; here the year before 2024 has no day, which asks for nothing.
        ("from: period start - 366 days, to: period end",
         [("2024-01-01", "2023-12-31"), ("2024-01-01", "2024-12-31"), ("2025-01-01", "2025-12-31")]),
        # April 1 less 91 days is January 1 in a leap year, so the second year has to be there; 2025 has no day in it.
        ("from: period start - 1 year, to: period start + 3 months - 91 days",
         [("2024-01-01", "2024-12-31"), ("2025-01-01", "2024-12-31")]),
        ("from: period start, to: period start + 366 days",
         [("2025-01-01", "2025-12-31"), ("2026-01-01", "2026-01-02")]),
        ("from: period start, to: period end - 11 months", [("2025-01-01", "2025-01-31")]),
    ],
)  # fmt: skip
def test_each_year_of_the_window_is_judged_alone(window: str, pieces: list[tuple[str, str]]) -> None:
    flag = numerator_of(f"{{enrolled: {{{window}, on: period end, gaps: 1, gap_days: 45, per: year}}}}")
    years = flag.parts if isinstance(flag, AllOf) else (flag,)
    assert all(isinstance(year, Enrolled) for year in years)
    assert [(day(y.window.start), day(y.window.end)) for y in years if isinstance(y, Enrolled)] == pieces
    assert {(y.on, y.max_gaps, y.gap_days) for y in years if isinstance(y, Enrolled)} == {
        (DateExpr(Anchor.PERIOD_END), 1, 45)
    }


@pytest.mark.parametrize(
    ("start", "months", "days", "moved"),
    [
        ("2024-02-29", 12, 0, "2025-02-28"),
        ("2024-02-29", 48, 0, "2028-02-29"),
        ("2024-01-31", 1, 1, "2024-03-01"),
        ("2025-03-31", -1, 0, "2025-02-28"),
        ("2025-01-01", 0, -1, "2024-12-31"),
        ("9999-12-31", 0, 1, "9999-12-31"),
        ("0001-01-01", -1, 0, "0001-01-01"),
        ("0001-01-01", 0, -1, "0001-01-01"),
        ("9999-12-01", 1, 0, "9999-12-31"),
    ],
)
def test_offsets_saturate_at_the_ends_of_months_and_of_the_calendar(
    start: str, months: int, days: int, moved: str
) -> None:
    assert shifted(dt.date.fromisoformat(start), months, days).isoformat() == moved
