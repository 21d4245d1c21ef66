"""Decks with rows of `indicator`: those of a person, and the lines of entities that are no persons."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from vbpmeasure.catalog.catalog import Catalog
from vbpmeasure.diagnostics import Failure
from vbpmeasure.testing.deck import parse_deck
from vbpmeasure.testing.engines import LINE_ENGINES, polars_engine, programs_of, reference_engine
from vbpmeasure.testing.runner import run_deck

MEASURE = """\
id: told
title: Told
edition: "2025"
status: proposed
basis: inspired-by
references: [{title: ours, tag: PROP, confidence: L}]
rates:
  - id: of_child
    title: Child
    indicator: ready
    population: [{step: Any age, when: {age: {from: 0, on: period end}}}]
  - {id: of_plan, title: Plan, indicator: attested, entity: plan}
"""
ROW = "{indicator: attested, entity: plan, id: x, period_end: 2025-12-31, numerator: 1, denominator: 4}"


def parse(case: str):
    return parse_deck(f"measure: told\nyear: 2025\ncases:\n  - name: a\n{case}", Path("cases.yaml"))


def refused(case: str) -> list[str]:
    with pytest.raises(Failure) as caught:
        parse(case)
    return [f"{d.code} {d.message}" for d in caught.value.diagnostics]


def findings(tmp_path: Path, case: str, fast=polars_engine, lines=LINE_ENGINES) -> list[str]:
    folder = tmp_path / "told"
    folder.mkdir()
    (folder / "measure.yaml").write_text(MEASURE, encoding="utf-8")
    report = run_deck(parse(case), programs_of(Catalog.open([folder])), reference_engine, fast, lines)
    return [f"{d.code} {d.message}" for d in report.findings]


def test_rows_of_a_person_are_added_up(tmp_path: Path) -> None:
    case = """\
    people:
      - born: 2020-01-01
        indicators:
          - {indicator: ready, period_end: 2025-06-30, numerator: 1, denominator: 3}
          - {indicator: ready, period_end: 2025-12-31, value: 1}
        expect: {of_child: {result: open, part: 2, whole: 4}}
      - born: 2020-01-01
        indicators: [{indicator: ready, period_end: 2025-12-31, value: 1}]
        expect: {of_child: {result: met, on: 2025-12-31, part: 1, whole: 1}}
      - {born: 2020-01-01, expect: {of_child: {result: not_eligible, step: 2}}}
"""
    assert findings(tmp_path, case) == []


def test_a_case_about_one_person_may_have_rows_of_the_person_and_of_others(tmp_path: Path) -> None:
    case = f"""\
    born: 2020-01-01
    indicators:
      - {{indicator: ready, period_end: 2025-12-31, value: 0}}
      - {ROW}
    expect: {{of_child: {{result: open, part: 0, whole: 1}}}}
    lines: {{of_plan: [{{id: x, numerator: 1, denominator: 4}}]}}
"""
    assert findings(tmp_path, case) == []


def test_entities_of_one_case_are_unknown_to_another(tmp_path: Path) -> None:
    case = f"""\
    indicators: [{ROW}]
    lines: {{of_plan: [{{id: x, numerator: 1, denominator: 4}}]}}
  - name: b
    indicators: [{ROW}]
    lines: {{of_plan: [{{id: x, numerator: 1, denominator: 4}}]}}
  - name: c
    lines: {{of_plan: []}}
"""
    assert findings(tmp_path, case) == []


@pytest.mark.parametrize(
    ("lines", "finding"),
    [
        ("of_plan: []", "VBM720 a: of_plan of x: expected no line, got numerator 1, denominator 4"),
        ("of_plan: [{id: x, numerator: 1, denominator: 4, value: 1}]",
         "VBM720 a: of_plan of x: expected numerator 1, denominator 4, value 1, got numerator 1, denominator 4"),
        ("of_plan: [{id: x, numerator: 1, denominator: 4, source: s}]",
         "VBM720 a: of_plan of x: expected numerator 1, denominator 4, source s, got numerator 1, denominator 4"),
        ("of_plan: [{id: x, numerator: 1, denominator: 4}, {id: y}]",
         "VBM720 a: of_plan of y: expected a line without numbers, got no line"),
        ("of_plans: []", "VBM710 the measure has no rate `of_plans`"),
        ("of_child: []", "VBM711 the rate `of_child` is about persons, it has no lines"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_lines(tmp_path: Path, lines: str, finding: str) -> None:
    assert findings(tmp_path, f"    indicators: [{ROW}]\n    lines: {{{lines}}}\n") == [finding]


def test_engines_that_differ_are_told_apart(tmp_path: Path) -> None:
    case = f"    indicators: [{ROW}]\n    lines: {{of_plan: [{{id: x, numerator: 1, denominator: 4}}]}}\n"
    reference = LINE_ENGINES[0]
    found = findings(tmp_path, case, lines=(reference, lambda program, rows: []))
    assert found == [
        "VBM721 a: of_plan of x: the reference engine gives numerator 1, denominator 4, the fast one no line"
    ]


def test_lines_are_never_skipped_for_want_of_engines(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="engines that give lines"):
        findings(tmp_path, "    lines: {of_plan: []}\n", lines=None)


@pytest.mark.parametrize(
    ("case", "finding"),
    [
        ("    indicators: [{indicator: ready, period_end: 2025-12-31}]\n    lines: {of_plan: []}\n",
         "VBM703 an indicator of a case says whose it is"),
        (f"    people: [{{born: 2020-01-01, indicators: [{ROW}], expect: {{of_child: open}}}}]\n",
         "VBM702 an indicator of a person has no `entity`"),
        ("    indicators: [{indicator: ready, entity: plan, period_end: 2025-12-31}]\n    lines: {of_plan: []}\n",
         "VBM703 `entity` and `id` go together"),
        ("    lines: {of_plan: [{value: 1}]}\n", "VBM703 a line needs `id`"),
        ("    lines: {of_plan: [{id: x, denominator: 0}]}\n",
         "VBM705 `denominator`: `0` is not a whole number from 1 to 1000000000"),
        ("    lines: {}\n", "VBM703 `lines` names at least one rate"),
        ("    about: nobody\n", "VBM703 a person needs `born`"),
    ],
)  # fmt: skip
def test_what_cannot_be_read(case: str, finding: str) -> None:
    assert finding in refused(case)


def test_what_is_read() -> None:
    case = parse(
        "    indicators: [{indicator: i, entity: plan, id: 07, period_start: 2025-01-01, period_end: 2025-03-31, "
        "value: -1.5, source: s}]\n    lines: {of_plan: [{id: 07, value: -1.5}]}\n"
    ).cases[0]
    row = case.indicators[0]
    assert (row.entity, row.entity_id, row.numbers, row.source) == ("plan", "07", {"value": -1.5}, "s")
    assert (row.period_start, row.period_end) == (dt.date(2025, 1, 1), dt.date(2025, 3, 31))
    assert case.people == ()
    assert case.lines[0].lines[0].value == -1.5
