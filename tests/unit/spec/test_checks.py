"""The checks: for every rule a definition that breaks it, and its neighbor that does not."""

from __future__ import annotations

import pytest

from support.definitions import HEAD, RATE, brief, errors_of, found_in, parameter, with_numerator
from vbpmeasure.diagnostics.model import Severity

COUNT = "{count: {code: x}, during: period}"
SHARED = """\
id: shared
title: Shared parts
references: [{title: A source}]
define:
  care: {event: {code: care_codes}}
exclusions:
  - {id: hospice, title: Hospice, when: {count: care, during: period}}
"""


def codes(text: str, fragments: dict[str, str] | None = None, year: int | None = 2025) -> list[str]:
    return sorted({d.code for d in found_in(text, fragments, year)})


# --- names ---


@pytest.mark.parametrize(
    ("numerator", "extra", "code", "hint"),
    [
        ("viist", "define: {visit: " + COUNT + "}\n", "VBM210", "did you mean `visit`?"),
        ("{count: vist, during: period}", "define: {visit: {event: {code: x}}}\n", "VBM210", "did you mean `visit`?"),
        ("{turns: birt}", "", "VBM210", "did you mean `birth`?"),
        ("count", "", "VBM210", "`count` is a verb: write `count: ...`"),
        ("{met: rr}", "", "VBM213", "did you mean `r`?"),
        ("{choose: {by: swich, cases: {yes: r, no: r}}}", parameter("switch", "boolean", "yes"), "VBM212",
         "did you mean `switch`?"),
        ("{turns: birthday first_ag}", parameter("first_age", "integer", "3"), "VBM212", "did you mean `first_age`?"),
        ("{count: {code: x, provider: y, unknown_provider: inclde}, during: period}", "", "VBM212",
         "did you mean `include`?"),
        ("{flagged: {column: hospice_flg, during: period}}", "", "VBM203", "did you mean `hospice_flag`?"),
    ],
)  # fmt: skip
def test_unknown_names_get_a_suggestion(numerator: str, extra: str, code: str, hint: str) -> None:
    found = [d for d in found_in(with_numerator(numerator, extra)) if d.code == code]
    assert [d.hint for d in found] == [hint]
    assert found[0].span is not None


def test_an_unknown_exclusion() -> None:
    text = HEAD + "exclusions: [hospise]\nuse: [shared]\n" + RATE
    found = [d for d in found_in(text, {"shared": SHARED}) if d.code == "VBM215"]
    assert [d.hint for d in found] == ["did you mean `hospice`?"]
    assert "VBM215" not in codes(text.replace("hospise", "hospice"), {"shared": SHARED})


def test_an_exclusion_may_be_a_criterion_of_the_measure() -> None:
    text = HEAD + "define: {gone: {died: {during: period}}}\nexclusions: [gone]\n" + RATE
    assert codes(text) == []


@pytest.mark.parametrize(
    ("numerator", "pieces", "hint"),
    [
        ("visit", "visit: {event: {code: x}}", "count it: `{count: visit, during: period}`"),
        ("{count: seen, during: period}", "seen: {died: {during: period}}",
         "only what is defined with `event:` has dates to count"),
        ("{turns: visit}", "visit: {event: {code: x}}",
         "name one of its days: `{date: {first: visit, during: period}}`"),
        ("day", "day: {date: birth + 1 day}", "ask something of it: `{turns: day}`"),
        ("{count: day, during: period}", "day: {date: {first: {code: x}, during: period}}",
         "only what is defined with `event:` has dates to count"),
    ],
)  # fmt: skip
def test_a_piece_of_the_wrong_kind(numerator: str, pieces: str, hint: str) -> None:
    found = found_in(with_numerator(numerator, f"define: {{{pieces}}}\n"))
    assert [(d.code, d.hint) for d in found] == [("VBM216", hint)]


def test_an_event_is_no_exclusion() -> None:
    text = HEAD + "define: {visit: {event: {code: x}}}\nexclusions: [visit]\n" + RATE
    assert errors_of(found_in(text)) == ["VBM216"]


@pytest.mark.parametrize(
    ("numerator", "extra"),
    [
        ("{turns: birthday p}", parameter("p", "boolean", "yes")),
        ("{count: {code: x, provider: y, unknown_provider: p}, during: period}", parameter("p", "boolean", "yes")),
        ("{choose: {by: p, cases: {yes: a, no: a}}}", parameter("p", "integer", "3") + f"define: {{a: {COUNT}}}\n"),
    ],
)
def test_a_parameter_of_the_wrong_type(numerator: str, extra: str) -> None:
    assert codes(with_numerator(numerator, extra)) == ["VBM231"]


@pytest.mark.parametrize(
    ("pieces", "circle"),
    [
        ("a: {not: a}", "a -> a"),
        ("a: {not: b}, b: {all: [c]}, c: {any: [a]}", "a -> b -> c -> a"),
        ("a: {count: {code: x}, from: d, to: d}, d: {date: {first: {code: x}, from: d, to: death}}", "d -> d"),
    ],
)
def test_circles(pieces: str, circle: str) -> None:
    found = [d for d in found_in(with_numerator("a", f"define: {{{pieces}}}\n")) if d.code == "VBM217"]
    assert len(found) == 1
    assert circle in found[0].message


def test_a_rate_that_meets_itself_is_a_circle() -> None:
    assert codes(with_numerator("{met: r}")) == ["VBM217"]
    two = HEAD + "population: [{turns: birthday 2}]\nrates:\n"
    two += "  - {id: a, title: A, numerator: {met: b}}\n  - {id: b, title: B, numerator: {met: a}}\n"
    assert codes(two) == ["VBM217"]


def test_names_given_twice() -> None:
    twice = HEAD + "population: [{turns: birthday 2}]\nrates:\n" + f"  - {{id: a, title: A, numerator: {COUNT}}}\n" * 2
    assert codes(twice) == ["VBM218"]
    clash = HEAD + "use: [shared]\ndefine: {care: {event: {code: x}}}\n" + RATE.replace("{code: visits}", "care")
    assert "VBM218" in codes(clash, {"shared": SHARED})
    exclusions = HEAD + "use: [shared]\nexclusions: [hospice, hospice]\n" + RATE
    assert codes(exclusions, {"shared": SHARED}) == ["VBM218"]
    assert "VBM218" in codes(HEAD + "use: [shared, shared]\nexclusions: [hospice]\n" + RATE, {"shared": SHARED})
    assert codes(HEAD + "use: [shared]\nexclusions: [hospice]\n" + RATE, {"shared": SHARED}) == []


@pytest.mark.parametrize("name", ["birth", "birthday", "death", "period", "index"])
def test_anchors_are_no_names_of_pieces(name: str) -> None:
    assert "VBM209" in codes(HEAD + f"define: {{{name}: {COUNT}}}\n" + RATE)


def test_always_and_never_are_criteria_and_no_names_of_pieces() -> None:
    assert codes(with_numerator("{any: [never, " + COUNT + "]}")) == []
    assert codes(with_numerator("never")) == ["VBM232"]
    assert "VBM209" in codes(HEAD + f"define: {{never: {COUNT}}}\n" + RATE)
    assert codes(with_numerator("{count: never, during: period}")) == ["VBM210"]


@pytest.mark.parametrize("name", ["days", "month", "include"])
def test_units_and_verdicts_are_no_names_of_parameters(name: str) -> None:
    assert "VBM209" in codes(HEAD + parameter(name, "integer", "3") + RATE)


# --- meaning ---


@pytest.mark.parametrize(
    ("window", "possible"),
    [
        ("between: [birth, birth]", True),
        ("between: [birth + 1 day, birth]", False),
        ("between: [birthday 2, birthday 1]", False),
        ("between: [birthday 1, birth + 365 days]", True),  # no leap day between
        ("between: [birthday 1, birth + 364 days]", False),
        ("between: [birthday 1 + 91 days, birthday 1 + 90 days]", False),
        ("between: [birthday 4, birth + 1461 days]", True),
        ("between: [birthday 4, birth + 1459 days]", False),
        ("between: [birth + 31 days, birth + 1 month]", True),
        ("between: [birth + 32 days, birth + 1 month]", False),
        ("from: birth, before: birth", False),
        ("from: birth, before: birth + 1 day", True),
        ("after: birth, to: birth", False),
        ("after: birth, before: birth + 1 day", False),
        ("after: birth, before: birth + 2 days", True),
        ("between: [period end, period start]", False),
        ("between: [period start, period end - 364 days]", True),
        ("between: [period start, period end - 365 days]", False),  # of a common year
        ("between: [birth, period end]", True),
        ("between: [period start, birth]", True),  # a child born in the period
        ("between: [period end + 1 day, birth]", False),  # nobody of the period
        ("between: [period start, birthday 200]", True),
        ("between: [death, death - 1 day]", False),
        ("between: [birth, death]", True),
        ("between: [death, birth]", True),  # the check does not know how long people live
        ("between: [period end, birth - 1 year]", False),
    ],
)
def test_windows_that_nothing_can_lie_in(window: str, possible: bool) -> None:
    found = codes(with_numerator(f"{{count: {{code: x}}, {window}}}"))
    assert found == ([] if possible else ["VBM220"])


def test_the_leap_day_decides_by_year() -> None:
    text = with_numerator("{count: {code: x}, between: [period start, period end - 365 days]}")
    assert (codes(text, year=2024), codes(text, year=2025)) == ([], ["VBM220"])


def test_windows_after_a_first_event_are_compared_by_offset() -> None:
    dose = "define: {dose: {date: {first: {code: x}, from: birth, to: birthday 1}}}\n"
    ends = with_numerator("{count: {code: y}, between: [dose + 2 days, dose + 1 day]}", dose)
    fits = with_numerator("{count: {code: y}, between: [dose + 1 day, dose + 1 day]}", dose)
    other = with_numerator("{count: {code: y}, between: [dose + 2 days, birthday 1]}", dose)
    assert (codes(ends), codes(fits), codes(other)) == (["VBM220"], [], [])


def test_an_impossible_window_in_a_branch_of_another_year_is_found_without_a_year() -> None:
    extra = (
        "parameters: {p: {about: x, type: boolean, values: "
        "[{from: 2020, value: yes, source: S}, {from: 2025, value: no, source: S}]},"
        " n: {about: x, type: integer, values: "
        "[{from: 2020, value: 9, source: S}, {from: 2025, value: 1, source: S}]}}\n"
    )
    text = with_numerator(
        "{choose: {by: p, cases: {yes: {count: {code: x}, from: birthday n, to: birthday 2}, no: " + COUNT + "}}}",
        extra,
    )
    assert (codes(text, year=2020), codes(text, year=2025), codes(text, year=None)) == (["VBM220"], [], ["VBM220"])


def test_an_age_between_nothing() -> None:
    assert codes(with_numerator("{age: {from: 11, to: 3, on: period end}}")) == ["VBM220"]


def test_index_needs_index_events() -> None:
    found = found_in(with_numerator("{count: {code: x}, between: [index - 120 days, index]}"))
    assert [d.code for d in found] == ["VBM221", "VBM221"]


def test_what_nothing_uses_is_a_warning() -> None:
    text = (
        HEAD
        + "use: [shared]\ndefine:\n  a: {died: {during: period}}\n  b: {not: a}\n"
        + parameter("p", "boolean", "yes")
        + RATE
    )
    found = found_in(text, {"shared": SHARED})
    assert [d.message for d in found] == [
        "the piece `a` is not used by any rate",
        "the piece `b` is not used by any rate",
        "the parameter `p` changes nothing",
        "nothing of the fragment `shared` is used",
    ]
    assert all(line.startswith("w VBM222") for line in brief(found))


def test_a_shared_population_that_no_rate_takes_is_unused() -> None:
    assert codes(HEAD + "population: [{turns: birth}]\n" + RATE) == ["VBM222"]
    assert codes(HEAD + "exclusions: [{id: dead, when: {died: {during: period}}}]\n" + RATE) == []


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        ("title: Seen in 30 days, numerator: {count: {code: x}, during: period}", []),
        ("title: Seen in 7 days, numerator: {count: {code: x}, during: period}", ["VBM237"]),
        ("title: seen  in 7 Days, numerator: {count: {code: x}, during: period}", ["VBM237"]),
        ("title: Seen in 7 days, composite: pooled, of: [seven, r]", ["VBM237"]),
    ],
)
def test_rates_have_titles_that_tell_them_apart(second: str, expected: list[str]) -> None:
    numerator = "numerator: {count: {code: x}, during: period}"
    own = "population: [{turns: birth}]"
    rates = f"rates:\n  - {{id: r, title: Seen, {numerator}, {own}}}\n"
    rates += f"  - {{id: seven, title: Seen in 7 days, {numerator}, {own}}}\n"
    rates += f"  - {{id: other, {second}{'' if 'composite' in second else ', ' + own}}}\n"
    found = found_in(HEAD + rates)
    assert [d.code for d in found] == expected
    for d in found:
        assert d.severity is Severity.WARNING
        assert d.message == "the rates `seven` and `other` have the same title"
        assert d.span is not None
        assert d.span.line == (HEAD + rates).count("\n")


def test_a_definition_names_its_sources() -> None:
    bare = (HEAD + RATE).replace("references: [{title: A source, tag: SRC}]\n", "")
    assert errors_of(found_in(bare)) == ["VBM225"]
    assert brief(found_in(bare.replace("basis:", "status: draft\nbasis:"))) == ["w VBM225 1:5"]
    values = "parameters: {p: {about: x, type: boolean, values: [{from: 2020, value: yes}]}}\n"
    text = with_numerator("{choose: {by: p, cases: {yes: {turns: birth}, no: {turns: death}}}}", values)
    assert errors_of(found_in(text)) == ["VBM226"]


def test_a_parameter_needs_a_value_for_the_year() -> None:
    text = with_numerator("{turns: birthday p}", parameter("p", "integer", "2"))
    assert (codes(text, year=2020), codes(text, year=2019), codes(text, year=None)) == ([], ["VBM227"], [])
    [line] = [number for number, written in enumerate(text.splitlines(), 1) if written.strip().startswith("p:")]
    assert brief(found_in(text, year=2019))[0].startswith(f"VBM227 {line}:")


@pytest.mark.parametrize(
    ("kind", "value", "more", "good"),
    [
        ("boolean", "yes", "", True),
        ("boolean", "1", "", False),
        ("integer", "12", "", True),
        ("integer", "-1", "", True),
        ("integer", "1.5", "", False),
        ("integer", "3", "minimum: 4, ", False),
        ("integer", "4", "minimum: 4, maximum: 4, ", True),
        ("integer", "5", "maximum: 4, ", False),
        ("choice", "a", "options: [a, b], ", True),
        ("choice", "c", "options: [a, b], ", False),
    ],
)
def test_parameter_values_are_of_their_type(kind: str, value: str, more: str, good: bool) -> None:
    found = [code for code in codes(HEAD + parameter("p", kind, value, more) + RATE) if code != "VBM222"]
    assert found == ([] if good else ["VBM231"])


def test_two_values_from_the_same_year() -> None:
    values = "values: [{from: 2020, value: 1, source: S}, {from: 2020, value: 2, source: S}]"
    text = with_numerator("{turns: birthday p}", f"parameters: {{p: {{about: x, type: integer, {values}}}}}\n")
    assert codes(text) == ["VBM218"]


@pytest.mark.parametrize(
    ("cases", "kind", "more", "good"),
    [
        ("yes: a, no: a", "boolean", "", True),
        ("true: a, false: a", "boolean", "", True),
        ("yes: a", "boolean", "", False),
        ("yes: a, no: a, perhaps: a", "boolean", "", False),
        ("k: a, l: a", "choice", "options: [k, l], ", True),
        ("k: a", "choice", "options: [k, l], ", False),
        ("k: a, l: a, m: a", "choice", "options: [k, l], ", False),
    ],
)
def test_choose_has_a_case_for_every_value(cases: str, kind: str, more: str, good: bool) -> None:
    value = "yes" if kind == "boolean" else "k"
    extra = parameter("p", kind, value, more) + f"define: {{a: {COUNT}}}\n"
    found = codes(with_numerator(f"{{choose: {{by: p, cases: {{{cases}}}}}}}", extra))
    assert found == ([] if good else ["VBM228"])


def test_unless_names_a_value_of_the_parameter() -> None:
    extra = parameter("p", "choice", "k", "options: [k, l], ")
    numerator = "{count: {code: x, unless: {p: VALUE, filters: {place: y}}}, during: period}"
    assert codes(with_numerator(numerator.replace("VALUE", "l"), extra)) == []
    assert codes(with_numerator(numerator.replace("VALUE", "m"), extra)) == ["VBM228"]


@pytest.mark.parametrize(
    ("event", "code"),
    [
        ("{code: x, unknown_provider: include}", "VBM236"),
        ("{code: x, not_provider: y, unknown_provider: exclude}", "VBM236"),
        ("{any: [{code: x, provider: y}], unknown_provider: include}", "VBM236"),
        ("{code: x, provider: y, unless: {p: yes, filters: {unknown_provider: exclude}}}", "VBM236"),
        ("{code: x, unless: {p: yes, filters: {provider: y, unknown_provider: include}}}", None),
        # The parameter is no: both filters hold, and they contradict each other.
        ("{code: x, provider: y, unless: {p: yes, filters: {provider: y, unknown_provider: include}}}", "VBM233"),
        ("{any: [{code: x, provider: y}], provider: y, unknown_provider: include}", "VBM233"),
        ("{any: [{code: x, provider: y, unknown_provider: include}], provider: y, unknown_provider: include}", None),
    ],
)
def test_unknown_providers_are_judged_beside_the_provider(event: str, code: str | None) -> None:
    extra = parameter("p", "boolean", "no") if "p: yes" in event else ""
    found = found_in(with_numerator(f"{{count: {event}, during: period}}", extra))
    assert [d.code for d in found] == ([code] if code else [])
    assert all(d.span is not None for d in found)


def test_an_unknown_provider_alone_is_shown_where_it_stands() -> None:
    numerator = """\
        count:
          code: x
          provider: y
          unless: {p: yes, filters: {unknown_provider: exclude}}
        during: period"""
    text = with_numerator(numerator, parameter("p", "boolean", "no"))
    (found,) = found_in(text)
    assert found.span is not None
    assert text.splitlines()[found.span.line - 1][found.span.column - 1 :].startswith("exclude")


@pytest.mark.parametrize(
    ("window", "good"),
    [
        ("from: period start - 1 year, to: period end", True),
        ("during: period", True),
        ("from: birth, to: period end", False),
        ("from: period start, to: birthday 2", False),
        ("from: period start - 20 years, to: period end", False),
    ],
)
def test_years_of_enrollment_are_measurement_years(window: str, good: bool) -> None:
    found = codes(with_numerator(f"{{enrolled: {{{window}, gaps: 1, gap_days: 45, per: year}}}}"))
    assert found == ([] if good else ["VBM229"])


@pytest.mark.parametrize(
    "numerator",
    [
        "{count: {code: x}, at_least: 0, during: period}",
        "{count: {code: x}, apart: 0 days, during: period}",
        "{at_least_of: {n: 3, of: [{turns: birth}, {turns: death}]}}",
        "{at_least_of: {n: 0, of: [{turns: birth}]}}",
        "{different_dates: [{count: {code: x}, at_least: 0, during: period}]}",
        "{different_dates: [" + ", ".join(f"{{count: {{code: x{n}}}, during: period}}" for n in range(7)) + "]}",
    ],
)
def test_counts_that_mean_nothing(numerator: str) -> None:
    assert codes(with_numerator(numerator)) == ["VBM232"]


def test_all_bad_counts_show_at_once_with_their_places() -> None:
    text = with_numerator(
        "{all: [{count: {code: x}, at_least: 0, during: period}, {age: {from: 5, to: 4, on: birth}}]}"
    )
    assert errors_of(found_in(text)) == ["VBM232", "VBM220"]


@pytest.mark.parametrize(
    ("outer", "inner", "good"),
    [
        ("place: a", "place: b", False),
        ("place: a", "place: a", True),
        ("not_place: a", "not_place: b", True),
        ("modifier: a", "modifier: b", False),
        ("provider: a", "provider: b", False),
        ("status: [paid]", "status: [denied]", False),
        ("status: [paid, pending]", "status: [paid]", True),
        ("source: [immunization]", "source: [medical_claim]", False),
        ("with_code: a", "with_code: b", True),
    ],
)
def test_filters_that_contradict_each_other(outer: str, inner: str, good: bool) -> None:
    found = codes(with_numerator(f"{{count: {{any: [{{code: x, {inner}}}], {outer}}}, during: period}}"))
    assert found == ([] if good else ["VBM233"])


def test_pieces_that_double_each_other_are_refused_at_once() -> None:
    pieces = "".join(f"  a{n}: {{any: [a{n + 1}, a{n + 1}]}}\n" for n in range(60))
    text = with_numerator("a0", f"define:\n{pieces}  a60: {COUNT}\n")
    assert codes(text) == ["VBM235"]
    few = text.replace("      a0\n", "      a54\n")
    assert errors_of(found_in(few)) == []


# --- rates ---

TWO = """\
exclusions: [{{id: dead, when: {{died: {{during: period}}}}}}]
rates:
  - id: a
    title: A
    population: [{{turns: birthday 2}}]
    numerator: {{count: {{code: x}}, during: period}}
  - id: b
    title: B
    {other}
    numerator: {numerator}
"""


@pytest.mark.parametrize(
    ("other", "good"),
    [
        ("population: [{turns: birthday 2}]", True),
        ("population: [{step: In other words, when: {turns: birth + 2 years}}]", True),
        ("population: [{turns: birthday 3}]", False),
        ("population: [{turns: birthday 2}]\n    exclusions: []", False),
        ("population: [{turns: birthday 2}]\n    exclusions: [{id: gone, when: {died: {during: period}}}]", False),
    ],
)
def test_met_joins_rates_of_one_population(other: str, good: bool) -> None:
    found = codes(HEAD + TWO.format(other=other, numerator="{met: a}"))
    assert [code for code in found if code != "VBM222"] == ([] if good else ["VBM230"])


def test_met_through_a_piece_is_checked_too() -> None:
    text = HEAD + "define: {both: {met: a}}\n" + TWO.format(other="population: [{turns: birthday 3}]", numerator="both")
    assert codes(text) == ["VBM230"]


@pytest.mark.parametrize(
    ("total", "other", "expected"),
    [
        ("[a, b]", "population: [{turns: birthday 3}]", []),
        ("[a, b]", "population: [{turns: birthday 3}]\n    exclusions: []", ["VBM230"]),
        ("[a]", "population: [{turns: birthday 3}]", ["VBM230"]),
        ("[a, a]", "population: [{turns: birthday 3}]", ["VBM230"]),
        ("[a, c]", "population: [{turns: birthday 3}]", ["VBM213"]),
        ("[a, t]", "population: [{turns: birthday 3}]", ["VBM217", "VBM230"]),
    ],
)
def test_totals_join_rates_with_the_same_exclusions(total: str, other: str, expected: list[str]) -> None:
    text = HEAD + TWO.format(other=other, numerator=COUNT) + f"  - {{id: t, title: T, total_of: {total}}}\n"
    assert codes(text) == expected


def test_met_cannot_join_a_total() -> None:
    text = HEAD + TWO.format(other="population: [{turns: birthday 2}]", numerator="{met: t}")
    assert "VBM230" in codes(text + "  - {id: t, title: T, total_of: [a, b]}\n")


def test_a_rate_needs_a_population() -> None:
    assert codes(HEAD + f"rates: [{{id: a, title: A, numerator: {COUNT}}}]\n") == ["VBM202"]


def test_fragments_are_checked_where_they_stand() -> None:
    found = found_in(
        HEAD + "use: [shared]\nexclusions: [hospice]\n" + RATE, {"shared": SHARED.replace("count: care", "count: car")}
    )
    unknown = next(d for d in found if d.code == "VBM210")
    assert unknown.span is not None
    assert (unknown.span.path, unknown.span.line) == ("shared/shared.yaml", 7)


# --- sources, records and encounters ---


@pytest.mark.parametrize(
    ("filters", "code", "hint"),
    [
        ("source: claim", "VBM271", "did you mean `claims`?"),
        ("source: [claims, registri]", "VBM271", "did you mean `registry`?"),
        ("source: [medications]", "VBM271", "did you mean `medication`?"),
        ("record_status: completd", "VBM273", "did you mean `completed`?"),
        ("encounter_klass: AMB", "VBM201", "did you mean `encounter_class`?"),
    ],
)
def test_misspelled_sources_and_statuses_get_a_suggestion(filters: str, code: str, hint: str) -> None:
    found = found_in(with_numerator(f"{{count: {{code: x, {filters}}}, during: period}}"))
    assert [(d.code, d.hint) for d in found] == [(code, hint)]


@pytest.mark.parametrize("status", ["entered-in-error", "Not-Done", "cancelled", "canceled", "revoked", "refuted"])
def test_void_statuses_cannot_be_asked_for(status: str) -> None:
    numerator = f"{{count: {{code: x, record_status: [completed, {status}]}}, during: period}}"
    assert codes(with_numerator(numerator)) == ["VBM272"]


@pytest.mark.parametrize(
    ("event", "good"),
    [
        ("{code: x, encounter_class: AMB}", True),
        ("{code: x, encounter_class: AMB, source: clinical, record_status: finished}", True),
        ("{code: x, encounter_class: AMB, not_place: y, without_code: y}", True),
        ("{code: x, encounter_class: AMB, provider: y, unknown_provider: include}", True),
        ("{any: [{code: x}, {code: z, encounter_type: office visit}]}", True),
        ("{code: x, encounter_class: AMB, source: [claims, observation]}", False),
        ("{any: [{code: x, encounter_type: office visit}], source: claims}", False),
        ("{code: x, encounter_type: office visit, place: y}", False),
        ("{code: x, encounter_class: AMB, modifier: y}", False),
        ("{code: x, encounter_class: AMB, with_diagnosis: y}", False),
        ("{code: x, encounter_class: AMB, provider: y}", False),
    ],
)
def test_encounters_are_not_asked_for_what_they_never_have(event: str, good: bool) -> None:
    assert codes(with_numerator(f"{{count: {event}, during: period}}")) == ([] if good else ["VBM274"])
