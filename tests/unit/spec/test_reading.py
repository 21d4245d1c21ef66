"""Reading a definition: every error in one go, each at its place."""

from __future__ import annotations

import pytest

from support.definitions import HEAD, RATE, brief, found_in, with_numerator
from vbpmeasure.diagnostics.model import Diagnostic


def only(found: list[Diagnostic]) -> Diagnostic:
    assert len(found) == 1, found
    return found[0]


def test_a_small_measure_has_nothing_wrong() -> None:
    assert found_in(HEAD + RATE) == []


def test_all_errors_come_at_once_each_at_its_place() -> None:
    text = """\
id: W30
titel: Well-Child
edition: "2025"
basis: certified
define:
  a: {not: {not: {count: x, at_least: 6, between: [birth]}}}
  b: {enrolled: {from: birth, to: birthday x y, gap: 3, per: yaer}}
  c: {all: [{turn: birth}, {count: x, any: [b]}, {age: {on: birth}}]}
rates:
  - id: r
    title: A rate
    population:
      - turns: birth +
    numerator:
"""
    assert sorted(brief(found_in(text))) == sorted(
        [
            "VBM209 1:5",  # the id
            "VBM201 2:1",  # titel
            "VBM202 1:1",  # no title
            "VBM208 4:8",  # certified
            "VBM207 6:18",  # one date between
            "VBM206 7:35",  # birthday x y
            "VBM201 7:49",  # gap
            "VBM203 7:62",  # yaer
            "VBM204 8:13",  # turn
            "VBM205 8:28",  # count and any
            "VBM202 8:56",  # age without bounds
            "VBM206 13:16",  # birth +
            "VBM203 14:5",  # no numerator
        ]
    )


@pytest.mark.parametrize(
    ("numerator", "code", "hint"),
    [
        ("{count: {code: x}, at_laest: 2, during: period}", "VBM201", "did you mean `at_least`?"),
        ("{count: {code: x}, min_count: 2, during: period}", "VBM201", "did you mean `at_least`?"),
        ("{count: {code: x, not_plcae: y}, during: period}", "VBM201", "did you mean `not_place`?"),
        ("{enroled: {from: birth, to: death}}", "VBM204", "did you mean `enrolled`?"),
        ("{count: {cod: x}, during: period}", "VBM201", "did you mean `code`?"),
        ("{enrolled: {during: period, benefit: dentl}}", "VBM203", "did you mean `dental`?"),
        ("{count: {code: x, status: [payed]}, during: period}", "VBM203", "did you mean `paid`?"),
        ("{count: {code: x, source: [medical_claims]}, during: period}", "VBM271", "did you mean `medical_claim`?"),
    ],
)
def test_a_misspelling_is_met_with_a_suggestion(numerator: str, code: str, hint: str) -> None:
    found = only(found_in(with_numerator(numerator)))
    assert (found.code, found.hint) == (code, hint)


@pytest.mark.parametrize(
    ("numerator", "code", "message"),
    [
        ("{count: {code: x}}", "VBM207", "a window is missing"),
        ("{count: {code: x}, during: period, on: birth}", "VBM207", "several windows are given"),
        ("{count: {code: x}, from: birth}", "VBM207", "the window has no end (`to` or `before`)"),
        ("{count: {code: x}, before: death}", "VBM207", "the window has no start (`from` or `after`)"),
        ("{count: {code: x}, from: birth, after: birth, to: death}", "VBM207",
         "`from` and `after` both name the same end of the window"),
        ("{count: {code: x}, between: [birth, birthday 1, birthday 2]}", "VBM207", "`between` takes exactly two dates"),
        ("{enrolled: {on: birth}}", "VBM207", "a window is missing"),
        ("{count: {code: x, diagnosis: y}, during: period}", "VBM205",
         "an event has one trigger, not `code` and `diagnosis`"),
        ("{count: {place: x}, during: period}", "VBM204", "an event needs a trigger"),
        ("{count: [], during: period}", "VBM203", "the list must not be empty"),
        ("{all: {age: {from: 1, on: birth}}}", "VBM203", "a list (`- item` lines, or `[a, b]`) is needed here"),
        ("{all: [[a]]}", "VBM203", "a criterion is the name of a piece, or a mapping with a verb such as `count:`"),
        ("{count: {code: x}, apart: 2 weeks, during: period}", "VBM206",
         "a unit (days) is needed after `2`, not `weeks`"),
        ("{count: {code: x}, at_least: -1, during: period}", "VBM203", "`-1` is no whole number"),
        ("{enrolled: {during: period, gaps: 1}}", "VBM234", "gaps are allowed, but not how long they may be"),
        ("{enrolled: {during: period, gap_days: 45}}", "VBM234", "the length of a gap is given, but no gap is allowed"),
        ("{enrolled: {during: period, gaps: 1, gap_days: 45, gap_months: 1}}", "VBM234",
         "`gap_days` and `gap_months` are both given"),
        ("{age: {on: birth}}", "VBM202", "`age` needs `from`, `to` or both"),
        ("{choose: {by: p, cases: [a, b]}}", "VBM203", "a mapping of values to criteria is needed here"),
        ("{count: {code: x, unless: {filters: {place: a}}}, during: period}", "VBM203",
         "`unless` takes one parameter with a value, and `filters`"),
        ("{count: {code: x, unless: {a: yes, b: no, filters: {place: a}}}, during: period}", "VBM203",
         "`unless` takes one parameter with a value, and `filters`"),
        ("{turns: }", "VBM203", "this must not be empty"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_named(numerator: str, code: str, message: str) -> None:
    found = only(found_in(with_numerator(numerator)))
    assert (found.code, found.message) == (code, message)


@pytest.mark.parametrize(
    ("extra", "code"),
    [
        ("established: maybe\n", "VBM203"),
        ("status: activ\n", "VBM203"),
        ("claims: [direct]\n", "VBM203"),
        ("use: {}\n", "VBM203"),
        ("define: [a]\n", "VBM203"),
        ("define: {Big: {died: {during: period}}}\n", "VBM209"),
        ("define: {a: {date: {first: {code: x}}}}\n", "VBM207"),
        ("define: {a: {datum: birth}}\n", "VBM204"),
        ("parameters: {p: {about: x, type: choice, values: [{from: 2020, value: a, source: S}]}}\n", "VBM231"),
        (
            "parameters: {p: {about: x, type: integer, options: [a], values: [{from: 2020, value: 1, source: S}]}}\n",
            "VBM231",
        ),
        (
            "parameters: {p: {about: x, type: boolean, minimum: 1, values: [{from: 2020, value: no, source: S}]}}\n",
            "VBM231",
        ),
        ("parameters: {p: {about: x, type: boolean, values: []}}\n", "VBM203"),
        ("parameters: {p: {about: x, type: boolean, values: [{from: soon, value: no, source: S}]}}\n", "VBM203"),
        ("exclusions: hospice\n", "VBM203"),
        ("exclusions: [[a]]\n", "VBM203"),
        ("references: none\n", "VBM203"),
    ],
)
def test_the_top_of_a_measure_is_read_strictly(extra: str, code: str) -> None:
    text = (
        HEAD if "references" not in extra else HEAD.replace("references: [{title: A source, tag: SRC}]\n", "")
    ) + extra
    assert {d.code for d in found_in(text + RATE)} == {code}


@pytest.mark.parametrize("text", ["just text\n", "- a list\n", "{}\n"])
def test_a_file_that_is_no_measure_gives_diagnostics(text: str) -> None:
    found = found_in(text)
    assert found
    assert all(d.code in ("VBM202", "VBM203") and d.span is not None for d in found)


def test_an_error_shows_its_line() -> None:
    found = only(found_in(with_numerator("{count: {code: x}, apart: soon, during: period}")))
    assert found.source_line == "      {count: {code: x}, apart: soon, during: period}"


def test_codes_and_yes_stay_text() -> None:
    text = with_numerator("{count: {code: x}, during: period}").replace('edition: "2025"', "edition: 08")
    from support.definitions import names_of

    assert names_of(text).measure.model.edition == "08"
