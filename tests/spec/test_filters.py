"""Filters on the row that carries the code (semantics page, section 3: place ... sources)."""

import pytest

from spec.grids import grid, people
from spec.plans import YEAR, code, codes, count, diagnosis, program, rate, same
from vbpmeasure.plan.events import EventSet, LineFilter, Role, Trigger

SETS = {
    "v": codes(CPT="99391", CVX="08", ICD10CM="Z00121"),
    "lab": codes(POS="81"),
    "office": codes(POS="11"),
    "tele": codes(MODIFIER="95 GT"),
    "pcp": codes(NUCC="208000000X 207Q00000X"),
    "obgyn": codes(NUCC="207V00000X"),
    "dx": codes(ICD10CM="Z00121"),
    "other_dx": codes(ICD10CM="J4520"),
    "visit": codes(CPT="99391", CVX="08"),
}


def met(judge, events, **tables):
    """Return the people with an event of the set in 2025."""
    ids = sorted({row["person_id"] for name, rows in tables.items() if name != "practitioner" for row in rows})
    words = judge(program(rate(count(events, YEAR)), sets=SETS), eligibility=people(*ids), **tables)
    return {person for person, text in words.items() if text.startswith("met")}


PLACES = """
    person  | claim | on         | code  | place
    office  | 1     | 2025-03-01 | 99391 | 11
    lab     | 2     | 2025-03-01 | 99391 | 81
    null    | 3     | 2025-03-01 | 99391 |
    home    | 4     | 2025-03-01 | 99391 | 12
    """
RECORD = "person | on | code\nrecord | 2025-03-01 | 08"


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ({"place_in": ("office",)}, {"office"}),
        ({"place_in": ("office", "lab")}, {"office", "lab"}),
        ({"place_not_in": ("lab",)}, {"office", "null", "home", "record"}),
        ({"place_not_in": ("lab", "office")}, {"null", "home", "record"}),
        ({"place_in": ("office", "lab"), "place_not_in": ("lab",)}, {"office"}),
    ],
)
def test_place_of_service(judge, where, expected):
    """Null, and any record row, fails an `in` and passes a `not in`."""
    tables = {"medical_claim": grid("medical_claim", PLACES), "immunization": grid("immunization", RECORD)}
    assert met(judge, code("v", **where), **tables) == expected


MODIFIERS = """
    person | claim | on         | code  | mod1 | mod2 | mod5
    first  | 1     | 2025-03-01 | 99391 | 95   |      |
    second | 2     | 2025-03-01 | 99391 | 25   | GT   |
    fifth  | 3     | 2025-03-01 | 99391 |      |      | 95
    other  | 4     | 2025-03-01 | 99391 | 25   |      |
    none   | 5     | 2025-03-01 | 99391 |      |      |
    """


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ({"modifier_in": ("tele",)}, {"first", "second", "fifth"}),
        ({"modifier_not_in": ("tele",)}, {"other", "none", "record"}),
    ],
)
def test_modifiers_in_any_position(judge, where, expected):
    tables = {"medical_claim": grid("medical_claim", MODIFIERS), "immunization": grid("immunization", RECORD)}
    assert met(judge, code("v", **where), **tables) == expected


PRACTITIONERS = """
    npi        | taxonomy_code
    1000000001 | 208000000X
    1000000002 | 207V00000X
    1000000003 | 207V00000X
    1000000003 | 207Q00000X
    1000000004 |
    """
PROVIDERS = """
    person          | claim | on         | code  | rendering_taxonomy | rendering_npi | billing_taxonomy | billing_npi
    on_row          | 1     | 2025-03-01 | 99391 | 208000000X         |               |                  |
    by_npi          | 2     | 2025-03-01 | 99391 |                    | 1000000001    |                  |
    second_of_npi   | 3     | 2025-03-01 | 99391 |                    | 1000000003    |                  |
    npi_saves_row   | 4     | 2025-03-01 | 99391 | 207V00000X         | 1000000001    |                  |
    row_saves_npi   | 5     | 2025-03-01 | 99391 | 208000000X         | 1000000002    |                  |
    billing_row     | 6     | 2025-03-01 | 99391 |                    |               | 208000000X       |
    billing_npi     | 7     | 2025-03-01 | 99391 |                    |               |                  | 1000000001
    empty_npi       | 8     | 2025-03-01 | 99391 |                    | 1000000004    | 208000000X       |
    unlisted_npi    | 9     | 2025-03-01 | 99391 |                    | 9999999999    |                  | 1000000001
    rendering_wins  | 10    | 2025-03-01 | 99391 | 207V00000X         |               | 208000000X       |
    npi_wins        | 11    | 2025-03-01 | 99391 |                    | 1000000002    | 208000000X       |
    obgyn           | 12    | 2025-03-01 | 99391 | 207V00000X         |               |                  |
    nobody          | 13    | 2025-03-01 | 99391 |                    |               |                  |
    all_unknown     | 14    | 2025-03-01 | 99391 |                    | 9999999999    |                  | 1000000004
    """
PCPS = {
    "on_row",
    "by_npi",
    "second_of_npi",
    "npi_saves_row",
    "row_saves_npi",
    "billing_row",
    "billing_npi",
    "empty_npi",
    "unlisted_npi",
}


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ({"provider_in": ("pcp",)}, PCPS),
        ({"provider_in": ("pcp",), "unknown_provider": True}, PCPS | {"nobody", "all_unknown", "record"}),
        ({"provider_in": ("pcp", "obgyn")}, PCPS | {"rendering_wins", "npi_wins", "obgyn"}),
        ({}, PCPS | {"rendering_wins", "npi_wins", "obgyn", "nobody", "all_unknown", "record"}),
    ],
)
def test_provider_specialty_with_fallback_to_billing(judge, where, expected):
    """Rendering on the row together with the practitioner table; billing only when rendering is unknown."""
    tables = {
        "medical_claim": grid("medical_claim", PROVIDERS),
        "practitioner": grid("practitioner", PRACTITIONERS),
        "immunization": grid("immunization", RECORD),
    }
    assert met(judge, code("v", **where), **tables) == expected


def test_providers_without_a_practitioner_table(judge):
    claims = grid("medical_claim", PROVIDERS)
    assert met(judge, code("v", provider_in=("pcp",)), medical_claim=claims) == {
        "on_row",
        "row_saves_npi",
        "billing_row",
        "empty_npi",
        "npi_wins",  # nothing is known of the rendering provider now
    }


STATUSES = """
    person   | claim | on         | code  | status
    null     | 1     | 2025-03-01 | 99391 |
    paid     | 2     | 2025-03-01 | 99391 | paid
    capital  | 3     | 2025-03-01 | 99391 | PAID
    pending  | 4     | 2025-03-01 | 99391 | pending
    denied   | 5     | 2025-03-01 | 99391 | Denied
    reversed | 6     | 2025-03-01 | 99391 | reversed
    shouted  | 7     | 2025-03-01 | 99391 | REVERSED
    house    | 8     | 2025-03-01 | 99391 | finalized
    """


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ({}, {"null", "paid", "capital", "pending", "denied", "house"}),
        ({"statuses": ("paid",)}, {"null", "paid", "capital", "house"}),
        ({"statuses": ("paid", "pending")}, {"null", "paid", "capital", "pending", "house"}),
        (
            {"statuses": ("paid", "pending", "denied", "reversed")},
            {"null", "paid", "capital", "pending", "denied", "house", "reversed", "shouted"},
        ),
        ({"statuses": ("reversed",)}, {"null", "house", "reversed", "shouted"}),
    ],
)
def test_claim_status(judge, where, expected):
    """Known statuses count when asked for; null and texts of the house always do."""
    assert met(judge, code("v", **where), medical_claim=grid("medical_claim", STATUSES)) == expected


def test_void_records_never_count_whatever_claim_status_is_asked_for(judge):
    records = grid(
        "immunization",
        """
        person    | on         | code | status
        null      | 2025-03-01 | 08   |
        completed | 2025-03-01 | 08   | completed
        error     | 2025-03-01 | 08   | entered-in-error
        capital   | 2025-03-01 | 08   | Entered-In-Error
        not_done  | 2025-03-01 | 08   | not-done
        cancelled | 2025-03-01 | 08   | cancelled
        in_error  | 2025-03-01 | 08   | in-error
        american  | 2025-03-01 | 08   | Canceled
        revoked   | 2025-03-01 | 08   | revoked
        declined  | 2025-03-01 | 08   | declined
        refuted   | 2025-03-01 | 08   | refuted
        denied    | 2025-03-01 | 08   | denied
        """,
    )
    for statuses in (("paid",), ("paid", "pending", "denied", "reversed")):
        assert met(judge, code("v", statuses=statuses), immunization=records) == {"null", "completed", "denied"}


def test_sources(judge):
    tables = {
        "medical_claim": grid("medical_claim", "person | claim | on | code\nclaim | 1 | 2025-03-01 | 99391"),
        "immunization": grid("immunization", RECORD),
        "condition": grid("condition", "person | on | code\ncondition | 2025-03-01 | Z00.121"),
    }
    assert met(judge, code("v"), **tables) == {"claim", "record", "condition"}
    assert met(judge, code("v", sources=("medical_claim",)), **tables) == {"claim"}
    assert met(judge, code("v", sources=("immunization", "condition")), **tables) == {"record", "condition"}
    assert met(judge, diagnosis("v", sources=("immunization",)), **tables) == set()


CLAIM_LINES = """
    person      | claim | on         | code  | dx1   | dx2   | status   | place
    one_line    | a     | 2025-03-01 | 99391 | Z00121|       |          |
    two_lines   | b     | 2025-03-01 | 99391 | J4520 |       |          |
    two_lines   | b     | 2025-03-01 | 85025 | J4520 | Z00121|          |
    other_day   | c     | 2025-03-01 | 99391 |       |       |          |
    other_day   | c     | 2026-03-01 |       | Z00121|       |          |
    other_claim | d     | 2025-03-01 | 99391 |       |       |          |
    other_claim | e     | 2025-03-01 | 85025 | Z00121|       |          |
    reversed    | f     | 2025-03-01 | 99391 |       |       |          |
    reversed    | f     | 2025-03-01 | 85025 | Z00121|       | reversed | 81
    no_claim_id |       | 2025-03-01 | 99391 | Z00121|       |          |
    undated     | g     | 2025-03-01 | 99391 |       |       |          |
    undated     | g     |            | 85025 | Z00121|       |          |
    """


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        (
            {"same_claim": (same("diagnosis", "dx"),)},
            {"one_line", "two_lines", "other_day", "reversed", "undated"},
        ),
        ({"same_claim": (same("principal_diagnosis", "dx"),)}, {"one_line", "other_day", "reversed", "undated"}),
        ({"same_claim": (same("diagnosis", "dx"), same("diagnosis", "other_dx"))}, {"two_lines"}),
        (
            {"same_claim": (same("diagnosis", "dx", "other_dx"),)},
            {"one_line", "two_lines", "other_day", "reversed", "undated"},
        ),
        ({"not_same_claim": (same("diagnosis", "dx"),)}, {"other_claim", "no_claim_id", "record"}),
        (
            {"not_same_claim": (same("diagnosis", "other_dx"),)},
            {"one_line", "other_day", "other_claim", "reversed", "no_claim_id", "undated", "record"},
        ),
        (
            {"same_claim": (same("diagnosis", "dx"),), "not_same_claim": (same("diagnosis", "other_dx"),)},
            {"one_line", "other_day", "reversed", "undated"},
        ),
    ],
)
def test_codes_on_the_same_claim(judge, where, expected):
    """The other row needs nothing but the claim, the person and the code: no date, no status, no place."""
    tables = {"medical_claim": grid("medical_claim", CLAIM_LINES), "immunization": grid("immunization", RECORD)}
    assert met(judge, code("visit", **where), **tables) == expected


def test_a_claim_belongs_to_one_person(judge):
    """Two people may share a claim id (a newborn's claims, a careless extract): codes do not cross over."""
    claims = grid(
        "medical_claim",
        """
        person | claim | on         | code  | dx1
        child  | a     | 2025-03-01 | 99391 |
        mother | a     | 2025-03-01 | 85025 | Z00121
        """,
    )
    assert met(judge, code("visit", same_claim=(same("diagnosis", "dx"),)), medical_claim=claims) == set()
    without = code("visit", not_same_claim=(same("diagnosis", "dx"),))
    assert met(judge, without, medical_claim=claims) == {"child"}


def test_all_conditions_of_a_filter_must_hold(judge):
    claims = grid(
        "medical_claim",
        """
        person   | claim | on         | code  | place | mod1 | rendering_taxonomy | status | dx1
        all      | 1     | 2025-03-01 | 99391 | 11    | 95   | 208000000X         | paid   | Z00121
        place    | 2     | 2025-03-01 | 99391 | 81    | 95   | 208000000X         | paid   | Z00121
        modifier | 3     | 2025-03-01 | 99391 | 11    |      | 208000000X         | paid   | Z00121
        provider | 4     | 2025-03-01 | 99391 | 11    | 95   | 207V00000X         | paid   | Z00121
        status   | 5     | 2025-03-01 | 99391 | 11    | 95   | 208000000X         | denied | Z00121
        claim    | 6     | 2025-03-01 | 99391 | 11    | 95   | 208000000X         | paid   | J4520
        """,
    )
    where = {
        "place_in": ("office",),
        "modifier_in": ("tele",),
        "provider_in": ("pcp",),
        "statuses": ("paid",),
        "sources": ("medical_claim",),
        "same_claim": (same("diagnosis", "dx"),),
    }
    assert met(judge, code("v", **where), medical_claim=claims) == {"all"}


def test_a_filter_holds_for_the_row_that_carries_the_code(judge):
    """The place of another line of the claim does not matter."""
    claims = grid(
        "medical_claim",
        """
        person | claim | on         | code  | place
        split  | 1     | 2025-03-01 | 99391 | 81
        split  | 1     | 2025-03-01 | 85025 | 11
        """,
    )
    assert met(judge, code("v", place_in=("office",)), medical_claim=claims) == set()


def test_each_trigger_has_its_own_filter(judge):
    events = EventSet(
        (
            Trigger(Role.ANY, ("v",), LineFilter(place_in=("office",))),
            Trigger(Role.DIAGNOSIS, ("other_dx",), LineFilter(place_in=("lab",))),
        )
    )
    claims = grid(
        "medical_claim",
        """
        person        | claim | on         | code  | dx1   | place
        visit_office  | 1     | 2025-03-01 | 99391 |       | 11
        visit_lab     | 2     | 2025-03-01 | 99391 |       | 81
        asthma_lab    | 3     | 2025-03-01 |       | J4520 | 81
        asthma_office | 4     | 2025-03-01 |       | J4520 | 11
        """,
    )
    assert met(judge, events, medical_claim=claims) == {"visit_office", "asthma_lab"}
