"""Which codes a row carries, and what they match (semantics page, section 3: codes, matching, roles)."""

import pytest

from spec.grids import grid, people
from spec.plans import YEAR, code, codes, count, diagnosis, principal, program, rate


def found(judge, events, claims=None, sets=None, **tables):
    """Return the people with an event of the set in 2025."""
    if claims is not None:
        tables["medical_claim"] = grid("medical_claim", claims)
    ids = {row["person_id"] for rows in tables.values() for row in rows} | {"nobody"}
    words = judge(program(rate(count(events, YEAR)), sets=sets), eligibility=people(*sorted(ids)), **tables)
    return {person for person, text in words.items() if text.startswith("met")}


def test_procedure_codes_of_a_claim_share_one_column(judge):
    claims = """
        person   | claim | on         | code
        cpt      | 1     | 2025-03-01 | 99391
        hcpcs    | 2     | 2025-03-01 | G0438
        cdt      | 3     | 2025-03-01 | D0120
        prefix   | 4     | 2025-03-01 | D1206
        shorter  | 5     | 2025-03-01 | D1
        other    | 6     | 2025-03-01 | D2140
        null     | 7     | 2025-03-01 |
        """
    sets = {"v": codes(CPT="99391", HCPCS="G0438", CDT="D0120", CDT_PREFIX="D1")}
    assert found(judge, code("v"), claims, sets) == {"cpt", "hcpcs", "cdt", "prefix", "shorter"}
    # The label of a code in the value set does not matter within the family.
    assert found(judge, code("v"), claims, {"v": codes(CDT="99391 G0438")}) == {"cpt", "hcpcs"}


def test_codes_are_text_and_match_as_a_whole(judge):
    claims = """
        person | claim | on         | code
        same   | 1     | 2025-03-01 | 99391
        longer | 2     | 2025-03-01 | 993911
        part   | 3     | 2025-03-01 | 9939
        """
    assert found(judge, code("v"), claims, {"v": codes(CPT="99391")}) == {"same"}


@pytest.mark.parametrize("wanted", ["Z00121", "Z00.121"])
def test_the_dot_of_a_diagnosis_never_matters(judge, wanted):
    claims = """
        person  | claim | on         | dx1    | dx2
        dotted  | 1     | 2025-03-01 | Z00.121|
        bare    | 2     | 2025-03-01 | Z00121 |
        second  | 3     | 2025-03-01 | J45.20 | Z00.121
        other   | 4     | 2025-03-01 | Z00.129|
        parent  | 5     | 2025-03-01 | Z00.12 |
        """
    sets = {"dx": codes(ICD10CM=wanted)}
    assert found(judge, diagnosis("dx"), claims, sets) == {"dotted", "bare", "second"}


def test_a_code_of_three_characters_has_no_dot(judge):
    claims = """
        person | claim | on         | dx1
        bare   | 1     | 2025-03-01 | B20
        longer | 2     | 2025-03-01 | B20.1
        """
    assert found(judge, diagnosis("dx"), claims, {"dx": codes(ICD10CM="B20")}) == {"bare"}


def test_roles_on_claims(judge):
    claims = """
        person    | claim | on         | code  | dx1   | dx2   | dx25
        principal | 1     | 2025-03-01 |       | Z0000 |       |
        second    | 2     | 2025-03-01 |       | J4520 | Z0000 |
        last      | 3     | 2025-03-01 |       | J4520 |       | Z0000
        as_code   | 4     | 2025-03-01 | Z0000 |       |       |
        """
    sets = {"v": codes(ICD10CM="Z0000")}
    assert found(judge, code("v"), claims, sets) == {"principal", "second", "last"}
    assert found(judge, diagnosis("v"), claims, sets) == {"principal", "second", "last"}
    assert found(judge, principal("v"), claims, sets) == {"principal"}


def test_a_diagnosis_role_does_not_look_at_procedures(judge):
    claims = """
        person    | claim | on         | code  | dx1
        procedure | 1     | 2025-03-01 | 99391 |
        """
    both = {"v": codes(CPT="99391", ICD10CM="Z0000")}
    assert found(judge, diagnosis("v"), claims, both) == set()
    assert found(judge, principal("v"), claims, both) == set()
    assert found(judge, code("v"), claims, both) == {"procedure"}


def test_a_code_of_one_system_never_matches_another(judge):
    """Z00 as a diagnosis is no revenue code, whatever the text."""
    claims = """
        person  | claim | on         | revenue_center_code | discharge_disposition_code | place
        revenue | 1     | 2025-03-01 | 0450                |                            |
        left    | 2     | 2025-03-01 |                     | 20                         |
        place   | 3     | 2025-03-01 |                     |                            | 20
        """
    sets = {"rev": codes(UBREV="0450 20"), "disp": codes(UBDISP="20"), "pos": codes(POS="20")}
    assert found(judge, code("rev"), claims, sets) == {"revenue"}
    assert found(judge, code("disp"), claims, sets) == {"left"}
    assert found(judge, code("pos"), claims, sets) == set()  # a place is a filter, never a trigger


def test_revenue_codes_and_bill_types_that_lost_their_zeros(judge):
    claims = """
        person      | claim | on         | revenue_center_code | bill_type_code
        revenue     | 1     | 2025-03-01 | 0450                |
        short       | 2     | 2025-03-01 | 450                 |
        other       | 3     | 2025-03-01 | 4500                |
        bill        | 4     | 2025-03-01 |                     | 0111
        short_bill  | 5     | 2025-03-01 |                     | 111
        other_bill  | 6     | 2025-03-01 |                     | 0131
        """
    sets = {"rev": codes(UBREV="0450"), "bill": codes(UBTOB_PREFIX="011")}
    assert found(judge, code("rev"), claims, sets) == {"revenue", "short"}
    assert found(judge, code("bill"), claims, sets) == {"bill", "short_bill"}


def test_the_type_columns_of_claims_name_another_system(judge):
    claims = """
        person   | claim | on         | diagnosis_code_type | dx1    | procedure_code_type | px1
        null     | 1     | 2025-03-01 |                     | Z00121 |                     |
        named    | 2     | 2025-03-01 | icd-10-cm           | Z00121 |                     |
        ninth    | 3     | 2025-03-01 | icd-9-cm            | Z00121 |                     |
        unknown  | 4     | 2025-03-01 | house list          | Z00121 |                     |
        snomed   | 5     | 2025-03-01 | snomed-ct           | 123456 |                     |
        pcs      | 6     | 2025-03-01 |                     |        |                     | 10E0XZZ
        pcs_too  | 7     | 2025-03-01 |                     |        | ICD-10-PCS          | 10E0XZZ
        cpt      | 8     | 2025-03-01 |                     |        | cpt                 | 10E0XZZ
        """
    sets = {"dx": codes(ICD10CM="Z00121", SNOMEDCT="123456"), "px": codes(ICD10PCS="10E0XZZ")}
    assert found(judge, diagnosis("dx"), claims, sets) == {"null", "named", "snomed"}
    assert found(judge, code("dx"), claims, sets) == {"null", "named", "snomed"}
    assert found(judge, code("px"), claims, sets) == {"pcs", "pcs_too"}


def test_procedures_have_dates_of_their_own(judge):
    claims = """
        person    | claim | on         | px1     | procedure_date_1 | px2     | procedure_date_2
        own       | 1     | 2024-12-30 | 10E0XZZ | 2025-01-01       |         |
        like_row  | 2     | 2025-03-01 | 10E0XZZ |                  |         |
        moved_out | 3     | 2025-01-01 | 10E0XZZ | 2024-12-31       |         |
        second    | 4     | 2024-12-30 | 0TY00Z0 | 2024-12-31       | 10E0XZZ | 2025-01-02
        others    | 5     | 2024-12-30 | 0TY00Z0 | 2025-01-01       | 10E0XZZ | 2024-12-31
        undated   | 6     |            | 10E0XZZ | 2025-01-01       |         |
        no_date   | 7     |            | 10E0XZZ |                  |         |
        """
    sets = {"px": codes(ICD10PCS="10E0XZZ")}
    # A procedure with a date of its own needs none of the row.
    assert found(judge, code("px"), claims, sets) == {"own", "like_row", "second", "undated"}


def test_the_line_date_comes_before_the_claim_date(judge):
    claims = """
        person | claim | claim_start_date | claim_line_start_date | code
        line   | 1     | 2024-12-30       | 2025-01-02            | 99391
        header | 2     | 2025-01-02       |                       | 99391
        out    | 3     | 2025-01-02       | 2024-12-30            | 99391
        undated| 4     |                  |                       | 99391
        """
    assert found(judge, code("v"), claims, {"v": codes(CPT="99391")}) == {"line", "header"}


def test_value_sets_of_a_trigger_are_alternatives(judge):
    claims = """
        person | claim | on         | code
        a      | 1     | 2025-03-01 | 99391
        b      | 2     | 2025-03-01 | 99392
        c      | 3     | 2025-03-01 | 99393
        """
    sets = {"a": codes(CPT="99391"), "b": codes(CPT="99392")}
    assert found(judge, code("a", "b"), claims, sets) == {"a", "b"}


IMMUNIZATIONS = """
    person     | on         | type                        | code
    default    | 2025-03-01 |                             | 08
    named      | 2025-03-01 | cvx                         | 08
    address    | 2025-03-01 | http://hl7.org/fhir/sid/cvx | 08
    no_zero    | 2025-03-01 | cvx                         | 8
    cpt        | 2025-03-01 | CPT                         | 90707
    as_hcpcs   | 2025-03-01 | hcpcs                       | 90707
    as_cvx     | 2025-03-01 | cvx                         | 90707
    unknown    | 2025-03-01 | house list                  | 08
    other      | 2025-03-01 | snomed-ct                   | 08
    no_code    | 2025-03-01 | cvx                         |
    no_date    |            | cvx                         | 08
    last_year  | 2024-12-31 | cvx                         | 08
    """


def test_records_name_their_code_system(judge):
    sets = {"v": codes(CVX="08", CPT="90707")}
    records = grid("immunization", IMMUNIZATIONS)
    assert found(judge, code("v"), sets=sets, immunization=records) == {
        "default",
        "named",
        "address",
        "cpt",
        "as_hcpcs",
    }


def test_records_of_the_procedure_family_meet_prefix_sets(judge):
    """Extracts call dental codes CDT, HCPCS or CPT; the beginning of a code is compared whatever they say."""
    records = grid(
        "procedure",
        """
        person  | on         | type      | code
        default | 2025-03-01 |           | D1206
        cdt     | 2025-03-01 | cdt       | D1206
        hcpcs   | 2025-03-01 | HCPCS     | D1351
        cpt     | 2025-03-01 | cpt       | D1
        other   | 2025-03-01 | cdt       | D2140
        snomed  | 2025-03-01 | snomed-ct | D1206
        """,
    )
    sets = {"v": codes(CDT_PREFIX="D1")}
    assert found(judge, code("v"), sets=sets, procedure=records) == {"default", "cdt", "hcpcs", "cpt"}


def test_both_code_pairs_of_a_record_are_looked_at(judge):
    records = grid(
        "immunization",
        """
        person     | on         | source_code_type | source_code | normalized_code_type | normalized_code
        source     | 2025-03-01 | cvx              | 08          | cpt                  | 99999
        normalized | 2025-03-01 | house list       | X1          | cvx                  | 08
        crossed    | 2025-03-01 | cvx              | X1          | cpt                  | 08
        """,
    )
    sets = {"v": codes(CVX="08")}
    assert found(judge, code("v"), sets=sets, immunization=records) == {"source", "normalized"}


@pytest.mark.parametrize(
    ("table", "system", "text"),
    [
        ("immunization", "CVX", "08"),
        ("lab_result", "LOINC", "10912-2"),
        ("observation", "LOINC", "73831-0"),
        ("condition", "ICD10CM", "Z00121"),
        ("procedure", "CPT", "99391"),
        ("procedure", "CDT_PREFIX", "D1"),
        ("pharmacy_claim", "NDC", "00071015523"),
    ],
)
def test_the_default_system_of_each_table(judge, table, system, text):
    name = "ndc_code" if table == "pharmacy_claim" else "code"
    claim = ("claim |", "c |") if table == "pharmacy_claim" else ("", "")
    data = "D1206" if text == "D1" else text
    records = grid(table, f"person | {claim[0]} on | {name}\n1 | {claim[1]} 2025-03-01 | {data}")
    words = judge(
        program(rate(count(code("v"), YEAR)), sets={"v": codes(**{system: text})}),
        eligibility=people(1, 2),
        **{table: records},
    )
    assert words == {"1": f"met 2025-03-01 by {table}", "2": "open"}


def test_a_drug_may_be_named_by_its_ingredient(judge):
    records = grid(
        "pharmacy_claim",
        """
        person | claim | on         | ndc_code_type | ndc_code
        1      | a     | 2025-03-01 | ingredient    | methylphenidate
        2      | b     | 2025-03-01 | ndc           | methylphenidate
        3      | c     | 2025-03-01 | ingredient    | guanfacine
        """,
    )
    words = judge(
        program(rate(count(code("v"), YEAR)), sets={"v": codes(INGREDIENT="methylphenidate")}),
        eligibility=people(1, 2, 3),
        pharmacy_claim=records,
    )
    assert words == {"1": "met 2025-03-01 by pharmacy_claim", "2": "open", "3": "open"}


def test_an_encounter_has_no_default_system(judge):
    records = grid(
        "encounter",
        """
        person | on         | type      | code
        typed  | 2025-03-01 | snomed-ct | 185349003
        null   | 2025-03-01 |           | 185349003
        """,
    )
    assert found(judge, code("v"), sets={"v": codes(SNOMEDCT="185349003")}, encounter=records) == {"typed"}


def test_the_diagnosis_role_on_records(judge):
    """All codes of a condition are diagnoses; no other record row has one, and none has a principal one."""
    sets = {"v": codes(SNOMEDCT="363406005", ICD10CM="C18.9")}
    tables = {
        "condition": grid(
            "condition",
            """
            person | on         | type      | code
            snomed | 2025-03-01 | snomed-ct | 363406005
            icd    | 2025-03-01 |           | C18.9
            """,
        ),
        "observation": grid("observation", "person | on | type | code\nobserved | 2025-03-01 | snomed-ct | 363406005"),
        "procedure": grid("procedure", "person | on | type | code\ndone | 2025-03-01 | snomed-ct | 363406005"),
    }
    assert found(judge, diagnosis("v"), sets=sets, **tables) == {"snomed", "icd"}
    assert found(judge, principal("v"), sets=sets, **tables) == set()
    assert found(judge, code("v"), sets=sets, **tables) == {"snomed", "icd", "observed", "done"}


def test_the_first_non_null_date_of_a_laboratory_result(judge):
    records = grid(
        "lab_result",
        """
        person    | collection_date | collection_datetime | result_date | result_datetime | code
        collected | 2025-01-01      |                     | 2024-12-31  |                 | 10912-2
        too_early | 2024-12-31      | 2025-01-01          | 2025-01-01  | 2025-01-01      | 10912-2
        second    |                 | 2025-01-01          | 2024-12-31  | 2024-12-31      | 10912-2
        third     |                 |                     | 2025-01-01  | 2024-12-31      | 10912-2
        last      |                 |                     |             | 2025-01-01      | 10912-2
        """,
    )
    assert found(judge, code("v"), sets={"v": codes(LOINC="10912-2")}, lab_result=records) == {
        "collected",
        "second",
        "third",
        "last",
    }


def test_a_condition_is_dated_by_its_onset_and_then_by_its_record(judge):
    records = grid(
        "condition",
        """
        person   | onset_date | recorded_date | code
        onset    | 2025-01-01 | 2026-01-01    | B20
        recorded |            | 2025-01-01    | B20
        neither  |            |               | B20
        before   | 2024-12-31 | 2025-01-01    | B20
        """,
    )
    assert found(judge, code("v"), sets={"v": codes(ICD10CM="B20")}, condition=records) == {"onset", "recorded"}


def test_rows_of_unknown_people_and_null_people_are_no_events(judge):
    claims = grid(
        "medical_claim",
        """
        person | claim | on         | code
        known  | 1     | 2025-03-01 | 99391
        other  | 2     | 2025-03-01 | 99391
               | 3     | 2025-03-01 | 99391
        """,
    )
    plan = program(rate(count(code("v"), YEAR)), sets={"v": codes(CPT="99391")})
    words = judge(plan, eligibility=people("known"), medical_claim=claims)
    assert words == {"known": "met 2025-03-01 by medical_claim"}
