"""The two race standards: GB10 of the equity page in both, tabulations by hand, and what a run may choose."""

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from vbpmeasure.diagnostics import Failure
from vbpmeasure.plan.measures import calendar_year
from vbpmeasure.results.categories.crosswalks import load_category_system, load_category_systems
from vbpmeasure.results.categories.dimensions import parse_by
from vbpmeasure.results.categories.rollup import roll_up
from vbpmeasure.results.categories.standards import Choice, choose
from vbpmeasure.results.categories.strata import assign_strata
from vbpmeasure.results.frame import ROW_SCHEMA, ResultFrame

CROSSWALKS = Path(__file__).parents[4] / "measures" / "crosswalks"
SEVERAL = "Multiracial and/or Multiethnic"
MENA = "Middle Eastern or North African"
HISPANIC = "Hispanic or Latino"
UNTOLD = "Multiracial, groups not told"
AIAN, ASIAN, BLACK, WHITE = "American Indian or Alaska Native", "Asian", "Black or African American", "White"
NHPI, OTHER = "Native Hawaiian or Pacific Islander", "Some Other Race"
DECLINED, UNKNOWN = "Asked But No Answer", "Unknown"


@pytest.fixture(scope="module")
def every():
    return load_category_systems([CROSSWALKS])


def spd15(every, tabulation=None):
    return choose(every, Choice("spd15", tabulation))


def people_frame(race, ethnicity=None, **more):
    columns = {"race": race, "ethnicity": ethnicity or [None] * len(race), **more}
    base = {"person_id": [f"p{i}" for i in range(len(race))], "birth_date": [dt.date(2020, 1, 1)] * len(race)}
    people = pl.DataFrame({**base, **columns}, schema_overrides={"race": pl.String, "ethnicity": pl.String})
    return ResultFrame(calendar_year(2025), (), pl.DataFrame(schema=ROW_SCHEMA), people)


def strata(frame, chosen, by="race"):
    dimensions = parse_by(by, chosen.by_dimension, aliases=chosen.aliases, elsewhere=chosen.elsewhere)
    return assign_strata(frame, dimensions, chosen.by_dimension).strata[0]


def members(found):
    """People (by position) of each stratum of an overlapping dimension that has anyone."""
    ids = found.ids.to_list()
    rows = {
        text: [n for n, i in enumerate(ids) if i in of] for text, of in zip(found.texts, found.made_of, strict=True)
    }
    return {text: people for text, people in rows.items() if people}


@pytest.mark.parametrize(
    ("codes", "omb1997", "spd15_stratum"),
    [
        ("2028-9|2034-7", ASIAN, ASIAN),
        ("2028-9|2106-3", "Two or More Races", SEVERAL),
        ("2118-8", WHITE, MENA),
        ("2118-8|2106-3", WHITE, SEVERAL),
        ("ASKU|UNK", DECLINED, DECLINED),
        ("UNK", UNKNOWN, UNKNOWN),
        ("2135-2", UNKNOWN, HISPANIC),
        ("2054-5|ASKU", BLACK, BLACK),
    ],
)
def test_gb10(every, codes, omb1997, spd15_stratum):
    assert roll_up(every["race"], codes).category == omb1997
    assert roll_up(every["race_ethnicity"], codes).category == spd15_stratum
    if codes == "2135-2":
        assert roll_up(every["race"], codes).ethnicity == HISPANIC


@pytest.mark.parametrize(
    ("race", "ethnicity", "stratum"),
    [
        ("2106-3", "2135-2", SEVERAL),
        (None, "2135-2", HISPANIC),
        ("UNK", "2148-5", HISPANIC),  # Mexican
        ("2106-3", "2186-5", WHITE),  # not Hispanic is no answer of the item
        (None, "2186-5", UNKNOWN),
        ("ASKU", "2186-5", DECLINED),
        ("ASKU", "2135-2", HISPANIC),  # a real answer beats a refusal
        (None, "ASKU", DECLINED),
        ("2135-2", "2135-2", HISPANIC),
        ("White, non-Hispanic", None, WHITE),
        ("H", None, HISPANIC),  # X12
        ("2131-1", "2135-2", HISPANIC),  # other beside a real answer is ignored
        ("2131-1", "2186-5", OTHER),
        ("2129-5", None, MENA),  # Arab
        ("2108-9", None, WHITE),  # European
        ("2080-0", None, NHPI),  # Samoan
        ("07", None, SEVERAL),
        (None, None, UNKNOWN),
    ],
)
def test_both_columns_are_one_item(every, race, ethnicity, stratum):
    assert roll_up(every["race_ethnicity"], race, ethnicity).category == stratum


def test_an_unknown_code_of_either_column_is_counted(every):
    system = every["race_ethnicity"]
    assert roll_up(system, "klingon", "2135-2").unmapped
    assert roll_up(system, "2106-3", "9999").unmapped
    found = assign_strata(
        people_frame(["klingon", "2106-3", None], [None, "9999", None]),
        parse_by("race_ethnicity", spd15(every).by_dimension),
        spd15(every).by_dimension,
    )
    assert found.unmapped == {"race_ethnicity": 2}


def test_the_minimum_categories_of_the_directive(every):
    system = every["race_ethnicity"]
    assert system.categories[:7] == (AIAN, ASIAN, BLACK, HISPANIC, MENA, NHPI, WHITE)
    assert system.tabulations == ("combined_multiracial", "most_frequent_combinations", "alone_or_in_combination")


# Ten people: two Asian, one Asian and White, three Hispanic and White, one of all three, one "multiracial" without
# details, one who declined, one unknown.
RACE = ["2028-9", "2028-9", "2028-9|2106-3", *["2106-3"] * 3, "2028-9|2106-3", "07", "ASKU", None]
ETHNICITY = [None, "2186-5", None, *["2135-2"] * 3, "2135-2", None, None, "UNK"]


def test_combined_multiracial_adds_up_to_everyone(every):
    found = strata(people_frame(RACE, ETHNICITY), spd15(every))
    assert not found.overlaps
    assert [found.texts[i] for i in found.ids] == [ASIAN, ASIAN, *[SEVERAL] * 6, DECLINED, UNKNOWN]


def test_alone_or_in_combination_counts_people_in_every_row(every):
    found = strata(people_frame(RACE, ETHNICITY), spd15(every, "alone_or_in_combination"))
    assert found.overlaps
    assert members(found) == {
        ASIAN: [0, 1, 2, 6],
        HISPANIC: [3, 4, 5, 6],
        WHITE: [2, 3, 4, 5, 6],
        UNTOLD: [7],
        DECLINED: [8],
        UNKNOWN: [9],
    }
    atoms = [found.disjoint_texts[i] for i in found.ids]
    assert atoms[2] == "Asian + White"
    assert atoms[6] == "Asian + Hispanic or Latino + White"
    assert len(set(atoms)) == len(found.atoms) == 7


def test_most_frequent_combinations_add_up_to_everyone(every, tmp_path):
    for name in ("race_ethnicity_spd15.yaml", "race_ethnicity_spd15.csv", "race_omb1997.csv", "ethnicity_omb1997.yaml"):
        (tmp_path / name).write_text((CROSSWALKS / name).read_text())
    (tmp_path / "ethnicity_omb1997.csv").write_text((CROSSWALKS / "ethnicity_omb1997.csv").read_text())
    file = tmp_path / "race_ethnicity_spd15.yaml"
    file.write_text(file.read_text().replace("frequent_at_least: 11", "frequent_at_least: 2"))
    own = {**every, "race_ethnicity": load_category_system(file)}
    found = strata(people_frame(RACE, ETHNICITY), spd15(own, "most_frequent_combinations"))
    assert not found.overlaps
    assert found.texts == (
        *(AIAN, ASIAN, BLACK, HISPANIC, MENA, NHPI, WHITE, OTHER),
        *("Hispanic or Latino + White", "All other combinations", UNTOLD, DECLINED, UNKNOWN),
    )
    rows = [found.texts[i] for i in found.ids]
    rest = "All other combinations"
    assert rows == [ASIAN, ASIAN, rest, *["Hispanic or Latino + White"] * 3, rest, UNTOLD, DECLINED, UNKNOWN]


def test_a_rare_combination_has_no_row_of_its_own(every):
    found = strata(people_frame(RACE, ETHNICITY), spd15(every, "most_frequent_combinations"))
    assert not any(" + " in text for text in found.texts)


def test_the_most_frequent_come_first_and_ties_go_by_category(every):
    race = ["2028-9|2106-3"] * 11 + ["2054-5|2106-3"] * 12 + ["1002-5|2106-3"] * 11 + ["1002-5|2028-9"] * 10
    found = strata(people_frame(race), spd15(every, "most_frequent_combinations"))
    assert [text for text in found.texts if " + " in text] == [
        "Black or African American + White",
        "American Indian or Alaska Native + White",
        "Asian + White",
    ]


def test_a_crossing_of_overlapping_strata(every):
    frame = people_frame(["2028-9|2106-3", "2106-3", "2028-9", None], gender=["F", "F", "M", "M"])
    found = strata(frame, spd15(every, "alone_or_in_combination"), "race*sex")
    assert members(found) == {
        "Asian * Female": [0],
        "Asian * Male": [2],
        "White * Female": [0, 1],
        "Unknown * Male": [3],
    }
    assert found.disjoint_texts[found.ids[0]] == "Asian + White * Female"


@pytest.mark.parametrize(
    ("by", "names"),
    [
        ("race", ["race_ethnicity"]),
        ("race,ethnicity", ["race_ethnicity"]),
        ("ethnicity,sex,race", ["race_ethnicity", "sex"]),
        ("race_ethnicity,race", ["race_ethnicity"]),
        ("race*ethnicity*sex", ["race_ethnicity*sex"]),
    ],
)
def test_race_and_ethnicity_mean_the_one_item(every, by, names):
    chosen = spd15(every)
    found = parse_by(by, chosen.by_dimension, aliases=chosen.aliases, elsewhere=chosen.elsewhere)
    assert [d.name for d in found] == names


def test_the_item_of_the_other_standard_is_refused(every):
    chosen = choose(every, Choice())
    with pytest.raises(Failure) as caught:
        parse_by("race_ethnicity", chosen.by_dimension, aliases=chosen.aliases, elsewhere=chosen.elsewhere)
    (problem,) = caught.value.diagnostics
    assert problem.code == "VBM405"
    assert problem.hint == "add `--race-standard spd15`"


@pytest.mark.parametrize(
    ("choice", "code"),
    [
        (Choice("omb1977"), "VBM470"),
        (Choice("omb1997", "alone_or_in_combination"), "VBM471"),
        (Choice("spd15", "alone"), "VBM471"),
    ],
)
def test_choices_that_do_not_exist(every, choice, code):
    with pytest.raises(Failure) as caught:
        choose(every, choice)
    assert [d.code for d in caught.value.diagnostics] == [code]
    assert caught.value.exit_code == 2


def test_four_dimensions_crossed_are_refused(every):
    chosen = spd15(every)
    with pytest.raises(Failure, match="more than 3"):
        parse_by("race*sex*payer*plan", chosen.by_dimension, aliases=chosen.aliases)
