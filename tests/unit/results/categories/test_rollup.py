"""The roll-up of race, ethnicity, language and sex. GB10 is the table of the equity page."""

import dataclasses
from pathlib import Path

import pytest

from vbpmeasure.diagnostics import Failure
from vbpmeasure.results.categories.crosswalks import load_category_system, load_category_systems
from vbpmeasure.results.categories.rollup import fill_ethnicity, roll_up

CROSSWALKS = Path(__file__).parents[4] / "measures" / "crosswalks"
GOOD = "id: x\ndimension: x\ntitle: t\ncolumn: c\ncategories: [A]\nunknown: A\ncodes: x.csv"
NHPI = "Native Hawaiian or Other Pacific Islander"
AIAN = "American Indian or Alaska Native"
BLACK = "Black or African American"


@pytest.mark.parametrize(
    ("raw", "race"),
    [
        # GB10, omb1997
        ("2028-9|2034-7", "Asian"),
        ("2028-9|2106-3", "Two or More Races"),
        ("2118-8", "White"),
        ("2118-8|2106-3", "White"),
        ("ASKU|UNK", "Asked But No Answer"),
        ("UNK", "Unknown"),
        ("2135-2", "Unknown"),
        ("2054-5|ASKU", BLACK),
        # the five roots, and the first and last detail of each
        ("1002-5", AIAN),
        ("1004-1", AIAN),
        ("2028-9", "Asian"),
        ("2052-9", "Asian"),
        ("2054-5", BLACK),
        ("2075-0", BLACK),
        ("2076-8", NHPI),
        ("2104-8", NHPI),
        ("2500-7", NHPI),
        ("2106-3", "White"),
        ("2129-5", "White"),
        ("2131-1", "Some Other Race"),
        # other beside a race is ignored by default; details of one parent stay one race
        ("2106-3|2131-1", "White"),
        ("2034-7;2036-2", "Asian"),
        ("2106-3,2054-5,2028-9", "Two or More Races"),
        # null flavors, T-MSIS, New York, words
        ("ASKU", "Asked But No Answer"),
        ("OTH", "Some Other Race"),
        ("NI", "Unknown"),
        ("001", "White"),
        ("004", "Asian"),
        ("011", "Asian"),
        ("012", NHPI),
        ("016", NHPI),
        ("018", "Some Other Race"),
        ("017", "Unknown"),
        ("01", "White"),
        ("04", "Asian"),
        ("05", NHPI),
        ("07", "Two or More Races"),
        ("08", "Asked But No Answer"),
        ("09", "Unknown"),
        ("white", "White"),
        ("  Black or  African American ", BLACK),
        ("DECLINED_TO_ANSWER", "Asked But No Answer"),
        ("Asked but unknown", "Asked But No Answer"),
        ("White, Non-Hispanic", "White"),
        ("White | Black", "Two or More Races"),
        (None, "Unknown"),
        ("", "Unknown"),
        (" | ", "Unknown"),
    ],
)
def test_race(systems, raw, race):
    rolled = roll_up(systems["race"], raw)
    assert rolled.category == race
    assert not rolled.unmapped


def test_other_counts_as_a_race_when_the_policy_says_so(systems):
    counting = dataclasses.replace(systems["race"], other_policy="count")
    assert roll_up(counting, "2106-3|2131-1").category == "Two or More Races"


@pytest.mark.parametrize("raw", ["1", "2106-4", "klingon", "2106-3|klingon", "0"])
def test_an_unknown_code_adds_nothing_and_is_reported(systems, raw):
    rolled = roll_up(systems["race"], raw)
    assert rolled.unmapped
    assert rolled.category == ("White" if "2106-3" in raw else "Unknown")


@pytest.mark.parametrize(
    ("raw", "ethnicity"),
    [
        ("2135-2", "Hispanic or Latino"),
        ("2186-5", "Not Hispanic or Latino"),
        ("2148-5", "Hispanic or Latino"),
        ("2184-0", "Hispanic or Latino"),
        ("0", "Not Hispanic or Latino"),
        ("1", "Hispanic or Latino"),
        ("5", "Hispanic or Latino"),
        ("6", "Unknown"),
        ("ASKU", "Asked But No Answer"),
        ("UNK", "Unknown"),
        ("Not Hispanic or Latino", "Not Hispanic or Latino"),
        ("Hispanic, Latino or Spanish origin", "Hispanic or Latino"),
        ("2186-5|2135-2", "Hispanic or Latino"),
        (None, "Unknown"),
    ],
)
def test_ethnicity(systems, raw, ethnicity):
    assert roll_up(systems["ethnicity"], raw).category == ethnicity


def test_a_code_that_two_systems_read_differently_is_not_guessed(systems):
    rolled = roll_up(systems["ethnicity"], "2")
    assert (rolled.category, rolled.unmapped) == ("Unknown", True)


@pytest.mark.parametrize(("prefer", "want"), [("NYS", "Not Hispanic or Latino"), ("TMSIS", "Hispanic or Latino")])
def test_a_preferred_system_decides_such_a_code(prefer, want):
    ethnicity = load_category_systems([CROSSWALKS], prefer=[prefer])["ethnicity"]
    assert roll_up(ethnicity, "2").category == want


@pytest.mark.parametrize(
    ("race", "own", "want"),
    [
        ("2135-2", None, "Hispanic or Latino"),
        ("2135-2|2106-3", "UNK", "Hispanic or Latino"),
        ("Hispanic", "", "Hispanic or Latino"),
        ("2135-2", "2186-5", "Not Hispanic or Latino"),  # a value of its own stands
        ("2135-2", "ASKU", "Asked But No Answer"),  # declining is a value
        ("2106-3", None, "Unknown"),
        ("White, non-Hispanic", None, "Not Hispanic or Latino"),
    ],
)
def test_rule_7_an_ethnicity_in_the_race_field(systems, race, own, want):
    filled = fill_ethnicity(systems["ethnicity"], roll_up(systems["ethnicity"], own), roll_up(systems["race"], race))
    assert filled.category == want


@pytest.mark.parametrize(
    ("raw", "language"),
    [
        ("es", "Spanish"),
        ("es-MX", "Spanish"),
        ("spa", "Spanish"),
        ("Spanish", "Spanish"),
        ("Spanish; Castilian", "Spanish"),
        ("en", "English"),
        ("en-US", "English"),
        ("en_US", "English"),
        ("ENG", "English"),
        ("zh-Hans-CN", "Other"),
        ("chi", "Other"),
        ("zho", "Other"),
        ("cmn", "Other"),
        ("Vietnamese", "Other"),
        ("ASL", "Other"),
        ("und", "Unknown"),
        ("UNK", "Unknown"),
        ("ASKU", "Declined"),
        ("declined", "Declined"),
        ("en;es", "English"),
        ("unknown|es", "Spanish"),
        (None, "Unknown"),
    ],
)
def test_language(systems, raw, language):
    rolled = roll_up(systems["language"], raw)
    assert (rolled.category, rolled.unmapped) == (language, False)


@pytest.mark.parametrize("raw", ["klingonese", "xx", "no-answer", "qq-US"])
def test_no_language(systems, raw):
    rolled = roll_up(systems["language"], raw)
    assert (rolled.category, rolled.unmapped) == ("Unknown", True)


@pytest.mark.parametrize(
    ("raw", "sex"),
    [
        ("female", "Female"),
        ("F", "Female"),
        ("M", "Male"),
        ("other", "Other"),
        ("X", "Other"),
        ("U", "Unknown"),
        (None, "Unknown"),
    ],
)
def test_sex(systems, raw, sex):
    assert roll_up(systems["sex"], raw).category == sex


def test_the_language_roll_up_can_be_replaced(tmp_path):
    for name in ("language.yaml", "language.csv", "language_codes.csv"):
        (tmp_path / name).write_text((CROSSWALKS / name).read_text())
    text = (tmp_path / "language.yaml").read_text()
    (tmp_path / "language.yaml").write_text(
        text.replace("[English, Spanish, Other", "[English, Spanish, Chinese, Other")
    )
    with (tmp_path / "language.csv").open("a") as file:
        file.write("ISO639,zho,Chinese\nISO639,yue,Chinese\n")
    language = load_category_systems([CROSSWALKS, tmp_path])["language"]
    assert [roll_up(language, raw).category for raw in ("zh-TW", "chi", "Cantonese", "vi")] == [
        *["Chinese"] * 3,
        "Other",
    ]


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        ("dimension: x\ncategories: [A]", "`id` is missing"),
        ("id: x\ndimension: x\ntitle: t\ncolumn: c\ncategories: [A, A]\nunknown: A\ncodes: x.csv", "twice"),
        (
            "id: x\ndimension: x\ntitle: t\ncolumn: c\ncategories: [A]\nunknown: B\ncodes: x.csv",
            "none of the categories",
        ),
        (
            GOOD + "\nwhen_several: all",
            "one of",
        ),
        (
            GOOD + "\nwhen_several: combine",
            "several",
        ),
        (GOOD, "does not list"),
        ("id: x\ndimension: x\ntitle: t\nbands: [young]", "age band"),
        (GOOD.replace("categories: [", "categories: [[], "), "list of texts"),
        (GOOD.replace("categories: [", 'categories: ["", '), "list of texts"),
        ("- x", "mapping"),
    ],
)
def test_a_broken_system_is_refused(tmp_path, broken, why):
    (tmp_path / "x.yaml").write_text(broken)
    (tmp_path / "x.csv").write_text("system,code,category\nS,1,Nowhere\n")
    with pytest.raises(Failure) as caught:
        load_category_system(tmp_path / "x.yaml")
    assert caught.value.diagnostics[0].code == "VBM270"
    assert why in caught.value.diagnostics[0].message
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("table", "why"),
    [
        ("code,category\n1,A\n", "`system`"),
        ("system,code,category\nS,1,A,more,fields\n", "more fields"),
        ('system,code,category\nS,"1,A\n', "CSV"),
    ],
)
def test_a_broken_code_table_is_refused(tmp_path, table, why):
    (tmp_path / "x.yaml").write_text(GOOD)
    (tmp_path / "x.csv").write_text(table)
    with pytest.raises(Failure, match=why):
        load_category_system(tmp_path / "x.yaml")
