"""Which rule is used, what the run says of it, and that providers are strata like others."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from vbpmeasure.catalog.catalog import Catalog
from vbpmeasure.data.rows import bound_from_rows
from vbpmeasure.diagnostics import Failure
from vbpmeasure.plan.measures import calendar_year
from vbpmeasure.results.attribution.attribute import Attribution, attribute, with_attributed
from vbpmeasure.results.attribution.rule import VisitRule, load_visit_rule
from vbpmeasure.results.categories.dimensions import attributed_names, attributes_needed, parse_by
from vbpmeasure.results.categories.strata import assign_strata
from vbpmeasure.results.disclosure.policy import PUBLIC
from vbpmeasure.results.frame import ROW_SCHEMA, ResultFrame
from vbpmeasure.runs.attributing import attributor

D = dt.date
PERIOD = calendar_year(2025)
MEASURES = Path(__file__).parents[3] / "measures"


def eligibility(*people: str) -> list[dict]:
    return [
        {
            "person_id": person,
            "birth_date": D(2020, 1, 1),
            "gender": "f",
            "enrollment_start_date": D(2024, 1, 1),
            "enrollment_end_date": D(2025, 12, 31),
        }
        for person in people
    ]


def claim(person: str, npi: str) -> dict:
    day = D(2025, 3, 1)
    return {"claim_id": "c", "person_id": person, "claim_start_date": day, "hcpcs_code": "99391", "rendering_npi": npi}


@pytest.fixture(scope="module")
def shipped():
    return attributor(Catalog.open())


def test_the_shipped_rule_can_be_used(shipped) -> None:
    found = shipped.attribute(
        bound_from_rows({"eligibility": eligibility("a", "b"), "medical_claim": [claim("a", "1")]}),
        PERIOD.start,
        PERIOD.end,
    )
    assert found.rule == "primary_care_visits"
    assert found.record["look_back_months"] == 24
    assert set(found.record["value_sets"]) == {"well_care_visit", "outpatient_visit", "laboratory_pos", "taxonomy_pcp"}
    assert found.of(pl.Series(["b", "a"]))["provider"].to_list() == [None, "1"]
    assert found.findings(PUBLIC) == ()


def test_the_table_comes_before_the_visits_for_everybody(shipped) -> None:
    said = [{"person_id": "b", "year_month": "202504", "payer_attributed_provider": "9"}]
    rows = {"eligibility": eligibility("a", "b"), "medical_claim": [claim("a", "1")], "provider_attribution": said}
    found = shipped.attribute(bound_from_rows(rows), PERIOD.start, PERIOD.end)
    assert found.rule == found.record["rule"] == "provider_attribution"
    assert found.of(pl.Series(["a", "b"]))["provider"].to_list() == [None, "9"]


def test_months_without_enrollment_are_a_counted_warning(shipped) -> None:
    said = [{"person_id": "a", "year_month": month, "payer_attributed_provider": "9"} for month in ("202512", "202511")]
    stranger = [{"person_id": "nobody", "year_month": "202503", "payer_attributed_provider": "9"}] * 12
    spans = [{**row, "enrollment_end_date": D(2025, 11, 30)} for row in eligibility("a")]
    rows = {"eligibility": spans, "medical_claim": [claim("a", "1")], "provider_attribution": said + stranger}
    (warning,) = shipped.attribute(bound_from_rows(rows), PERIOD.start, PERIOD.end).findings(PUBLIC)
    assert (warning.code, warning.message.split()[0]) == ("VBM440", "13")


def test_claims_without_providers_are_a_warning(shipped) -> None:
    bare = {key: value for key, value in claim("a", "1").items() if key != "rendering_npi"}
    found = shipped.attribute(
        bound_from_rows({"eligibility": eligibility("a"), "medical_claim": [bare]}), PERIOD.start, PERIOD.end
    )
    assert [one.code for one in found.findings(PUBLIC)] == ["VBM444"]
    assert found.people.is_empty()


def test_the_unattributed_are_a_group_of_their_own() -> None:
    people = pl.DataFrame({"person_id": ["a", "b", "c"], "birth_date": [D(2020, 1, 1)] * 3})
    rule = VisitRule("r", "R", 12, ("well",))
    known = Catalog.open().value_sets
    sets = {"well": known.get("well_care_visit").codeset()}
    rows = {"eligibility": eligibility("a", "b", "c"), "medical_claim": [claim("a", "2"), claim("c", "1")]}
    found = attribute(bound_from_rows(rows), rule, sets, PERIOD.start, PERIOD.end)
    dimensions = parse_by("provider", {})
    assert attributed_names(dimensions) == ("provider",)
    assert attributes_needed(dimensions, {}) == ()
    frame = ResultFrame(PERIOD, (), pl.DataFrame(schema=ROW_SCHEMA), with_attributed(people, found, ["provider"]))
    (strata,) = assign_strata(frame, dimensions, {}).strata
    assert strata.texts == ("1", "2", "Unattributed")
    assert strata.ids.to_list() == [1, 2, 0]


RULE = """\
id: mine
title: Mine
look_back_months: 12
visits: [well_care_visit]
unknown_taxonomy: "no"
provider: [billing_npi]
claim_statuses: [paid]
"""


def written(folder: Path, text: str) -> Path:
    (folder / "attribution").mkdir()
    (folder / "attribution" / "primary_care_visits.yaml").write_text(text, encoding="utf-8")
    return folder


def test_a_rule_of_one_s_own_replaces_the_shipped_one(tmp_path: Path) -> None:
    rule = load_visit_rule([MEASURES, written(tmp_path, RULE)])
    assert (rule.id, rule.look_back_months, rule.provider, rule.unknown_taxonomy) == (
        "mine",
        12,
        ("billing_npi",),
        False,
    )
    assert load_visit_rule([MEASURES, tmp_path / "nothing"]).id == "primary_care_visits"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("look_back_months: 12", "look_back_months: 0", "look_back_months"),
        ("look_back_months: 12", "look_back_months: many", "look_back_months"),
        ("visits: [well_care_visit]", "visits: []", "visits"),
        ("visits: [well_care_visit]", "visit: [well_care_visit]", "`visit`"),
        ("provider: [billing_npi]", "provider: [paid_amount]", "paid_amount"),
        ("provider: [billing_npi]", "provider: billing_npi", "list"),
        ("claim_statuses: [paid]", "claim_statuses: [lost]", "lost"),
        ('unknown_taxonomy: "no"', "unknown_taxonomy: maybe", "unknown_taxonomy"),
        ("id: mine\n", "", "id"),
    ],
)
def test_a_broken_rule_is_refused(tmp_path: Path, old: str, new: str, words: str) -> None:
    assert old in RULE
    with pytest.raises(Failure) as caught:
        load_visit_rule([written(tmp_path, RULE.replace(old, new))])
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "VBM443"
    assert words in diagnostic.message


def test_a_rule_that_is_nowhere_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Failure) as caught:
        load_visit_rule([tmp_path])
    (diagnostic,) = caught.value.diagnostics
    assert (diagnostic.code, diagnostic.where) == ("VBM443", "attribution/primary_care_visits.yaml")
    assert "no folder of measures" in diagnostic.message


def test_an_unknown_value_set_is_refused(tmp_path: Path) -> None:
    folder = written(tmp_path, RULE.replace("well_care_visit", "no_such_set"))
    measure = folder / "shared"
    measure.mkdir()
    (measure / "nothing.yaml").write_text("define: {}\n", encoding="utf-8")
    with pytest.raises(Failure) as caught:
        attributor(Catalog.open([folder]))
    assert [(d.code, "no_such_set" in d.message) for d in caught.value.diagnostics] == [("VBM443", True)]


def test_what_is_told_of_an_attribution_does_not_say_who_belongs_to_whom() -> None:
    people = pl.DataFrame({"person_id": ["1"], "provider": ["p"]})
    told = Attribution(people, "by month", D(2025, 12, 31), {"rule": "by month"}, {"VBM440": 2}).without_people()
    assert (told.people.height, told.people.columns) == (0, ["person_id", "provider"])
    assert (told.rule, told.on, told.counters) == ("by month", D(2025, 12, 31), {"VBM440": 2})
