"""The grammar of dates and durations."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError

from vbpmeasure.spec.dates import Amount, Unit, parse_date, parse_duration
from vbpmeasure.spec.models.base import DATE_PATTERN


@pytest.mark.parametrize(
    ("text", "anchor", "years", "name", "offsets"),
    [
        ("birth", "birth", None, None, []),
        ("birthday 2", "birthday", "2", None, []),
        ("birthday first_age", "birthday", "first_age", None, []),
        ("death", "death", None, None, []),
        ("period start", "period start", None, None, []),
        ("period end - 1 year", "period end", None, None, [(-1, "1", Unit.YEARS)]),
        ("index - 120 days", "index", None, None, [(-1, "120", Unit.DAYS)]),
        ("birth + 42 days", "birth", None, None, [(1, "42", Unit.DAYS)]),
        ("birth+42 days", "birth", None, None, [(1, "42", Unit.DAYS)]),
        ("  birth   +  1   day ", "birth", None, None, [(1, "1", Unit.DAYS)]),
        ("first_dose + 6 months", "", None, "first_dose", [(1, "6", Unit.MONTHS)]),
        ("birth + min_days days", "birth", None, None, [(1, "min_days", Unit.DAYS)]),
        ("birth + 1 year - 2 months + 3 days", "birth", None, None,
         [(1, "1", Unit.YEARS), (-1, "2", Unit.MONTHS), (1, "3", Unit.DAYS)]),
    ],
)  # fmt: skip
def test_a_date_is_an_anchor_and_offsets(
    text: str, anchor: str, years: str | None, name: str | None, offsets: list[tuple[int, str, Unit]]
) -> None:
    date = parse_date(text)
    assert date.anchor == anchor
    assert (None if date.years is None else str(date.years)) == years
    assert date.name == name
    assert [(o.sign, str(o.amount), o.unit) for o in date.offsets] == offsets
    assert re.match(DATE_PATTERN, text), "the pattern that editors get must accept what we accept"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "a date is needed here"),
        ("birthday", "a number is needed after `birthday`"),
        ("birthday two years", "`+` or `-` is needed before `years`"),
        ("birthday -1", "a number is needed after `birthday`, not `-`"),
        ("period", "`start` or `end` is needed after `period`"),
        ("period middle", "`start` or `end` is needed after `period`, not `middle`"),
        ("birth 42 days", "`+` or `-` is needed before `42`"),
        ("birth +", "a number is needed after `+`"),
        ("birth + days", "a number is needed after `+`, not `days`"),
        ("birth + 42", "a unit (days, months or years) is needed after `42`"),
        ("birth + 42 weeks", "a unit (days, months or years) is needed after `42`, not `weeks`"),
        ("birth + 4.5 days", "a unit (days, months or years) is needed after `4`, not `.`"),
        ("birth + 999999999 days", "`999999999` is too large for a date"),
        ("birth + 3 days + 1 month", "years and months stand before days"),
        ("2025-01-01", "`2025` is no anchor"),
        ("Birth", "`Birth` is no anchor"),
        ("birth + \uff14 days", "a number is needed after `+`, not `\uff14`"),
    ],
)
def test_a_bad_date_says_which_part_cannot_be_read(text: str, message: str) -> None:
    with pytest.raises(PydanticCustomError) as refused:
        parse_date(text)
    assert refused.value.type == "VBM206"
    assert refused.value.message() == message


@pytest.mark.parametrize(("text", "amount"), [("14 days", "14"), ("1 day", "1"), ("spacing days", "spacing")])
def test_a_duration_is_a_number_of_days(text: str, amount: str) -> None:
    assert str(parse_duration(text)) == amount


@pytest.mark.parametrize("text", ["", "14", "days", "2 months", "14 days or so", "+ 3 days", "14days!"])
def test_a_bad_duration_is_refused(text: str) -> None:
    with pytest.raises(PydanticCustomError) as refused:
        parse_duration(text)
    assert refused.value.type == "VBM206"


@given(st.text(max_size=40))
def test_any_text_is_a_date_or_a_named_error(text: str) -> None:
    kinds = []
    try:
        kinds.append(type(parse_date(text)).__name__)
    except PydanticCustomError as error:
        kinds.append(error.type)
    assert kinds in (["DateSpec"], ["VBM206"])


def test_an_amount_prints_as_it_was_written() -> None:
    assert [str(Amount.of("42")), str(Amount.of("min_days"))] == ["42", "min_days"]
