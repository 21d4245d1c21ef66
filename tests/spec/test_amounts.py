"""Results, readings, drops, days covered, runs of enrollment, sex, teeth (semantics page, sections 3 to 5)."""

import pytest

from spec.grids import grid, people
from spec.plans import EVER, YEAR, code, codes, count, program, rate, start
from vbpmeasure.plan.amounts import DaysCovered, Dropped, EnrolledRun, Pick, Reading, ReadingWithin, Sex, SexIs
from vbpmeasure.plan.dates import Window, Windowed
from vbpmeasure.plan.events import ResultTest

SETS = {
    "phq": codes(LOINC="44261-6"),
    "drug": codes(NDC="00000000001 00000000002"),
    "sealant": codes(CDT="D1351"),
    "visit": codes(CPT="99213"),
    "dental": codes(NUCC="122300000X"),
    "positive": codes(SNOMEDCT="428181000124104"),
}
PHQ, DRUG = code("phq"), code("drug")


def judged(judge_units, flag, **tables):
    found = judge_units(program(rate(flag), sets=SETS), eligibility=people(1), **{"medical_claim": [], **tables})
    return found["1"] == [] or not found["1"][0].startswith("open")


def scores(*cells):
    lines = "\n".join(f"1 | {day} | 44261-6 | {result} | {unit}" for day, result, unit in cells)
    return {"observation": grid("observation", f"person | on | code | result | source_units\n{lines}")}


CONDITIONS_ON_A_RESULT = [
    ("10", ResultTest(least=10), True),
    ("9.9", ResultTest(least=10), False),
    (" 10 ", ResultTest(least=10), True),
    ("+10.0", ResultTest(least=10, most=10), True),
    ("10", ResultTest(above=10), False),
    ("10", ResultTest(below=10), False),
    ("-1", ResultTest(below=0), True),
    ("<5", ResultTest(most=100), False),
    ("10 mg", ResultTest(least=1), False),
    ("1e3", ResultTest(least=1), False),
    (".5", ResultTest(most=1), False),
    ("7", ResultTest(), True),
    ("seven", ResultTest(), False),
    ("Positive", ResultTest(texts=("positive",)), True),
    ("negative", ResultTest(texts=("positive",)), False),
    ("428181000124104", ResultTest(codes=("positive",)), True),
    ("428171000124102", ResultTest(codes=("positive",)), False),
]


def test_conditions_on_a_result(judge_units):
    # In one test, so that an engine that knows no such condition fails it as a whole.
    for case in CONDITIONS_ON_A_RESULT:
        result, test, holds = case
        flag = count(code("phq", result=test), YEAR)
        assert judged(judge_units, flag, **scores(("2025-03-01", result, ""))) is holds, case


THE_UNIT_OF_A_RESULT = [("{score}", True), ("{SCORE}", True), ("mg", False), ("", False)]


def test_the_unit_of_a_result(judge_units):
    # In one test, so that an engine that knows no such condition fails it as a whole.
    for case in THE_UNIT_OF_A_RESULT:
        unit, holds = case
        flag = count(code("phq", result=ResultTest(least=1, units=("{score}",))), YEAR)
        assert judged(judge_units, flag, **scores(("2025-03-01", "10", unit))) is holds, case


def test_rows_without_results_have_none(judge_units):
    flag = count(code("visit", result=ResultTest()), YEAR)
    table = grid("medical_claim", "person | claim | on | code\n1 | a | 2025-03-01 | 99213")
    assert judged(judge_units, flag, medical_claim=table) is False


SERIES = scores(
    ("2025-01-10", "18", ""),
    ("2025-01-10", "20", ""),
    ("2025-03-01", "pending", ""),
    ("2025-06-01", "9", ""),
    ("2025-06-01", "10", ""),
)


@pytest.mark.parametrize(
    ("pick", "bounds", "holds"),
    [
        (Pick.FIRST, {"least": 20}, True),  # the greatest of the day
        (Pick.FIRST, {"above": 20}, False),
        (Pick.LAST, {"most": 10}, True),
        (Pick.LAST, {"below": 10}, False),
        (Pick.LAST, {"least": 11}, False),
        (Pick.FIRST, {"most": 19}, False),
        (Pick.LAST, {"above": 9}, True),
        (Pick.FIRST, {"below": 21}, True),
    ],
)
def test_the_first_or_last_number(judge_units, pick, bounds, holds):
    flag = ReadingWithin(Reading(Windowed(PHQ, YEAR), pick), **bounds)
    assert judged(judge_units, flag, **SERIES) is holds


def test_a_reading_has_a_date(judge_units):
    flag = ReadingWithin(Reading(Windowed(PHQ, YEAR), Pick.LAST))
    found = judge_units(program(rate(flag), sets=SETS), eligibility=people(1), medical_claim=[], **SERIES)
    assert found == {"1": ["met 2025-06-01 by observation"]}


@pytest.mark.parametrize(
    ("enough", "holds"),
    [
        ({"percent": 50}, True),  # from 20 to 10
        ({"percent": 51}, False),
        ({"points": 10}, True),
        ({"points": 10.5}, False),
        ({"points": 5, "percent": 51}, False),
    ],
)
def test_a_drop_from_the_first_to_the_last_number(judge_units, enough, holds):
    readings = (Reading(Windowed(PHQ, YEAR), Pick.FIRST), Reading(Windowed(PHQ, YEAR), Pick.LAST))
    assert judged(judge_units, Dropped(*readings, **enough), **SERIES) is holds


def test_one_day_is_no_drop_and_from_nothing_there_is_no_share(judge_units):
    readings = (Reading(Windowed(PHQ, YEAR), Pick.FIRST), Reading(Windowed(PHQ, YEAR), Pick.LAST))
    one_day = scores(("2025-01-10", "20", ""), ("2025-01-10", "5", ""))
    assert judged(judge_units, Dropped(*readings, points=0), **one_day) is False
    zero = scores(("2025-01-10", "0", ""), ("2025-02-10", "-5", ""))
    assert judged(judge_units, Dropped(*readings, percent=1), **zero) is False
    assert judged(judge_units, Dropped(*readings, points=5), **zero) is True


def covered(days):
    return DaysCovered((Windowed(DRUG, Window(start(), start(days=29))),), days)


@pytest.mark.parametrize(
    ("rows", "days"),
    [
        ("2025-01-01 | 00000000001 | 10", 10),
        ("2024-12-27 | 00000000001 | 10", 5),  # the supply reaches into the window
        ("2025-01-25 | 00000000001 | 30", 6),  # and out of it
        ("2025-01-01 | 00000000001 | 10\n1 | b | 2025-01-06 | 00000000002 | 10", 15),  # each day once
        ("2025-01-01 | 00000000001 | ", 1),
        ("2025-01-01 | 00000000001 | 0", 1),
        ("2025-01-01 | 00000000001 | 2.9", 2),
        ("2024-11-01 | 00000000001 | 30", 0),
    ],
)
def test_days_covered(judge_units, rows, days):
    table = grid("pharmacy_claim", f"person | claim | on | ndc_code | days_supply\n1 | a | {rows}")
    for needed, holds in ((max(days, 1), days > 0), (days + 1, False)):
        assert judged(judge_units, covered(needed), pharmacy_claim=table) is holds


def test_the_day_on_which_enough_days_are_covered(judge_units):
    rows = "1 | a | 2025-01-01 | 00000000001 | 3\n1 | b | 2025-01-20 | 00000000001 | 3"
    table = grid("pharmacy_claim", f"person | claim | on | ndc_code | days_supply\n{rows}")
    plan = program(rate(covered(4)), sets=SETS)
    found = judge_units(plan, eligibility=people(1), medical_claim=[], pharmacy_claim=table)
    assert found["1"] == ["met 2025-01-20 by pharmacy_claim"]


@pytest.mark.parametrize(
    ("spans", "longest"),
    [
        ("2025-01-01 | 2025-06-29 | a", 180),
        ("2024-01-01 | 2025-06-28 | a", 179),
        ("2025-01-01 | 2025-03-31 | a\n1 | 2020-06-15 | F | 2025-04-01 | 2025-06-29 | a", 180),
        ("2025-01-01 | 2025-03-31 | a\n1 | 2020-06-15 | F | 2025-04-02 | 2025-12-31 | a", 274),
        ("2025-01-01 | 2025-03-31 | a\n1 | 2020-06-15 | F | 2025-04-01 | 2025-06-30 | b", 91),
        ("2024-01-01 | 2024-12-31 | a", 0),
    ],
)
def test_a_run_of_enrolled_days(judge_units, spans, longest):
    header = "person | born | gender | from | to | payer"
    eligibility = grid("eligibility", f"{header}\n1 | 2020-06-15 | F | {spans}")
    for needed, holds in ((max(longest, 1), longest > 0), (longest + 1, False)):
        plan = program(rate(count(code("visit"), EVER), (EnrolledRun(YEAR, needed),)), sets=SETS)
        found = judge_units(plan, eligibility=eligibility, medical_claim=[])
        assert (found["1"] != []) is holds


@pytest.mark.parametrize(
    ("gender", "female", "male"),
    [
        ("F", True, False),
        ("female ", True, False),
        ("Male", False, True),
        ("m", False, True),
        ("other", False, False),
        ("", False, False),
    ],
)
def test_sex(judge_units, gender, female, male):
    eligibility = grid("eligibility", f"person | born | gender | from\n1 | 2008-06-15 | {gender} | 2020-01-01")
    for sex, holds in ((Sex.FEMALE, female), (Sex.MALE, male)):
        plan = program(rate(count(code("visit"), EVER), (SexIs(sex),)), sets=SETS)
        assert (judge_units(plan, eligibility=eligibility, medical_claim=[])["1"] != []) is holds


def test_the_tooth_of_a_line(judge_units):
    # In one test, so that an engine that knows no such condition fails it as a whole; so below.
    found = {}
    for tooth in ("3", "03", " 14", "\t14", "30", ""):
        (row,) = grid("medical_claim", "person | claim | on | code\n1 | a | 2025-03-01 | D1351")
        row["tooth_number"] = tooth or None
        flag = count(code("sealant", teeth=("14", "3")), YEAR)
        found[tooth] = judged(judge_units, flag, medical_claim=[row])
    assert found == {"3": True, "03": True, " 14": True, "\t14": False, "30": False, "": False}


def test_a_provider_that_must_not_be(judge_units):
    found = {}
    for taxonomy in ("122300000X", "208000000X", ""):
        header = "person | claim | on | code | rendering_taxonomy"
        table = grid("medical_claim", f"{header}\n1 | a | 2025-03-01 | 99213 | {taxonomy}")
        flag = count(code("visit", provider_not_in=("dental",)), YEAR)
        found[taxonomy] = judged(judge_units, flag, medical_claim=table)
    assert found == {"122300000X": False, "208000000X": True, "": True}
