"""The trace behind `explain --person`: the rows that decided, those passed over and why, gaps, the near miss."""

import datetime as dt

import pytest

from spec.grids import grid, people
from spec.plans import ALWAYS, END, YEAR, birth, birthday, code, codes, count, death, program, rate
from vbpmeasure.engines.reference.render_trace import render
from vbpmeasure.engines.reference.trace import JudgedPerson
from vbpmeasure.plan.amounts import Pick, Reading, ReadingWithin
from vbpmeasure.plan.dates import Window, Windowed
from vbpmeasure.plan.events import EventSet, LineFilter, Role, Trigger
from vbpmeasure.plan.flags import AgeBetween, AllOf, AnyOf, AtLeastOf, DateWithin, Enrolled, Not, SpanFlagged
from vbpmeasure.plan.measures import TotalOf

SETS = {
    "visit": codes(CPT="99391"),
    "other": codes(CPT="99392"),
    "pcp": codes(NUCC="208000000X"),
    "lab": codes(POS="81"),
}
VISIT = EventSet(
    (Trigger(Role.ANY, ("visit",), LineFilter(provider_in=("pcp",), place_not_in=("lab",))),), name="well_visit"
)
WINDOW = Window(birth(), birthday(1, days=90))
CLAIMS = """
    person | claim | on         | code  | rendering_taxonomy | place | status
    1      | a     | 2024-02-02 | 99391 | 208000000X         |       |
    1      | b     | 2024-02-14 | 99391 | 208000000X         |       |
    1      | c     | 2024-03-31 | 99391 | 208000000X         | 81    |
    1      | d     | 2024-06-01 | 99391 | 207V00000X         |       |
    1      | e     | 2024-08-01 | 99391 |                    |       |
    1      | f     | 2024-11-01 | 99391 | 208000000X         |       | reversed
    1      | g     | 2025-05-04 | 99391 | 208000000X         |       |
    1      | h     | 2025-04-04 | 99392 | 208000000X         |       |
    """


def trace(flag, *, population=None, exclusions=(), eligibility=None, claims=CLAIMS, born="2024-01-31"):
    plan = program(rate(flag, population=population, exclusions=exclusions), sets=SETS)
    rows = {"eligibility": eligibility or people(1, born=born), "medical_claim": grid("medical_claim", claims)}
    (found,) = JudgedPerson(plan, rows).traces()
    return found


def near_miss(flag, **more):
    return trace(flag, **more).near_miss


def test_the_rows_of_a_count_are_counted_or_passed_over_with_the_reason():
    found = trace(count(VISIT, WINDOW, n=6, apart=14))
    assert {row.claim_id: row.passed_over for row in found.numerator.rows} == {
        "a": "",
        "b": "too close: 12 days after the previous kept date, 14 needed",
        "c": "place 81 excluded",
        "d": "provider not in pcp",
        "e": "provider specialty unknown",
        "f": "claim status is reversed",
        "g": "outside the window, 3 days after its end",
    }  # the other code is no row of this count
    first = found.numerator.rows[0]
    assert (first.day.isoformat(), first.table, first.code) == ("2024-02-02", "medical_claim", "99391")
    assert [window.days for window in found.numerator.windows] == [(dt.date(2024, 1, 31), dt.date(2025, 5, 1))]
    assert found.near_miss == (
        "1 of 6 dates of well_visit; a row of medical_claim on 2024-02-14 was passed over: "
        "too close: 12 days after the previous kept date, 14 needed"
    )


def test_a_row_accepted_by_one_trigger_is_counted_though_another_refuses_it():
    either = EventSet((*VISIT.triggers, Trigger(Role.ANY, ("visit",), LineFilter(place_in=("lab",)))))
    found = trace(count(either, WINDOW))
    assert [row.claim_id for row in found.numerator.rows if not row.passed_over] == ["a", "b", "c"]


def test_one_near_miss_a_failed_rate_and_none_when_it_is_met():
    assert near_miss(count(VISIT, WINDOW)) is None
    assert near_miss(count(VISIT, YEAR)) is None
    in_population = {"population": (count(code("other"), WINDOW),)}
    assert near_miss(count(VISIT, WINDOW), **in_population) is None
    hospice = (("hospice", count(code("other"), YEAR)),)
    assert near_miss(count(VISIT, WINDOW), exclusions=hospice) == "excluded because of hospice"


LATE = """
    person | claim | on         | code
    1      | a     | 2026-01-01 | 99391
    """
NOTHING = "person | claim | on | code"


@pytest.mark.parametrize(
    ("flag", "claims", "words"),
    [
        (
            count(code("visit"), YEAR),
            LATE,
            "no date of the event; a row of medical_claim on 2026-01-01 was passed over: "
            "outside the window, 1 day after its end",
        ),
        (count(code("visit"), YEAR), NOTHING, "no date of the event in the window, and none near it"),
        (count(code("visit"), YEAR, n=2), NOTHING, "0 of 2 dates of the event in the window"),
        (
            AllOf((ALWAYS, AgeBetween(3, 11, END))),
            NOTHING,
            "too young on 2025-12-31: birthday 3 is 2027-01-31, 396 days later",
        ),
        (AgeBetween(0, 0, END), NOTHING, "too old on 2025-12-31: birthday 1 was 2025-01-31, 334 days before"),
        (AgeBetween(0, 0, death()), NOTHING, "the age cannot be told: a date is missing"),
        (DateWithin(birthday(2), YEAR), NOTHING, "birthday 2 is 2026-01-31, 31 days after 2025-12-31"),
        (DateWithin(birth(), YEAR), NOTHING, "birth is 2024-01-31, 336 days before 2025-01-01"),
        (DateWithin(death(), YEAR), NOTHING, "no death date"),
        (
            DateWithin(birth(), Window(END, birth())),
            NOTHING,
            "birth is 2024-01-31, and the window 2025-12-31 to 2024-01-31 is empty",
        ),
        (
            DateWithin(birth(), Window(END, death())),
            NOTHING,
            "the window for birth (2024-01-31) has no date for this person",
        ),
        (
            SpanFlagged("hospice_flag", WINDOW),
            NOTHING,
            "there is no such span: an enrollment span with hospice_flag from birth to birthday 1 + 90 days",
        ),
        (
            Not(AgeBetween(1, 1, END)),
            NOTHING,
            "must not hold, but does: 1 years old on 2025-12-31",
        ),
        (
            Not(Not(AllOf((AgeBetween(0, 0, END, label="an infant"), AgeBetween(0, 0, END))))),
            NOTHING,
            "must not hold, but does: not: all of: an infant, 0 years old on 2025-12-31",
        ),
        (
            AnyOf((count(code("other"), YEAR), count(code("visit"), YEAR, n=2))),
            "person | claim | on | code\n1 | a | 2025-03-01 | 99391",
            "none of 2 alternatives holds; nearest: 1 of 2 dates of the event in the window",
        ),
        (
            AtLeastOf(2, (ALWAYS, AgeBetween(3, 11, END), AgeBetween(0, 0, END))),
            NOTHING,
            "1 of 2 needed parts hold; nearest: too young on 2025-12-31: birthday 3 is 2027-01-31, 396 days later",
        ),
    ],
)
def test_near_misses_in_words(flag, claims, words):
    assert near_miss(flag, claims=claims) == words


@pytest.mark.parametrize(
    ("flag", "spans", "words"),
    [
        (
            Enrolled(YEAR, on=END, max_gaps=1, gap_days=45),
            "1 | 2025-01-01 | 2025-03-31 | a\n1 | 2025-05-17 | | a",
            "enrollment: a gap of 46 days (2025-04-01 to 2025-05-16), 1 of at most 45 days allowed",
        ),
        (
            Enrolled(YEAR, on=END, max_gaps=1, gap_days=45),
            "1 | 2025-01-01 | 2025-12-30 | a",
            "enrollment: not enrolled on the anchor date 2025-12-31",
        ),
        (
            Enrolled(YEAR, max_gaps=1, gap_days=45),
            "1 | 2025-01-11 | 2025-06-30 | a\n1 | 2025-07-02 | | a",
            "enrollment: 2 gaps (10, 1 days), 1 of at most 45 days allowed",
        ),
        (
            Enrolled(YEAR),
            "1 | 2025-01-02 | | a",
            "enrollment: a gap of 1 day (2025-01-01 to 2025-01-01), none allowed",
        ),
        (
            Enrolled(YEAR, max_gaps=1, gap_months=1),
            "1 | 2025-02-02 | | a",
            "enrollment: a gap of 32 days (2025-01-01 to 2025-02-01), 1 of at most 1 calendar month(s) allowed",
        ),
        # Of two payers the one with less missing is told.
        (
            Enrolled(YEAR),
            "1 | 2025-01-01 | 2025-06-30 | a\n1 | 2025-02-01 | | b",
            "enrollment: a gap of 31 days (2025-01-01 to 2025-01-31), none allowed",
        ),
        (Enrolled(Window(END, death())), "1 | 2025-01-02 | | a", "the enrollment window has no date for this person"),
    ],
)
def test_near_misses_of_enrollment(flag, spans, words):
    eligibility = [
        {"birth_date": dt.date(2024, 1, 31)} | row for row in grid("eligibility", f"person|from|to|payer\n{spans}")
    ]
    assert near_miss(flag, eligibility=eligibility) == words


def test_the_span_with_the_flag_is_told():
    header = "person | born | from | to | hospice_flag"
    spans = grid(
        "eligibility",
        f"{header}\n1 | 2024-01-31 | 2025-01-01 | 2025-02-28 | no\n1 | 2024-01-31 | 2025-03-01 | 2025-04-30 | yes",
    )
    found = trace(SpanFlagged("hospice_flag", YEAR), eligibility=spans)
    assert [str(span.start) for span in found.numerator.spans] == ["2025-03-01"]


def test_a_reading_is_told_with_its_day():
    rows = {
        "eligibility": people(1),
        "observation": grid("observation", "person | on | code | result\n1 | 2025-06-01 | 44261-6 | 12.5"),
    }
    flag = ReadingWithin(Reading(Windowed(code("phq"), YEAR), Pick.LAST), most=4)
    (found,) = JudgedPerson(program(rate(flag), sets={"phq": codes(LOINC="44261-6")}), rows).traces()
    assert found.numerator.facts == ("reading 12.5 on 2025-06-01",)


def test_a_trace_as_text():
    """The whole tree of a rate, gap and all; nothing in it depends on the terminal."""
    eligibility = [
        {"birth_date": dt.date(2024, 1, 31)} | row
        for row in grid("eligibility", "person|from|to|payer\n1|2024-01-31|2024-06-01|a\n1|2024-07-01||a")
    ]
    enrolled = Enrolled(Window(birth(days=31), birthday(1, days=90)), on=birthday(1, days=90), max_gaps=1, gap_days=45)
    claims = "person | claim | on | code | rendering_taxonomy\n1 | a | 2024-02-02 | 99391 | 208000000X"
    found = trace(count(VISIT, WINDOW, n=2, apart=14), population=(enrolled,), eligibility=eligibility, claims=claims)
    assert "\n".join(render([found])) + "\n" == (
        "m.r: R\n"
        "├─ person: born 2024-01-31\n"
        "├─ verdict: open: in the denominator, numerator not met\n"
        "├─ near miss: 1 of 2 dates of well_visit in the window\n"
        "├─ population\n"
        "│  └─ [yes] 1. step 0: enrolled from birth + 31 days to birthday 1 + 90 days,"
        " at most 1 gap of at most 45 days, and on birthday 1 + 90 days\n"
        "│     ├─ birthday 1 + 90 days = 2025-05-01\n"
        "│     ├─ window 2024-03-02 to 2025-05-01\n"
        "│     └─ [yes] enrollment (payer a, product line unknown)\n"
        "│        ├─ enrolled 2024-01-31 to 2024-06-01\n"
        "│        ├─ enrolled 2024-07-01 to (open)\n"
        "│        ├─ gap 2024-06-02 to 2024-06-30: 29 days, at most 45 days allowed\n"
        "│        └─ anchor date covered\n"
        "└─ numerator\n"
        "   └─ [no] 2 dates at least 14 days apart of well_visit from birth to birthday 1 + 90 days\n"
        "      ├─ window 2024-01-31 to 2025-05-01\n"
        "      └─ counted: 2024-02-02 medical_claim 99391, claim a\n"
    )


def test_the_codes_of_one_claim_and_day_are_one_line():
    both = EventSet((Trigger(Role.ANY, ("visit", "other")),), name="visit")
    claims = """
        person | claim | on         | code
        1      | a     | 2025-03-01 | 99391
        1      | a     | 2025-03-01 | 99392
        1      | b     | 2025-03-01 | 99391
        """
    found = trace(count(both, YEAR), claims=claims)
    assert [line.strip("│├└─ ") for line in render([found]) if "counted" in line] == [
        "counted: 2025-03-01 medical_claim 99391, 99392, claim a",
        "counted: 2025-03-01 medical_claim 99391, claim b",
    ]


def test_rows_passed_over_are_limited_to_the_nearest():
    claims = "person | claim | on | code\n" + "\n".join(f"1 | {i} | 2026-01-{i:02d} | 99391" for i in range(1, 21))
    found = trace(count(code("visit"), YEAR), claims=claims)
    lines = render([found], most_rows=3)
    shown = [line for line in lines if "passed over: " in line and "near miss" not in line]
    assert [line.split("passed over: ")[1][:10] for line in shown] == ["2026-01-01", "2026-01-02", "2026-01-03"]
    assert lines[-1].endswith("and 17 more passed over, further from the window")
    assert len([line for line in render([found], most_rows=None) if "passed over: " in line]) == 21


def test_rows_of_a_step_are_limited_too():
    claims = "person | claim | on | code\n" + "\n".join(f"1 | {i} | 2026-01-{i:02d} | 99391" for i in range(1, 21))
    found = trace(ALWAYS, population=(count(code("visit"), YEAR),), claims=claims)
    lines = render([found], most_rows=3)
    assert len([line for line in lines if "passed over: " in line and "near miss" not in line]) == 3
    assert any(line.endswith("and 17 more passed over, further from the window") for line in lines)


def test_a_total_names_its_members():
    plan = program(
        rate(ALWAYS, rate_id="a"),
        rate(ALWAYS, population=(Not(ALWAYS),), rate_id="b"),
        TotalOf("t", "Total", ("a", "b")),
        sets=SETS,
    )
    traces = JudgedPerson(plan, {"eligibility": people(1)}).traces()
    assert [t.rate for t in traces] == ["a", "b", "t"]
    assert render([traces[2]]) == [
        "m.t: Total",
        "├─ person: born 2020-06-15",
        "├─ verdict: met on 2025-01-01",
        "└─ total of a, b, each person once",
    ]
    assert traces[1].row.failed_step == 0
    (only_b,) = JudgedPerson(plan, {"eligibility": people(1)}).traces(["b"])
    assert render([only_b])[2] == "├─ verdict: not eligible: population step 1 is not met"


def test_every_source_of_a_dose_is_named_with_its_kind():
    """One dose in a claim, the registry and a health record; an order, a void record and a wrong class beside them."""
    rows = {
        "eligibility": people(1),
        "medical_claim": grid("medical_claim", "person | claim | on | code\n1 | a | 2025-03-01 | 90707"),
        "immunization": grid(
            "immunization",
            """
            person | on         | code | status
            1      | 2025-03-01 | 03   | completed
            1      | 2025-02-01 | 03   | not-done
            1      | 2025-02-02 | 03   | draft
            """,
        ),
        "procedure": grid(
            "procedure",
            "person | on | procedure_end_date | type | code\n1 | 2025-03-01 | 2025-03-02 | cpt | 90707",
        ),
        "service_request": grid("service_request", "person | on | type | code\n1 | 2025-02-20 | cpt | 90707"),
    }
    sets = {"mmr": codes(CVX="03", CPT="90707")}
    events = code("mmr", record_statuses=("completed", "unknown"))
    (found,) = JudgedPerson(program(rate(count(events, YEAR)), sets=sets), rows).traces()
    lines = [line.strip("├─└│ ") for line in render([found])]
    assert (
        lines[2]
        == "verdict: met on 2025-03-01 by medical_claim (claims), immunization (registry), procedure (clinical)"
    )
    assert lines[-6:] == [
        "passed over: 2025-02-01 immunization 03: record status is not-done",
        "passed over: 2025-02-02 immunization 03: record status draft not asked for",
        "passed over: 2025-02-20 service_request 90707: an order, which counts only where it is asked for",
        "counted: 2025-03-01 medical_claim 90707, claim a",
        "counted: 2025-03-01 immunization 03",
        "counted: 2025-03-01 to 2025-03-02 procedure 90707",
    ]


def test_encounters_of_another_class_are_passed_over():
    encounters = grid(
        "encounter",
        """
        person | on         | type | code  | encounter_class | encounter_type
        1      | 2025-03-01 | cpt  | 99391 | EMER            | office visit
        1      | 2025-03-02 | cpt  | 99391 |                 | office visit
        1      | 2025-03-03 | cpt  | 99391 | AMB             | telehealth
        """,
    )
    claims = grid("medical_claim", "person | claim | on | code\n1 | a | 2025-03-04 | 99391")
    events = code("visit", encounter_classes=("amb",), encounter_types=("office visit",))
    tables = {"eligibility": people(1), "encounter": encounters, "medical_claim": claims}
    (found,) = JudgedPerson(program(rate(count(events, YEAR)), sets=SETS), tables).traces()
    assert [row.passed_over for row in found.numerator.rows] == [
        "encounter class emer not asked for",
        "no encounter class",
        "encounter type telehealth not asked for",
        "no encounter class",
    ]


def test_a_trace_is_about_one_person():
    with pytest.raises(ValueError, match="one person, found 2"):
        JudgedPerson(program(rate(ALWAYS)), {"eligibility": people(1, 2)})
