"""Whose events are read, and on which days: what criteria say of the person before any event, and how few bits hold it.

The measurement year is 2025: its first day is 1 January, its last 31 December. Expected days are written as dates.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import polars as pl
import pytest

from vbpmeasure.engines.polars.cohorts import COHORT_BITS, Cohorts, Days, Prefix
from vbpmeasure.engines.polars.criteria import Criteria
from vbpmeasure.engines.polars.days import DayColumns, day_number
from vbpmeasure.engines.polars.engine import evaluate
from vbpmeasure.engines.polars.layout import lay_out
from vbpmeasure.engines.polars.needs import is_known_early, needs_of
from vbpmeasure.engines.polars.reach import ANY_DAY, Looked, Reach, bound, days_of, range_of, reach_of, within_reach
from vbpmeasure.plan.amounts import Sex, SexIs
from vbpmeasure.plan.dates import Anchor, DateExpr, FirstDate, Window, Windowed
from vbpmeasure.plan.events import Dated, EventSet, LineFilter, Role, Trigger
from vbpmeasure.plan.flags import AgeBetween, AllOf, AnyOf, CountAtLeast, DateWithin, Enrolled, Flag, Not
from vbpmeasure.plan.index import IndexEvents, Stays
from vbpmeasure.plan.measures import CodeSet, Exclusion, MeasurePlan, Program, Proportion, Step, calendar_year

BIRTH, DEATH, INDEX = (DateExpr(anchor) for anchor in (Anchor.BIRTH, Anchor.DEATH, Anchor.INDEX))
FIRST_DAY, LAST_DAY = DateExpr(Anchor.PERIOD_START), DateExpr(Anchor.PERIOD_END)
YEAR = Window(FIRST_DAY, LAST_DAY)
VISIT = EventSet((Trigger(Role.ANY, ("visit",)),))
# Index events of the year, as days and as stays.
VISITS = IndexEvents(Windowed(VISIT, YEAR))
STAYS = IndexEvents(Windowed(VISIT, YEAR), Stays(30))


def _day(text: str) -> int:
    return day_number(dt.date.fromisoformat(text))


def _meet(flags: Iterable[Flag], index: IndexEvents | None, born: list[str]) -> list[str]:
    """Return the birth dates of those who meet what the flags need of a person."""
    days = DayColumns(calendar_year(2025))
    needs = needs_of(flags, index, days)
    assert all(is_known_early(need) for need in needs)
    meets = [Criteria(days, {}).write(need).truth for need in needs]
    people = pl.DataFrame({"birth_date": [dt.date.fromisoformat(b) for b in born]}).with_columns(
        pl.lit(None, dtype=pl.Date).alias("death_date")
    )
    table = days.with_birth_and_death(people).filter(pl.all_horizontal([pl.lit(True), *meets]))
    return [str(date) for date in table["birth_date"]]


def test_an_age_on_an_index_date_bounds_the_birth_date_on_both_sides() -> None:
    # Ages 6 to 12 on some day of 2025: the sixth birthday on 31 December at the latest, the thirteenth on 2 January
    # (turning 13 on the first day leaves no day at 12).
    born = ["2012-01-01", "2012-01-02", "2019-12-31", "2020-01-01"]
    assert _meet([AgeBetween(6, 12, INDEX)], VISITS, born) == ["2012-01-02", "2019-12-31"]


def test_an_age_some_days_and_months_after_the_index_date_moves_both_bounds() -> None:
    # One month and a day after: from 2 February 2025 to 1 February 2026 (31 January and a day).
    on = DateExpr(Anchor.INDEX, months=1, days=1)
    born = ["2012-02-02", "2012-02-03", "2020-02-01", "2020-02-02"]
    assert _meet([AgeBetween(6, 12, on)], VISITS, born) == ["2012-02-03", "2020-02-01"]


def test_an_index_date_between_a_month_and_a_birthday_bounds_the_birth_date_on_both_sides() -> None:
    # From 6 months of age to the fourth birthday: 6 months by 31 December, the fourth birthday not before 1 January.
    window = Window(DateExpr(Anchor.BIRTH, months=6), DateExpr(Anchor.BIRTHDAY, years=4))
    born = ["2020-12-31", "2021-01-01", "2025-06-30", "2025-07-01"]
    assert _meet([DateWithin(INDEX, window)], VISITS, born) == ["2021-01-01", "2025-06-30"]


def test_a_window_before_the_birthday_ends_the_day_before_it() -> None:
    window = Window(BIRTH, DateExpr(Anchor.BIRTHDAY, years=4, days=-1))
    assert _meet([DateWithin(INDEX, window)], VISITS, ["2021-01-01", "2021-01-02"]) == ["2021-01-02"]


def test_an_age_on_a_first_event_date_is_bound_by_the_window_of_the_event() -> None:
    on = DateExpr(Anchor.EVENT, event=FirstDate(Windowed(VISIT, YEAR)))
    born = ["2012-01-01", "2012-01-02", "2019-12-31", "2020-01-01"]
    assert _meet([AgeBetween(6, 12, on)], None, born) == ["2012-01-02", "2019-12-31"]


@pytest.mark.parametrize("on", [DateExpr(Anchor.INDEX_START), DateExpr(Anchor.INDEX_END)])
def test_the_other_end_of_a_stay_says_nothing_of_the_birth_date(on: DateExpr) -> None:
    born = ["1990-01-01", "2024-01-01"]
    assert _meet([AgeBetween(6, 12, on)], STAYS, born) == born


def test_of_an_index_event_without_stays_start_and_end_are_its_day() -> None:
    born = ["2012-01-01", "2012-01-02"]
    assert _meet([AgeBetween(6, 12, DateExpr(Anchor.INDEX_START))], VISITS, born) == ["2012-01-02"]


def test_alternatives_need_one_of_theirs_and_only_when_each_has_some() -> None:
    small, big = AgeBetween(0, 1, INDEX), AgeBetween(16, 17, INDEX)
    # 0 to 1: born after 1 January 2023; 16 to 17: born from 2 January 2007 to 31 December 2009.
    born = ["2007-01-01", "2007-01-02", "2009-12-31", "2010-01-01", "2023-01-01", "2023-01-02"]
    assert _meet([AnyOf((small, big))], VISITS, born) == ["2007-01-02", "2009-12-31", "2023-01-02"]
    visited = CountAtLeast((Windowed(VISIT, YEAR),))
    assert _meet([AnyOf((small, visited))], VISITS, born) == born
    assert _meet([AllOf((small, visited))], VISITS, born) == ["2023-01-02"]


def test_what_must_not_hold_says_nothing_when_it_hangs_on_the_index_date() -> None:
    born = ["2012-01-01", "2020-01-01"]
    assert _meet([Not(AgeBetween(6, 12, INDEX))], VISITS, born) == born


def _range(*looked: Looked) -> tuple[int, int] | None:
    return range_of(looked, DayColumns(calendar_year(2025)))


def test_windows_counted_from_index_events_reach_past_the_year() -> None:
    around = Window(DateExpr(Anchor.INDEX, days=-10), DateExpr(Anchor.INDEX, days=30))
    assert _range((around, VISITS)) == (_day("2024-12-22"), _day("2026-01-30"))
    assert _range((around, VISITS), (YEAR, None)) == (_day("2024-12-22"), _day("2026-01-30"))
    by_months = Window(DateExpr(Anchor.INDEX, months=-2), DateExpr(Anchor.INDEX, months=2))
    assert _range((by_months, VISITS)) == (_day("2024-11-01"), _day("2026-02-28"))


def test_a_bound_that_depends_on_the_person_leaves_all_days() -> None:
    young = Window(BIRTH, LAST_DAY)
    assert _range((young, None)) is None
    assert _range((YEAR, None), (young, None)) is None
    days = DayColumns(calendar_year(2025))
    assert days_of([(young, None)], days) == (ANY_DAY[0], _day("2025-12-31"))
    assert days_of([(YEAR, None), (Window(FIRST_DAY, DEATH), None)], days) == (_day("2025-01-01"), ANY_DAY[1])


def test_the_index_date_of_a_stay_is_bound_by_its_window_and_its_other_end_by_nothing() -> None:
    days = DayColumns(calendar_year(2025))
    assert bound(INDEX, STAYS, days, last=True) == _day("2025-12-31")
    assert bound(DateExpr(Anchor.INDEX_START), STAYS, days, last=False) is None
    assert bound(INDEX, None, days, last=True) is None


def _settled(asks: Iterable[tuple[str, Prefix, Days, tuple[int, int] | None]]) -> Cohorts:
    cohorts = Cohorts()
    for ask in asks:
        cohorts.ask(*ask)
    cohorts.settle()
    return cohorts


def _age(years: int) -> Prefix:
    return (AgeBetween(years, years, LAST_DAY),)


def test_the_same_people_and_days_share_a_bit_and_others_do_not() -> None:
    cohorts = _settled(
        [
            ("a", _age(1), Days.FIXED, (10, 20)),
            ("b", _age(1), Days.FIXED, (10, 20)),
            ("c", _age(2), Days.FIXED, (10, 20)),
            ("d", _age(1), Days.FIXED, (10, 21)),
            ("e", _age(1), Days.ANY, None),
        ]
    )
    bits = [cohorts.bits(name) for name in "abcde"]
    assert bits[0] == bits[1]
    assert len(set(bits)) == 4
    assert sum(set(bits)) == 0b1111
    assert cohorts.bits("nobody asks") == 0


def test_what_two_rates_ask_for_has_both_their_people_and_days() -> None:
    cohorts = _settled([("a", _age(1), Days.FIXED, (10, 20)), ("a", _age(2), Days.FIXED, (15, 30))])
    bit = cohorts.bit("a", Days.FIXED)
    assert cohorts.people == [((_age(1), _age(2)), bit)]
    assert cohorts.ranges == {bit: (10, 30)}


def test_combinations_past_the_bits_share_them_and_miss_no_day_of_any() -> None:
    asks = [(f"set {i}", _age(i), Days.FIXED, (i, i + 5)) for i in range(COHORT_BITS)]
    # The 64th shares the bit of the first, the 65th, on any day, that of the second, the 66th, undated, the third's.
    asks += [("far", _age(70), Days.FIXED, (900, 901)), ("any", _age(71), Days.ANY, None)]
    asks += [("undated", _age(72), Days.NONE, None)]
    cohorts = _settled(asks)
    first, second, third = (cohorts.bits(f"set {i}") for i in range(3))
    assert (cohorts.bits("far"), cohorts.bits("any"), cohorts.bits("undated")) == (first, second, third)
    assert max(bit for _, bit in cohorts.people) < 1 << COHORT_BITS
    assert [prefixes for prefixes, bit in cohorts.people if bit == first] == [(_age(0),), (_age(70),)]
    reach = reach_of(cohorts.ranges, cohorts.undated)
    held = _held([0, 3, 900, None], reach.ranges, reach.undated)
    assert [bool(bits & first) for bits in held] == [True, True, True, False]  # 0 to 901: both and what lies between
    assert [bool(bits & second) for bits in held] == [True, True, True, True]  # any day
    assert [bool(bits & third) for bits in held] == [False, True, False, True]  # 2 to 7, and rows without a day


def _held(day: list[int | None], ranges: tuple[tuple[int, int, int], ...], undated: int) -> list[int]:
    table = pl.DataFrame({"day": day}, schema={"day": pl.Int32})
    return table.select(within_reach(pl.col("day"), Reach(ranges, undated)).alias("bits")).get_column("bits").to_list()


def test_a_bit_on_any_day_stays_so_even_where_it_is_shared_with_rows_without_a_day() -> None:
    reach = reach_of({1: None, 2: (5, 6)}, undated=1 | 4)
    assert (reach.ranges, reach.undated) == (((5, 6, 2),), 4)
    held = _held([4, 5, 6, 7, None], reach.ranges, reach.undated)
    assert [bits & 0b111 for bits in held] == [0b001, 0b011, 0b011, 0b001, 0b101]


def test_an_index_set_with_days_of_its_own_is_read_on_any_day_though_it_has_no_stays() -> None:
    # The lines are of 2026 and 2024; the admissions, which are the index dates, of 2025 and 2026.
    dated = EventSet((Trigger(Role.ANY, ("visit",), LineFilter(dated=Dated.ADMISSION)),))
    index = IndexEvents(Windowed(dated, YEAR))
    steps = (Step("of a child", AgeBetween(0, 17, INDEX)),)
    rate = Proportion("admitted", "", steps, (), CountAtLeast((Windowed(VISIT, Window(INDEX, INDEX)),)), index)
    visit = CodeSet("visit", {"CPT": frozenset({"99213"})})
    program = Program((MeasurePlan("m", "", "2025", "", (rate,)),), calendar_year(2025), {"visit": visit}, ())
    born, start, end = dt.date(2015, 5, 5), dt.date(2024, 1, 1), dt.date(2026, 12, 31)
    tables = {
        "eligibility": pl.LazyFrame(
            {"person_id": ["a"], "birth_date": [born], "enrollment_start_date": [start], "enrollment_end_date": [end]}
        ),
        "medical_claim": pl.LazyFrame(
            {
                "person_id": ["a", "a", "a"],
                "claim_id": ["1", "2", "3"],
                "claim_line_start_date": [dt.date(2026, 1, 20), dt.date(2024, 12, 20), dt.date(2025, 6, 1)],
                "admission_date": [dt.date(2025, 12, 30), dt.date(2025, 1, 2), dt.date(2026, 1, 1)],
                "hcpcs_code": ["99213", "99213", "99213"],
            }
        ),
    }
    rows = evaluate(program, tables).rows.sort("index_date")
    assert rows["index_date"].to_list() == [dt.date(2025, 1, 2), dt.date(2025, 12, 30)]
    assert rows["numerator"].to_list() == [False, False]
    # What the lines themselves are counted as keeps its days: those of the index dates.
    layout = lay_out(program)
    days = layout.cohorts.ranges
    assert days[layout.cohorts.bit(dated, Days.ANY)] is None
    assert days[layout.cohorts.bit(VISIT, Days.FIXED)] == (_day("2025-01-01"), _day("2025-12-31"))


def test_enrollment_counted_from_a_first_event_is_asked_of_the_people_of_every_rate() -> None:
    # The rate of girls stands first; the boy of the second one was enrolled on his first visit too.
    on_visit = DateExpr(Anchor.EVENT, event=FirstDate(Windowed(VISIT, YEAR)))
    enrolled = Enrolled(Window(on_visit, on_visit))
    rates = tuple(
        Proportion(name, "", (Step("asked", step),), (Exclusion("enrolled", "", enrolled),), DateWithin(BIRTH, YEAR))
        for name, step in (("girls", SexIs(Sex.FEMALE)), ("all", DateWithin(FIRST_DAY, YEAR)))
    )
    visit = CodeSet("visit", {"CPT": frozenset({"99213"})})
    program = Program((MeasurePlan("m", "", "2025", "", rates),), calendar_year(2025), {"visit": visit}, ())
    tables = {
        "eligibility": pl.LazyFrame(
            {
                "person_id": ["boy", "girl"],
                "gender": ["M", "F"],
                "birth_date": [dt.date(2015, 5, 5)] * 2,
                "enrollment_start_date": [dt.date(2025, 1, 1)] * 2,
                "enrollment_end_date": [dt.date(2025, 12, 31)] * 2,
            }
        ),
        "medical_claim": pl.LazyFrame(
            {
                "person_id": ["boy", "girl"],
                "claim_line_start_date": [dt.date(2025, 3, 3)] * 2,
                "hcpcs_code": ["99213"] * 2,
            }
        ),
    }
    frame = evaluate(program, tables)
    rows = frame.rows.select("rate", "person", "exclusion").rows()
    assert rows == [(0, 1, 0), (1, 0, 0), (1, 1, 0)]
