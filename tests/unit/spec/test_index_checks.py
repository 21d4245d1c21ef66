"""Checks and builder of index events, sub-populations, composites, event rates and indicators."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.definitions import HEAD, brief, errors_of, found_in, plan_of
from vbpmeasure.catalog.catalog import Catalog
from vbpmeasure.diagnostics.model import Failure
from vbpmeasure.plan.events import Dated, ResultTest
from vbpmeasure.plan.index import IndexEvents, Keep, Stays
from vbpmeasure.plan.measures import (
    Composite,
    CompositeKind,
    EventRate,
    Indicator,
    MonthRule,
    Proportion,
    calendar_year,
)

EVENTS = """\
define:
  seen: {event: {code: visits}}
  cared: {event: {code: care}}
  screens: {index: {event: seen, during: period, keep: first, apart: 31 days}}
"""
PERSON = (
    "  - {id: p, title: P, index: none, population: [{turns: birthday 2}], numerator: {count: cared, during: period}}\n"
)
EVENT = (
    "  - {id: e, title: E, index: screens, population: [{age: {from: 1, on: index}}],"
    " numerator: {count: cared, from: index, to: index + 7 days}}\n"
)


def measure(rates: str, extra: str = "") -> str:
    return HEAD + EVENTS + extra + "rates:\n" + rates


def first_error(text: str) -> str:
    found = [line for line in brief(found_in(text)) if not line.startswith("w ")]
    return found[0] if found else ""


def test_a_sound_measure_of_persons_and_events() -> None:
    plan = plan_of(measure(PERSON + EVENT))
    person, event = plan.rates
    assert isinstance(event, Proportion)
    assert isinstance(event.units, IndexEvents)
    assert (event.units.keep, event.units.apart) == (Keep.FIRST, 31)
    assert isinstance(person, Proportion)
    assert not isinstance(person.units, IndexEvents)


def test_the_wrong_grain_is_refused_at_the_date() -> None:
    text = measure(EVENT.replace("index: screens, ", ""))
    lines = text.splitlines()
    found = [d for d in found_in(text) if d.code == "VBM221"]
    places = [lines[d.span.line - 1][d.span.column - 1 :][:14] for d in found if d.span]
    assert places == ["index}}], nume", "index, to: ind", "index + 7 days"]
    assert all("`e` counts persons" in d.message for d in found)


def test_the_wrong_grain_is_found_through_pieces() -> None:
    late = "  late: {date: {first: cared, after: index, to: index + 9 days}}\n"
    rate = "  - {id: p, title: P, population: [{turns: late}], numerator: {count: cared, during: period}}\n"
    text = HEAD + EVENTS + late + "rates:\n" + rate + EVENT
    found = [d for d in found_in(text) if d.code == "VBM221"]
    assert {d.span.line for d in found if d.span} == {HEAD.count("\n") + EVENTS.count("\n") + 1}


@pytest.mark.parametrize(
    ("rates", "code"),
    [
        # a window of the index events, and member-months, counted from the index
        (EVENT.replace("index: screens", "index: {event: seen, from: index, to: period end}"), "VBM290"),
        ("  - {id: r, title: R, population: [{turns: birthday 2}], events: screens,"
         " member_months: {rule: any_day, from: index, to: period end}}\n", "VBM290"),
        # persons and events joined
        (PERSON + EVENT + "  - {id: t, title: T, total_of: [p, e]}\n", "VBM291"),
        (PERSON + EVENT.split("numerator", maxsplit=1)[0] + "numerator: {met: p}}\n", "VBM291"),
        (EVENT + EVENT.replace("id: e", "id: f").replace("population", "within: e, population"), "VBM291"),
        # a composite of what it cannot join
        (PERSON + "  - {id: c, title: C, composite: pooled, of: [p, c]}\n", "VBM217"),
        (PERSON + "  - {id: c, title: C, composite: pooled, of: [p, q]}\n", "VBM213"),
        (PERSON + "  - {id: i, title: I, indicator: x}\n  - {id: c, title: C, composite: pooled, of: i}\n", "VBM292"),
        (PERSON + "  - {id: c, title: C, composite: opportunity, of: p, lower_is_better: yes}\n", "VBM293"),
        (PERSON + "  - {id: c, title: C, composite: pooled, of: p, population: [{turns: birthday 2}]}\n", "VBM296"),
        (PERSON + "  - {id: c, title: C, composite: pooled, of: [p, m.p]}\n", "VBM218"),
        # contradictions
        (EVENT.replace("index: screens", "index: {during: period}"), "VBM294"),
        (EVENT.replace("index: screens", "index: {event: seen, stays: seen, during: period}"), "VBM294"),
        (EVENT.replace("index: screens", "index: {event: seen, chain: 1 day, during: period}"), "VBM294"),
        (EVENT.replace("index: screens", "index: {event: seen, apart: 0 days, during: period}"), "VBM294"),
        (EVENT.replace("index: screens", "index: {event: seen, when: never, during: period}"), "VBM232"),
        (EVENT.replace("index: screens", "index: scrns"), "VBM210"),
        (EVENT.replace("index: screens", "index: seen"), "VBM216"),
        ("  - {id: r, title: R, population: [{turns: birthday 2}], events: screens,"
         " member_months: {rule: day_of_month, during: period}}\n", "VBM295"),
        ("  - {id: r, title: R, population: [{turns: birthday 2}], events: screens,"
         " member_months: {rule: any_day, day: 15, during: period}}\n", "VBM295"),
        ("  - {id: r, title: R, population: [{turns: birthday 2}], events: screens,"
         " member_months: {rule: day_of_month, day: 32, during: period}}\n", "VBM295"),
        (EVENT.replace("{count: cared,", "{count: {code: x, result: {at_least: 5, below: 5}},"), "VBM298"),
        ("  - {id: i, title: I, indicator: ready, entity: plan, population: [{turns: birthday 2}]}\n", "VBM299"),
        # windows that hold no day
        (EVENT.replace("to: index + 7 days", "to: index - 1 day"), "VBM220"),
        (EVENT.replace("from: index, to: index + 7 days", "after: index end, to: index start"), "VBM220"),
    ],
)  # fmt: skip
def test_mistakes(rates: str, code: str) -> None:
    assert first_error(measure(rates)).startswith(code)


def test_dates_of_the_index_may_lie_in_any_order_that_a_stay_allows() -> None:
    inside = EVENT.replace("from: index, to: index + 7 days", "from: index start, to: index end")
    assert errors_of(found_in(measure(inside))) == []


def test_stays_are_built_as_written() -> None:
    rate = EVENT.replace(
        "index: screens",
        "index: {stays: seen, chain: 30 days, dated: admission, during: period, when: [{sex: female}]}",
    )
    (built,) = plan_of(measure(rate)).rates
    assert isinstance(built, Proportion)
    assert isinstance(built.units, IndexEvents)
    assert built.units.stays == Stays(30, Dated.ADMISSION)
    assert [flag.label for flag in built.units.when] == ["sex is female"]


def test_a_sub_population_has_the_steps_of_the_outer_rate_first() -> None:
    inner = "  - {id: s, title: S, within: e, population: [{sex: male}], numerator: {count: cared, on: index}}\n"
    outer, built = plan_of(measure(EVENT + inner, "exclusions: [{id: gone, when: {died: {during: period}}}]\n")).rates
    assert isinstance(outer, Proportion)
    assert isinstance(built, Proportion)
    assert built.units == outer.units
    assert built.population[0] == outer.population[0]
    assert [step.label for step in built.population[1:]] == ["sex is male"]
    assert built.exclusions == outer.exclusions
    assert built.within == "e"


def test_rates_that_are_no_share_are_built_as_written() -> None:
    rates = (
        PERSON
        + "  - {id: k, title: K, population: [{turns: birthday 2}], events: screens, lower_is_better: yes,\n"
        + "     member_months: {rule: day_of_month, day: 15, during: period, ages: {from: 1, to: 9},"
        + " benefit: dental}}\n"
        + "  - {id: c, title: C, composite: all_or_none, of: p, population: [{turns: birthday 2}]}\n"
        + "  - {id: i, title: I, indicator: ready, entity: plan}\n"
    )
    _, events, composite, indicator = plan_of(
        measure(rates, "exclusions: [{id: gone, when: {died: {during: period}}}]\n")
    ).rates
    assert isinstance(events, EventRate)
    assert (events.months.rule, events.months.day) == (MonthRule.DAY_OF_MONTH, 15)
    assert (events.months.youngest, events.months.oldest, events.months.benefit) == (1, 9, "dental")
    assert [exclusion.id for exclusion in events.exclusions] == ["gone"]
    assert isinstance(composite, Composite)
    assert (composite.kind, composite.members, composite.exclusions) == (CompositeKind.ALL_OR_NONE, (("m", "p"),), ())
    assert indicator == Indicator("i", "I", "ready", "plan")


def test_results_and_dates_of_stays_are_built_as_written() -> None:
    numerator = (
        "{count: {code: x, dated: admission, tooth: ['03', 14], not_provider: z, with_principal_diagnosis: y,"
        " result: {at_least: 2.5, unit: '{Score}', text: [ Yes ]}}, on: index}"
    )
    rate = EVENT.replace("{count: cared, from: index, to: index + 7 days}", numerator)
    (built,) = plan_of(measure(rate)).rates
    assert isinstance(built, Proportion)
    (trigger,) = built.numerator.sources[0].events.triggers  # type: ignore[attr-defined]
    where = trigger.where
    assert (where.dated, where.teeth, where.provider_not_in) == (Dated.ADMISSION, ("14", "3"), ("z",))
    assert [(claim.role.value, claim.value_sets) for claim in where.same_claim] == [("principal_diagnosis", ("y",))]
    assert (where.result.least, where.result.units, where.result.texts) == (2.5, ("{score}",), ("yes",))


@pytest.mark.parametrize("bound", ["least", "most", "above", "below"])
def test_each_bound_of_a_result_is_built_alone(bound: str) -> None:
    word = {"least": "at_least", "most": "at_most"}.get(bound, bound)
    numerator = f"{{count: {{code: x, result: {{{word}: 7}}}}, on: index}}"
    rate = EVENT.replace("{count: cared, from: index, to: index + 7 days}", numerator)
    (built,) = plan_of(measure(rate)).rates
    assert isinstance(built, Proportion)
    (trigger,) = built.numerator.sources[0].events.triggers  # type: ignore[attr-defined]
    assert trigger.where.result == ResultTest(**{bound: 7})


def folder(tmp_path: Path, **texts: str) -> Catalog:
    for name, text in texts.items():
        (tmp_path / name).mkdir(exist_ok=True)
        (tmp_path / name / "measure.yaml").write_text(text.replace("id: m\n", f"id: {name}\n", 1), encoding="utf-8")
    return Catalog.open([tmp_path])


DEATHS = "  - {id: p, title: P, population: [{turns: birthday 2}], numerator: {died: {during: period}}}\n"
OTHER = HEAD + "rates:\n" + DEATHS + DEATHS.replace("id: p", "id: q")


def test_members_of_another_measure_are_judged_along(tmp_path: Path) -> None:
    own = HEAD + "rates:\n  - {id: c, title: C, composite: opportunity, of: [lender.p]}\n"
    catalog = folder(tmp_path, own=own, lender=OTHER)
    plans = catalog.program(["own"], calendar_year(2025)).measures
    assert [(plan.id, plan.support, [rate.id for rate in plan.rates]) for plan in plans] == [
        ("own", False, ["c"]),
        ("lender", True, ["p"]),
    ]
    both = catalog.program(["own", "lender"], calendar_year(2025)).measures
    assert [(plan.id, plan.support, len(plan.rates)) for plan in both] == [("own", False, 1), ("lender", False, 2)]
    changed = folder(tmp_path, lender=OTHER.replace("birthday 2", "birthday 3"))
    assert changed.program(["own"], calendar_year(2025)).measures[0].digest != plans[0].digest


@pytest.mark.parametrize(("member", "code"), [("lender.x", "VBM213"), ("nobody.p", "VBM292")])
def test_unknown_members_of_other_measures(tmp_path: Path, member: str, code: str) -> None:
    own = HEAD + f"rates:\n  - {{id: c, title: C, composite: opportunity, of: [{member}]}}\n"
    catalog = folder(tmp_path, own=own, lender=OTHER)
    with pytest.raises(Failure) as failure:
        catalog.program(["own"], calendar_year(2025))
    assert [d.code for d in failure.value.diagnostics] == [code]
    assert failure.value.diagnostics[0].span is not None
