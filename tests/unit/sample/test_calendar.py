"""Calendar arithmetic of the generator against `datetime`."""

from __future__ import annotations

import datetime as dt

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from vbpmeasure.sample import arrays

DATES = st.dates(dt.date(1990, 1, 1), dt.date(2060, 12, 31))
EPOCH = dt.date(1970, 1, 1)


def _number(date: dt.date) -> int:
    return (date - EPOCH).days


def _plus_years(date: dt.date, years: int) -> dt.date:
    try:
        return date.replace(year=date.year + years)
    except ValueError:  # 29 February
        return dt.date(date.year + years, 2, 28)


@given(DATES, st.integers(0, 25))
def test_birthdays_saturate_at_the_end_of_february(born: dt.date, years: int) -> None:
    found = arrays.birthday(np.array([_number(born)]), years)
    assert found.tolist() == [_number(_plus_years(born, years))]


@given(DATES, st.integers(0, 9000))
def test_age_is_the_number_of_birthdays_that_have_been(born: dt.date, days: int) -> None:
    on = born + dt.timedelta(days=days)
    birthdays = sum(_plus_years(born, n) <= on for n in range(1, 30))
    assert arrays.age_on(np.array([_number(born)]), np.array([_number(on)])).tolist() == [birthdays]


@given(DATES)
def test_days_and_their_parts(date: dt.date) -> None:
    number = _number(date)
    assert arrays.day(date.year, date.month, date.day) == number
    assert arrays.year_number(np.array([number])).tolist() == [date.year]
    month = arrays.month_number(np.array([number]))
    assert arrays.month_start(month).tolist() == [_number(date.replace(day=1))]


def test_linked_numbers_keep_the_share_and_go_together() -> None:
    rng = np.random.default_rng(7)
    common = rng.random(50_000)
    one, two = (arrays.linked(rng, common, 0.8) < 0.4 for _ in range(2))
    assert abs(one.mean() - 0.4) < 0.01
    assert abs(two.mean() - 0.4) < 0.01
    # Independent ones would both hold for 0.16 of the children; 0.8 * 0.8 of the pairs are the same number.
    expected = 0.64 * 0.4 + 0.36 * 0.16
    assert abs((one & two).mean() - expected) < 0.01


def test_uniform_days_include_both_ends() -> None:
    rng = np.random.default_rng(7)
    drawn = arrays.uniform_days(rng, 10, 12, 500)
    assert sorted(set(drawn.tolist())) == [10, 11, 12]
    assert set(arrays.uniform_days(rng, 10, 5, 50).tolist()) == {10}
