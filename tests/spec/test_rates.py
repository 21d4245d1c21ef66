"""Population steps, exclusions, evidence and totals (semantics page, section 6)."""

from spec.grids import grid, people
from spec.plans import ALWAYS, END, YEAR, code, codes, count, end, first, program, rate, start
from vbpmeasure.plan.dates import Window, Windowed
from vbpmeasure.plan.flags import AgeBetween, AllOf, AnyOf, CountAtLeast, DateWithin, Not
from vbpmeasure.plan.measures import (
    MeasurePlan,
    Program,
    TotalOf,
    calendar_year,
)

SETS = {
    "a": codes(CPT="99391"),
    "b": codes(CPT="99392"),
    "c": codes(CPT="99393", CVX="08"),
    "d": codes(CPT="99394"),
}
A, B, C, D = (count(code(name), YEAR) for name in "abcd")
CODES = {"a": "99391", "b": "99392", "c": "99393", "d": "99394"}


def claims(**people_codes):
    """One claim in 2025 per letter: ab="a b"; the k-th letter stands for the first of the k-th month."""
    lines = [
        f"{person} | {person}{i} | 2025-{i + 1:02d}-01 | {CODES[letter]}"
        for person, letters in people_codes.items()
        for i, letter in enumerate(letters.split())
    ]
    return grid("medical_claim", "\n".join(["person | claim | on | code", *lines]))


def test_the_first_failed_step_is_named_and_who_fails_the_first_is_not_in_the_frame(judge):
    plan = program(rate(D, population=(A, B, C)), sets=SETS)
    words = judge(
        plan,
        eligibility=people("none", "a", "ab", "abc", "abcd", "bcd", "ac", "acd"),
        medical_claim=claims(a="a", ab="a b", abc="a b c", abcd="a b c d", bcd="b c d", ac="a c", acd="a c d"),
    )
    assert words == {
        "none": "absent",
        "a": "fails step 1",
        "ab": "fails step 2",
        "abc": "open",
        "abcd": "met 2025-04-01 by medical_claim",
        "bcd": "absent",
        "ac": "fails step 1",  # the first that fails, though a later one would hold
        "acd": "fails step 1",
    }


def test_the_first_exclusion_in_declared_order_is_the_reason(judge):
    by_b_first = program(rate(D, population=(A,), exclusions=(("with_b", B), ("with_c", C))), sets=SETS)
    by_c_first = program(rate(D, population=(A,), exclusions=(("with_c", C), ("with_b", B))), sets=SETS)
    tables = {
        "eligibility": people("a", "ab", "ac", "acb", "acbd", "bc"),
        "medical_claim": claims(a="a", ab="a b", ac="a c", acb="a c b", acbd="a c b d", bc="b c"),
    }
    first_b = judge(by_b_first, **tables)
    assert first_b == {
        "a": "open",
        "ab": "excluded: with_b",
        "ac": "excluded: with_c",
        "acb": "excluded: with_b",  # the order of the definition, not of the dates
        "acbd": "excluded: with_b",  # though the numerator is met
        "bc": "absent",
    }
    assert judge(by_c_first, **tables) == first_b | {"acb": "excluded: with_c", "acbd": "excluded: with_c"}


def test_who_is_not_in_the_population_is_not_excluded(judge):
    plan = program(rate(D, population=(A, B), exclusions=(("with_c", C),)), sets=SETS)
    words = judge(plan, eligibility=people("ac", "abc"), medical_claim=claims(ac="a c d", abc="a b c"))
    assert words == {"ac": "fails step 1", "abc": "excluded: with_c"}


def test_the_evidence_sources_are_the_tables_with_an_event_of_the_numerator_on_that_day(judge):
    """Any event set that the numerator names, inside its window or not; other days and other sets do not matter."""
    early = Window(start(), start(months=1))
    numerator = AllOf((count(code("a"), YEAR), Not(count(code("c"), early))))
    plan = program(
        rate(numerator, exclusions=(("with_d", count(code("d"), Window(end(days=1), end(days=9)))),)), sets=SETS
    )
    medical = grid(
        "medical_claim",
        """
        person     | claim | on         | code
        claim_only | 1     | 2025-03-01 | 99391
        with_shot  | 2     | 2025-03-01 | 99391
        shot_later | 3     | 2025-03-01 | 99391
        with_b     | 4     | 2025-03-01 | 99391
        """,
    )
    records = grid(
        "immunization",
        """
        person     | on         | type | code
        with_shot  | 2025-03-01 |      | 08
        shot_later | 2025-03-02 |      | 08
        with_b     | 2025-03-01 | cpt  | 99392
        """,
    )
    words = judge(
        plan,
        eligibility=people("claim_only", "with_shot", "shot_later", "with_b"),
        medical_claim=medical,
        immunization=records,
    )
    assert words == {
        "claim_only": "met 2025-03-01 by medical_claim",
        "with_shot": "met 2025-03-01 by medical_claim, immunization",
        "shot_later": "met 2025-03-01 by medical_claim",
        "with_b": "met 2025-03-01 by medical_claim",
    }


def test_a_refused_row_is_no_evidence(judge):
    plan = program(rate(count(code("c"), YEAR)), sets=SETS)
    records = grid("immunization", "person | on | code | status\n1 | 2025-03-01 | 08 | not-done")
    medical = grid("medical_claim", "person | claim | on | code\n1 | 1 | 2025-03-01 | 99393")
    words = judge(plan, eligibility=people(1), medical_claim=medical, immunization=records)
    assert words == {"1": "met 2025-03-01 by medical_claim"}


def test_first_events_that_only_anchor_a_date_are_no_evidence(judge):
    """The numerator counts b after the first a; an a of the evidence day is another matter."""
    after = Window(first(code("c"), YEAR), END)
    plan = program(rate(count(code("b"), after)), sets=SETS)
    medical = grid("medical_claim", "person | claim | on | code\n1 | 1 | 2025-03-01 | 99392")
    records = grid("immunization", "person | on | code\n1 | 2025-03-01 | 08")
    words = judge(plan, eligibility=people(1), medical_claim=medical, immunization=records)
    assert words == {"1": "met 2025-03-01 by medical_claim"}


def test_a_numerator_without_a_date_has_no_evidence(judge):
    plan = program(rate(AnyOf((AgeBetween(0, 99, END), AllOf((A, B))))), sets=SETS)
    assert judge(plan, eligibility=people(1), medical_claim=claims(**{"1": "a"})) == {"1": "met"}


def test_a_dated_numerator_on_a_day_without_events_has_no_sources(judge):
    assert judge(program(rate(DateWithin(END, YEAR))), eligibility=people(1)) == {"1": "met 2025-12-31 by no table"}


YOUNG, OLD = AgeBetween(0, 3, END), AgeBetween(4, 9, END)
EXCLUDED = (("hospice", D), ("moved", B))


def total_program(**more):
    return program(
        rate(A, population=(YOUNG,), exclusions=EXCLUDED, rate_id="young"),
        rate(A, population=(OLD,), exclusions=EXCLUDED, rate_id="old"),
        TotalOf("total", "Total", ("young", "old")),
        sets=SETS,
        **more,
    )


def test_a_total_is_the_union_of_its_members(judge):
    eligibility = [
        *people("young_met", "young_open", "young_out", born="2023-06-15"),
        *people("old_met", "old_out", born="2020-06-15"),
        *people("neither", born="2000-06-15"),
    ]
    found = judge(
        total_program(),
        eligibility=eligibility,
        medical_claim=claims(young_met="a", young_out="a b", old_met="c a", old_out="a d b"),
    )
    assert found["young"] == {
        "young_met": "met 2025-01-01 by medical_claim",
        "young_open": "open",
        "young_out": "excluded: moved",
        "old_met": "absent",
        "old_out": "absent",
        "neither": "absent",
    }
    assert found["total"] == {
        "young_met": "met 2025-01-01 by medical_claim",
        "young_open": "open",
        "young_out": "excluded: moved",
        "old_met": "met 2025-02-01 by medical_claim",
        "old_out": "excluded: hospice",
        "neither": "absent",
    }


def test_who_is_in_two_members_counts_once_in_the_total(judge):
    """Met in any, with the earliest date and the sources of that member; excluded only when excluded everywhere."""
    plan = program(
        rate(A, exclusions=(("moved", B),), rate_id="of_a"),
        rate(C, exclusions=(("moved", B),), rate_id="of_c"),
        TotalOf("total", "Total", ("of_a", "of_c")),
        sets=SETS,
    )
    medical = grid(
        "medical_claim",
        """
        person   | claim | on         | code
        a_first  | 1     | 2025-03-01 | 99391
        c_first  | 2     | 2025-03-01 | 99391
        only_a   | 3     | 2025-03-01 | 99391
        same_day | 4     | 2025-03-01 | 99391
        excluded | 5     | 2025-03-01 | 99391
        excluded | 6     | 2025-03-01 | 99392
        """,
    )
    records = grid(
        "immunization",
        """
        person   | on         | code
        a_first  | 2025-04-01 | 08
        c_first  | 2025-02-01 | 08
        same_day | 2025-03-01 | 08
        """,
    )
    found = judge(
        plan,
        eligibility=people("a_first", "c_first", "only_a", "same_day", "excluded", "nothing"),
        medical_claim=medical,
        immunization=records,
    )
    assert found["total"] == {
        "a_first": "met 2025-03-01 by medical_claim",
        "c_first": "met 2025-02-01 by immunization",
        "only_a": "met 2025-03-01 by medical_claim",
        "same_day": "met 2025-03-01 by medical_claim",  # the first member in order with that date
        "excluded": "excluded: moved",
        "nothing": "open",
    }


def test_a_total_outside_every_population_has_the_greatest_failed_step(judge):
    plan = program(
        rate(D, population=(ALWAYS, A), rate_id="two"),
        rate(D, population=(ALWAYS, B, C), rate_id="three"),
        rate(D, population=(C, A), rate_id="first_fails"),
        TotalOf("total", "Total", ("two", "three", "first_fails")),
        sets=SETS,
    )
    found = judge(plan, eligibility=people("none", "a", "b", "cb"), medical_claim=claims(a="a", b="b", cb="b c"))
    assert found["two"] == {"none": "fails step 1", "a": "open", "b": "fails step 1", "cb": "fails step 1"}
    assert found["three"] == {"none": "fails step 1", "a": "fails step 1", "b": "fails step 2", "cb": "open"}
    assert found["total"] == {"none": "fails step 1", "a": "open", "b": "fails step 2", "cb": "open"}


def test_in_a_total_a_member_out_of_the_population_has_no_say_about_exclusion(judge):
    """Excluded in the one member that has them in its population: excluded in the total."""
    plan = program(
        rate(C, population=(ALWAYS, A), exclusions=(("moved", B),), rate_id="with_a"),
        rate(C, population=(ALWAYS, D), exclusions=(("moved", B),), rate_id="with_d"),
        TotalOf("total", "Total", ("with_d", "with_a")),
        sets=SETS,
    )
    found = judge(plan, eligibility=people("ab", "b"), medical_claim=claims(ab="a b c", b="b c"))
    assert found["with_d"] == {"ab": "fails step 1", "b": "fails step 1"}
    assert found["total"] == {"ab": "excluded: moved", "b": "fails step 1"}


def test_a_total_met_without_a_date(judge):
    plan = program(
        rate(AgeBetween(0, 99, END), rate_id="undated"),
        rate(A, rate_id="dated"),
        TotalOf("total", "Total", ("undated", "dated")),
        sets=SETS,
    )
    found = judge(plan, eligibility=people("a", "none"), medical_claim=claims(a="a"))
    assert found["total"] == {"a": "met 2025-01-01 by medical_claim", "none": "met"}


def test_several_measures_are_judged_together(judge):
    plan = total_program()
    second = MeasurePlan("second", "Second", "1", "active", (rate(B, rate_id="other"),))
    both = Program((*plan.measures, second), calendar_year(2025), plan.value_sets)
    found = judge(both, eligibility=people("x"), medical_claim=claims(x="b"))
    assert found == {
        "young": {"x": "absent"},
        "old": {"x": "excluded: moved"},
        "total": {"x": "excluded: moved"},
        "other": {"x": "met 2025-01-01 by medical_claim"},
    }


def test_the_n_th_date_of_a_count_is_the_evidence_date(judge):
    flag = CountAtLeast((Windowed(code("a"), YEAR),), n=2)
    words = judge(program(rate(flag), sets=SETS), eligibility=people("x"), medical_claim=claims(x="a a a"))
    assert words == {"x": "met 2025-02-01 by medical_claim"}
