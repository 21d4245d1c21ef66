"""Running decks: both engines are compared with the deck and with each other, in as few runs as can be."""

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest

from vbpmeasure.diagnostics import Diagnostic, Failure
from vbpmeasure.plan.dates import Anchor, DateExpr, Window, Windowed
from vbpmeasure.plan.events import EventSet, Role, Trigger
from vbpmeasure.plan.flags import AgeBetween, AnyOf, CountAtLeast, DateWithin, Enrolled
from vbpmeasure.plan.measures import (
    CodeSet,
    Exclusion,
    MeasurePlan,
    Program,
    Proportion,
    Step,
    TotalOf,
    calendar_year,
)
from vbpmeasure.testing.deck import parse_deck
from vbpmeasure.testing.engines import polars_engine, reference_engine
from vbpmeasure.testing.runner import run_deck

PERIOD = Window(DateExpr(Anchor.PERIOD_START), DateExpr(Anchor.PERIOD_END))
VISIT = EventSet((Trigger(Role.ANY, ("visits",)),))


def visits(n, label):
    return CountAtLeast((Windowed(VISIT, PERIOD),), n, label=label)


def rate(id, youngest, oldest, n):
    return Proportion(
        id,
        id,
        population=(
            Step("age", AgeBetween(youngest, oldest, DateExpr(Anchor.PERIOD_END), label=f"age {youngest} to {oldest}")),
            Step("enrolled", Enrolled(PERIOD, DateExpr(Anchor.PERIOD_END), 1, 45, label="enrolled")),
        ),
        exclusions=(Exclusion("deceased", "died", DateWithin(DateExpr(Anchor.DEATH), PERIOD, label="died")),),
        numerator=AnyOf((visits(n, f"{n} visits"), visits(9, "9 visits")), label=f"{id} met"),
    )


def plan(visits_needed=2):
    rates = (rate("young", 0, 5, visits_needed), rate("old", 6, 12, 1), TotalOf("total", "total", ("young", "old")))
    return MeasurePlan("m", "M", "2025", "active", rates, value_sets=("visits",))


def program_for(measure, year, parameters, key):
    assert measure == "m"
    if "broken" in parameters:
        raise Failure(Diagnostic("VBM215", "the measure has no parameter `broken`"))
    codes = {"visits": CodeSet("visits", {"CPT": frozenset({"99391"})})}
    needed = int(parameters.get("needed", 2))
    return Program((plan(needed),), calendar_year(year), codes, ("payer",) if key is None else key)


class Engine:
    """An engine that counts its runs, and can be made to lie."""

    def __init__(self, engine, lie=lambda row: row):
        self.engine, self.lie, self.runs = engine, lie, []

    def __call__(self, program, rows, *on_flag):
        self.runs.append(len({row["person_id"] for row in rows["eligibility"]}))
        return [row for row in map(self.lie, self.engine(program, rows, *on_flag)) if row is not None]


def reference_alone(program, rows):
    return reference_engine(program, rows, lambda flag, value: None)


def run(cases, fast=None, reference=None, year=2025):
    deck = parse_deck(f"measure: m\nyear: {year}\ncases:\n{cases}", Path("cases.yaml"))
    return run_deck(deck, program_for, reference or Engine(reference_engine), fast or Engine(reference_alone))


SOUND = """\
  - name: met
    born: 2021-01-01
    events: [{on: [2025-03-01, 2025-04-01], code: 99391}]
    expect:
      young: {result: met, on: 2025-04-01, from: [medical_claim]}
      old: {result: not_eligible, step: 1}
      total: {result: met, on: 2025-04-01, from: [medical_claim]}
  - name: open
    born: 2021-01-01
    events: [{on: 2025-03-01, code: 99391}]
    expect: {young: open, total: open}
  - name: excluded
    born: 2021-01-01
    died: 2025-12-31
    expect: {young: {result: excluded, reason: deceased}, total: excluded}
  - name: step_two
    born: 2021-01-01
    enrolled: [2025-01-01 .. 2025-06-30]
    expect: {young: {result: not_eligible, step: 2}, old: not_eligible, total: {result: not_eligible, step: 2}}
  - name: nobody
    born: 2000-01-01
    expect: {young: {result: not_eligible, step: 1}, total: {result: not_eligible, step: 1}}
"""


@pytest.mark.parametrize("fast", [reference_alone, polars_engine])
def test_a_sound_deck_passes(fast):
    report = run(SOUND, Engine(fast))
    assert report.findings == ()
    assert report.passed
    assert [case.name for case in report.cases] == ["met", "open", "excluded", "step_two", "nobody"]


def test_cases_share_one_run_of_each_engine():
    reference, fast = Engine(reference_engine), Engine(reference_alone)
    assert run(SOUND, fast, reference).passed
    assert reference.runs == fast.runs == [5]


def test_other_settings_are_other_runs():
    cases = """\
  - {name: a, born: 2021-01-01, expect: {young: open}}
  - {name: b, year: 2026, born: 2021-01-01, expect: {young: open}}
  - {name: c, parameters: {needed: 1}, born: 2021-01-01, events: [{on: 2025-01-01, code: 99391}], expect: {young: met}}
  - {name: d, enrollment_key: [], born: 2021-01-01, expect: {young: open}}
  - {name: e, year: 2025, born: 2021-01-01, expect: {young: open}}
  - {name: f, parameters: {needed: 1}, born: 2021-01-01, expect: {young: open}}
"""
    fast = Engine(reference_alone)
    assert run(cases, fast).passed
    assert sorted(fast.runs) == [1, 1, 2, 2]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "on: 2025-04-01, from",
            "on: 2025-03-01, from",
            "met: young: expected met on 2025-03-01 from medical_claim, got met on 2025-04-01 from medical_claim",
        ),
        (
            "[medical_claim]}\n      old",
            "[immunization]}\n      old",
            "met: young: expected met on 2025-04-01 from immunization, got met on 2025-04-01 from medical_claim",
        ),
        ("{young: open, total", "{young: met, total", "open: young: expected met, got open"),
        ("{young: open, total", "{young: excluded, total", "open: young: expected excluded, got open"),
        ("{young: open, total", "{young: not_eligible, total", "open: young: expected not_eligible, got open"),
        (
            "{young: {result: excluded, reason: deceased}",
            "{young: open",
            "excluded: young: expected open, got excluded (deceased)",
        ),
        (
            "step: 2}, old",
            "step: 1}, old",
            "step_two: young: expected not_eligible (step 1), got not_eligible (step 2)",
        ),
        (
            "{young: {result: not_eligible, step: 1}, total: {r",
            "{young: open, total: {r",
            "nobody: young: expected open, got not_eligible (step 1)",
        ),
        ("step: 1}}", "step: 2}}", "nobody: total: expected not_eligible (step 2), got not_eligible (step 1)"),
    ],
)
def test_what_differs_from_the_deck_fails(old, new, message):
    assert old in SOUND
    report = run(SOUND.replace(old, new, 1))
    assert not report.passed
    (found,) = report.findings
    assert (found.code, found.message) == ("VBM720", message)
    assert found.span is not None
    assert found.source_line is None  # the deck of this test is no file
    assert [case.passed for case in report.cases].count(False) == 1


def test_people_of_a_case_are_told_apart():
    report = run("""\
  - name: pair
    about: two people
    people:
      - {born: 2021-01-01, expect: {young: open}}
      - {born: 2015-01-01, expect: {young: open}}
""")
    (found,) = report.findings
    assert found.message == "pair: person 2, young: expected open, got not_eligible (step 1)"
    assert (found.span.line, found.hint) == (8, "two people")


def lying(**changes):
    return Engine(
        reference_alone, lambda row: replace(row, **changes) if row.rate == "young" and row.numerator else row
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"numerator": False, "evidence_date": None, "evidence_sources": None},
        {"evidence_date": dt.date(2025, 4, 2)},
        {"evidence_sources": frozenset({"condition"})},
        {"exclusion": "deceased"},
        {"failed_step": 1},
    ],
)
def test_engines_that_differ_fail_the_case(changes):
    report = run(SOUND, lying(**changes))
    (found,) = report.findings
    assert found.code == "VBM721"
    assert found.message.startswith(
        "met: young: the reference engine gives met on 2025-04-01 from medical_claim, the fast"
    )


def test_engines_that_differ_where_the_deck_is_silent_fail_too():
    lost = Engine(reference_alone, lambda row: None if row.rate == "total" else row)
    report = run("  - {name: a, born: 2021-01-01, expect: {young: open}}\n", lost)
    assert [(d.code, d.span.line) for d in report.findings] == [("VBM721", 4)]


@pytest.mark.parametrize(
    ("expect", "code", "hint"),
    [
        ("{yung: open, young: open}", "VBM710", "did you mean `young`?"),
        ("{young: {result: excluded, reason: deceesed}}", "VBM712", "did you mean `deceased`?"),
        ("{total: {result: excluded, reason: hospice}}", "VBM712", "known exclusions: deceased"),
        ("{young: {result: not_eligible, step: 3}}", "VBM712", None),
    ],
)
def test_expectations_that_the_measure_cannot_give(expect, code, hint):
    report = run(f"  - {{name: a, born: 2021-01-01, expect: {expect}}}\n")
    found = report.findings[0]
    assert (found.code, found.hint, found.span.line) == (code, hint, 4)
    assert not report.passed


def test_a_case_whose_program_cannot_be_built_fails_alone():
    report = run(SOUND + "  - {name: bad, parameters: {broken: 1}, born: 2021-01-01, expect: {young: open}}\n")
    assert [(c.name, [d.code for d in c.findings]) for c in report.cases if not c.passed] == [("bad", ["VBM215"])]


def test_a_measure_that_can_never_be_built_is_a_failure():
    with pytest.raises(Failure) as caught:
        run("  - {name: bad, parameters: {broken: 1}, born: 2021-01-01, expect: {young: open}}\n")
    assert [d.code for d in caught.value.diagnostics] == ["VBM215"]


def test_coverage_names_what_the_deck_has_not_seen():
    report = run("""\
  - {name: a, born: 2021-01-01, expect: {young: open}}
  - {name: b, born: 2021-01-01, events: [{on: 2025-01-01, code: 99391}], expect: {young: open}}
""")
    assert [(c.label, c.place) for c in report.criteria] == [
        ("age 0 to 5", "young, population step 1"),
        ("enrolled", "young, population step 2"),
        ("died", "young, exclusion deceased"),
        ("young met", "young, numerator"),
        ("2 visits", "young, numerator"),
        ("9 visits", "young, numerator"),
        ("age 6 to 12", "old, population step 1"),
        ("old met", "old, numerator"),
        ("1 visits", "old, numerator"),
    ]
    assert [c.label for c in report.never_true] == ["died", "young met", "2 visits", "9 visits", "age 6 to 12"]
    assert [c.label for c in report.never_false] == ["age 0 to 5", "enrolled"]


def test_coverage_adds_up_over_all_runs():
    report = run(SOUND)
    assert [c.label for c in report.never_true] == ["9 visits", "age 6 to 12"]
    assert report.never_false == ()
