"""Plans without supplemental evidence: numerators are narrowed, everything else stays (semantics, section 13)."""

from spec.grids import grid, people
from spec.plans import YEAR, code, codes, count, first, index, program, rate, since, start
from vbpmeasure.plan.dates import Window
from vbpmeasure.plan.flags import AnyOf, Not
from vbpmeasure.plan.supplemental import SUPPLEMENTAL_TABLES, without_supplemental

SETS = {"v": codes(CPT="99391", SNOMEDCT="185349003", CVX="08"), "x": codes(SNOMEDCT="170935008", CPT="99377")}
VISIT, HOSPICE = code("v"), code("x")


def narrowed(*rates):
    return without_supplemental(program(*rates, sets=SETS), SUPPLEMENTAL_TABLES)


TABLES = {
    "medical_claim": grid("medical_claim", "person | on | code\nclaim | 2025-03-01 | 99391\nboth | 2025-04-01 | 99391"),
    "immunization": grid("immunization", "person | on | type | code\nshot | 2025-03-01 | cvx | 08"),
    "procedure": grid(
        "procedure", "person | on | type | code\nchart | 2025-03-01 | cpt | 99391\nboth | 2025-03-01 | cpt | 99391"
    ),
}
EVERYONE = people("claim", "both", "shot", "chart", "none")


def test_a_numerator_is_met_by_claims_and_registry_alone(judge):
    found = judge(narrowed(rate(count(VISIT, YEAR))), eligibility=EVERYONE, **TABLES)
    assert found == {
        "claim": "met 2025-03-01 by medical_claim",
        "both": "met 2025-04-01 by medical_claim",
        "shot": "met 2025-03-01 by immunization",
        "chart": "open",
        "none": "open",
    }


def test_with_all_evidence_the_chart_counts_and_keeps_its_source(judge):
    found = judge(program(rate(count(VISIT, YEAR)), sets=SETS), eligibility=EVERYONE, **TABLES)
    assert found["chart"] == "met 2025-03-01 by procedure"
    assert found["both"] == "met 2025-03-01 by procedure"


def test_a_numerator_of_clinical_records_alone_is_met_by_no_one(judge):
    found = judge(narrowed(rate(count(code("v", sources=("procedure",)), YEAR))), eligibility=EVERYONE, **TABLES)
    assert set(found.values()) == {"open"}


def test_only_the_alternatives_that_are_supplemental_go(judge):
    either = AnyOf((count(code("v", sources=("procedure",)), YEAR), count(code("v", sources=("immunization",)), YEAR)))
    found = judge(narrowed(rate(either)), eligibility=EVERYONE, **TABLES)
    assert [person for person, words in sorted(found.items()) if words != "open"] == ["shot"]


def test_exclusions_and_populations_stay(judge):
    records = grid("condition", "person | on | type | code\nclaim | 2025-01-05 | snomed-ct | 170935008")
    asked = rate(count(VISIT, YEAR), exclusions=[("hospice", count(HOSPICE, YEAR))])
    found = judge(narrowed(asked), eligibility=EVERYONE, condition=records, **TABLES)
    assert found["claim"] == "excluded: hospice"
    asked = rate(count(VISIT, YEAR), population=(count(code("v", sources=("procedure",)), YEAR),))
    found = judge(narrowed(asked), eligibility=EVERYONE, **TABLES)
    assert found == {
        "chart": "open",
        "both": "met 2025-04-01 by medical_claim",
        "claim": "absent",
        "shot": "absent",
        "none": "absent",
    }


def test_evidence_against_goes_as_evidence_for_does(judge):
    found = judge(narrowed(rate(Not(count(VISIT, YEAR)))), eligibility=EVERYONE, **TABLES)
    assert [person for person, words in sorted(found.items()) if words == "met"] == ["chart", "none"]


def test_dates_that_a_numerator_counts_from_are_narrowed_too(judge):
    # A second visit from the day after the first: in the chart of `both` the first is 2025-03-01, on claims 2025-04-01.
    after = Window(first(VISIT, YEAR, days=1), start(months=12))
    asked = rate(count(VISIT, after))
    assert judge(program(asked, sets=SETS), eligibility=EVERYONE, **TABLES)["both"].startswith("met")
    assert judge(narrowed(asked), eligibility=EVERYONE, **TABLES)["both"] == "open"


def test_index_events_stay_and_their_follow_up_is_narrowed(judge_units):
    asked = rate(count(VISIT, since(1, 60)), units=index(code("v", sources=("procedure",))))
    found = judge_units(narrowed(asked), eligibility=EVERYONE, **TABLES)
    assert found["both"] == ["2025-03-01 met 2025-04-01 by medical_claim"]
    assert found["chart"] == ["2025-03-01 open"]


def test_a_program_without_supplemental_events_is_the_same():
    asked = program(rate(count(code("v", sources=("medical_claim",)), YEAR)), sets=SETS)
    assert without_supplemental(asked, SUPPLEMENTAL_TABLES) == asked
