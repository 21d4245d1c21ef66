"""The four formats, letter by letter."""

import json

import pytest

from vbpmeasure.diagnostics import Diagnostic, Severity, Span
from vbpmeasure.diagnostics.rendering import FORMATS, render

FOUND = Diagnostic(
    "VBM203",
    "unknown value set `well_car_visit`",
    span=Span("measures/w30/measure.yaml", 11, 24, 11, 38),
    hint="did you mean `well_care_visit`?",
    source_line="    event: {any: [{code: well_car_visit}]}",
)
WARNING = Diagnostic("VBM250", "the piece `x` is not used", Severity.WARNING, where="eligibility.birth_date")
BARE = Diagnostic("VBM401", "no data was named")


def test_full():
    assert render([FOUND, WARNING, BARE], "full") == (
        "error[VBM203]: unknown value set `well_car_visit`\n"
        "  --> measures/w30/measure.yaml:11:24\n"
        "    |\n"
        " 11 |     event: {any: [{code: well_car_visit}]}\n"
        "    |                        ^^^^^^^^^^^^^^\n"
        "hint: did you mean `well_care_visit`?\n"
        "\n"
        "warning[VBM250]: the piece `x` is not used\n"
        "  --> eligibility.birth_date\n"
        "\n"
        "error[VBM401]: no data was named\n"
        "\n"
        "2 errors, 1 warning\n"
    )


def test_full_is_the_default_and_one_finding_needs_no_count():
    assert render([BARE]) == "error[VBM401]: no data was named\n"


def carets(source, span):
    lines = render([Diagnostic("VBM201", "m", span=span, source_line=source)], "full").splitlines()
    return lines[3:5]


def test_an_empty_span_gets_one_caret():
    assert carets("key:", Span("f", 1, 5, 1, 5)) == [" 1 | key:", "   |     ^"]


def test_a_span_over_several_lines_is_marked_to_the_end_of_its_first():
    assert carets("a: {b: 1,", Span("f", 1, 4, 3, 2))[1] == "   |    ^^^^^^"


def test_tabs_and_wide_characters_keep_the_caret_in_place():
    assert carets("\tx: 1", Span("f", 1, 2, 1, 3)) == [" 1 |  x: 1", "   |  ^"]
    assert carets("日本: x", Span("f", 1, 5, 1, 6)) == [" 1 | 日本: x", "   |       ^"]


def test_a_long_line_is_cut_around_the_culprit():
    source = "a: [" + "x, " * 200 + "culprit" + ", y" * 200 + "]"
    column = source.index("culprit") + 1
    line, marks = carets(source, Span("f", 1, column, 1, column + 7))
    assert len(line) < 160
    start = marks.index("^")
    assert line[start : start + 7] == "culprit"
    assert marks.count("^") == 7
    assert line.startswith(" 1 | … ")
    assert line.endswith(" …")


def test_a_position_past_the_line_does_not_break():
    assert carets("ab", Span("f", 1, 99, 1, 120))[1] == "   |   ^"


def test_missing_source_lines_are_read_from_the_file(tmp_path):
    file = tmp_path / "a.yaml"
    file.write_text("first\nsecond: x\n")
    text = render([Diagnostic("VBM201", "m", span=Span(str(file), 2, 9, 2, 10))], "full")
    assert text.splitlines()[-2:] == [" 2 | second: x", "   |         ^"]


def test_color_is_only_color():
    import re

    colored = render([FOUND, WARNING, BARE], "full", color=True)
    assert "\x1b[1;31merror[VBM203]\x1b[0m" in colored
    assert re.sub(r"\x1b\[[0-9;]*m", "", colored) == render([FOUND, WARNING, BARE], "full")


def test_concise():
    assert render([FOUND, WARNING, BARE], "concise") == (
        "measures/w30/measure.yaml:11:24: VBM203 unknown value set `well_car_visit`\n"
        "eligibility.birth_date: VBM250 warning: the piece `x` is not used\n"
        "VBM401 no data was named\n"
    )


def test_json():
    document = json.loads(render([FOUND, WARNING], "json"))
    assert (document["schema_version"], document["errors"], document["warnings"]) == (1, 1, 1)
    assert document["diagnostics"][0] == {
        "code": "VBM203",
        "severity": "error",
        "message": "unknown value set `well_car_visit`",
        "path": "measures/w30/measure.yaml",
        "line": 11,
        "column": 24,
        "end_line": 11,
        "end_column": 38,
        "where": None,
        "hint": "did you mean `well_care_visit`?",
        "source_line": "    event: {any: [{code: well_car_visit}]}",
    }
    assert document["diagnostics"][1]["line"] is None
    assert document["diagnostics"][1]["where"] == "eligibility.birth_date"


def test_json_of_nothing_is_a_document():
    assert json.loads(render([], "json")) == {"schema_version": 1, "errors": 0, "warnings": 0, "diagnostics": []}
    assert [render([], f) for f in FORMATS if f != "json"] == ["", "", ""]


def test_github():
    assert render([FOUND, WARNING, BARE], "github") == (
        "::error file=measures/w30/measure.yaml,line=11,col=24,title=VBM203::"
        "unknown value set `well_car_visit`%0Ahint: did you mean `well_care_visit`?\n"
        "::warning title=VBM250::eligibility.birth_date: the piece `x` is not used\n"
        "::error title=VBM401::no data was named\n"
    )


def test_github_escapes_what_the_runner_reads():
    found = Diagnostic("VBM201", "100%: a,b\r\n::error::x", span=Span("a,b:c%.yaml", 1, 2, 1, 3))
    assert render([found], "github") == (
        "::error file=a%2Cb%3Ac%25.yaml,line=1,col=2,title=VBM201::100%25: a,b%0A::error::x\n"
    )


@pytest.mark.parametrize("format", ["full", "concise", "github"])
def test_no_control_character_reaches_the_terminal(format):
    bad = "x\x1b]0;owned\x07\u202e\x9b31m"
    found = Diagnostic("VBM201", f"m {bad}\nnext", span=Span(f"p{bad}", 1, 1, 1, 2), hint=bad, source_line=bad)
    text = render([found], format)
    assert not [c for c in text if c != "\n" and not c.isprintable()]
    assert "owned" in text


def test_an_unknown_format_is_a_bug_of_the_caller():
    with pytest.raises(ValueError, match="unknown diagnostics format"):
        render([BARE], "xml")
