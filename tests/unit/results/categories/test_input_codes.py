"""Codes that extracts carry: null flavors, 834 letters, sources, languages, proficiency, geography."""

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from vbpmeasure.diagnostics import Failure
from vbpmeasure.plan.measures import calendar_year
from vbpmeasure.results.categories.code_tables import read_languages
from vbpmeasure.results.categories.crosswalks import load_category_systems
from vbpmeasure.results.categories.dimensions import parse_by
from vbpmeasure.results.categories.rollup import roll_up
from vbpmeasure.results.categories.standards import Choice, choose
from vbpmeasure.results.categories.strata import assign_strata
from vbpmeasure.results.frame import ROW_SCHEMA, ResultFrame

CROSSWALKS = Path(__file__).parents[4] / "measures" / "crosswalks"


def people_frame(**columns):
    height = len(next(iter(columns.values())))
    base = {"person_id": [f"p{i}" for i in range(height)], "birth_date": [dt.date(2020, 1, 1)] * height}
    people = pl.DataFrame({**base, **columns})
    return ResultFrame(calendar_year(2025), (), pl.DataFrame(schema=ROW_SCHEMA), people)


@pytest.mark.parametrize(
    ("raw", "race", "ethnicity"),
    [
        # X12 834, DMG05
        ("C", "White", None),
        ("B", "Black or African American", None),
        ("N", "Black or African American", "Not Hispanic or Latino"),
        ("O", "White", "Not Hispanic or Latino"),
        ("H", "Unknown", "Hispanic or Latino"),
        ("I", "American Indian or Alaska Native", None),
        ("G", "American Indian or Alaska Native", None),
        ("D", "Asian", None),
        ("J", "Native Hawaiian or Other Pacific Islander", None),
        ("P", "Native Hawaiian or Other Pacific Islander", None),
        ("E", "Some Other Race", None),
        ("7", "Unknown", None),
        ("8", "Unknown", None),
        (":RET:2106-3^:RET:2028-9", "Two or More Races", None),
        ("RET:2034-7", "Asian", None),
        # null flavors
        ("NASK", "Unknown", None),
        ("INV", "Unknown", None),
        ("MSK|2106-3", "White", None),
        # several words in one text
        ("White/Asian", "Two or More Races", None),
        ("White & Black", "Two or More Races", None),
        ("Black/African American", "Black or African American", None),
        ("White; Native Hawaiian/Other Pacific Islander", "Two or More Races", None),
        ("Hispanic, Latino or Spanish origin", "Unknown", "Hispanic or Latino"),
        ("MENA", "White", None),
    ],
)
def test_race_codes(systems, raw, race, ethnicity):
    rolled = roll_up(systems["race"], raw)
    assert (rolled.category, rolled.ethnicity, rolled.unmapped) == (race, ethnicity, False)


# `A` and `F` of X12 are Asian or Pacific Islander together: two categories, so nobody knows which.
@pytest.mark.parametrize("raw", ["A", "F", "Z", "W", "White/klingon", "1002", "2106-5"])
def test_codes_that_nobody_can_tell_are_counted_and_not_guessed(systems, raw):
    rolled = roll_up(systems["race"], raw)
    assert (rolled.category, rolled.unmapped) == ("Unknown", True)


@pytest.mark.parametrize("field", ["race_source", "ethnicity_source", "language_source"])
@pytest.mark.parametrize(
    ("raw", "source"),
    [
        ("20", "Direct"),
        ("21", "Direct"),
        ("22", "Direct"),
        ("23", "Indirect"),
        ("24", "Indirect"),
        ("28", "Unknown"),
        ("29", "Direct"),
        ("30", "Indirect"),
        ("direct", "Direct"),
        ("Self-Reported", "Direct"),
        ("imputed", "Indirect"),
        ("23|20", "Direct"),
        ("unknown", "Unknown"),
        (None, "Unknown"),
    ],
)
def test_sources(systems, field, raw, source):
    rolled = roll_up(systems[field], raw)
    assert (rolled.category, rolled.unmapped) == (source, False)


def test_an_unknown_source_is_counted(systems):
    assert roll_up(systems["race_source"], "25").unmapped


@pytest.mark.parametrize(
    ("raw", "proficiency", "limited"),
    [
        ("very_well", "Very well", "Speaks English very well"),
        ("well", "Well", "Limited English proficiency"),
        ("Not Well", "Not well", "Limited English proficiency"),
        ("not_at_all", "Not at all", "Limited English proficiency"),
        ("declined", "Declined", "Declined"),
        ("ASKU", "Declined", "Declined"),
        ("unknown", "Unknown", "Unknown"),
        (None, "Unknown", "Unknown"),
    ],
)
def test_english_proficiency(systems, raw, proficiency, limited):
    assert roll_up(systems["english_proficiency"], raw).category == proficiency
    assert roll_up(systems["limited_english"], raw).category == limited


def test_flags(systems):
    frame = people_frame(interpreter_needed=[True, False, None], disability_any=[False, True, None])
    found = assign_strata(frame, parse_by("interpreter,disability", systems), systems)
    assert [[one.texts[i] for i in one.ids] for one in found.strata] == [
        ["Interpreter needed", "No interpreter needed", "Unknown"],
        ["No disability", "Disability", "Unknown"],
    ]


def test_geography_goes_by_the_word_and_else_by_the_ruca_code(systems):
    frame = people_frame(
        geography=["urban", None, "", "Rural", None, None], ruca_code=["10", "3", "4.1", "1", "10.3", None]
    )
    found = assign_strata(frame, parse_by("geography", systems), systems)
    (one,) = found.strata
    assert [one.texts[i] for i in one.ids] == ["Urban", "Urban", "Rural", "Rural", "Rural", "Unknown"]
    alone = assign_strata(people_frame(ruca_code=["2"]), parse_by("geography", systems), systems)
    assert alone.absent == ()


def test_spoken_and_written_are_apart_and_language_takes_the_spoken_one_where_it_says_nothing(systems):
    frame = people_frame(
        language=["en", None, "UNK"], language_spoken=["es", "es", None], language_written=["en", "so", None]
    )
    found = assign_strata(frame, parse_by("language,language_spoken,language_written", systems), systems)
    assert [[one.texts[i] for i in one.ids] for one in found.strata] == [
        ["English", "Spanish", "Unknown"],
        ["Spanish", "Spanish", "Unknown"],
        ["English", "Other", "Unknown"],
    ]


@pytest.mark.parametrize(
    ("raw", "detailed"),
    [
        ("zh-TW", "Chinese"),
        ("Cantonese", "Chinese"),
        ("cmn", "Chinese"),
        ("chi", "Chinese"),
        ("vie", "Vietnamese"),
        ("ht", "Haitian Creole"),
        ("pt-BR", "Portuguese"),
        ("arz", "Arabic"),
        ("ru", "Russian"),
        ("Somali", "Somali"),
        ("ASL", "American Sign Language"),
        ("fr", "Other"),
        ("declined", "Declined"),
        ("und", "Unknown"),
    ],
)
def test_the_detailed_table_of_languages(systems, raw, detailed):
    chosen = choose(systems, Choice(languages=CROSSWALKS / "language_tables" / "detailed.csv"))
    for name in ("language", "language_spoken", "language_written"):
        assert roll_up(chosen.by_dimension[name], raw).category == detailed


def test_a_table_of_ones_own(systems, tmp_path):
    table = tmp_path / "ours.csv"
    table.write_text("code,category\nes-MX,Spanish\nHmong,Hmong\nen,English\nkar,Other\n")
    language = choose(systems, Choice(languages=table)).by_dimension["language"]
    assert language.categories == ("Spanish", "Hmong", "English", "Other", "Declined", "Unknown")
    rolled = [roll_up(language, raw).category for raw in ("spa", "hmn", "eng", "kar", "vi", "ASKU", None)]
    assert rolled == ["Spanish", "Hmong", "English", "Other", "Other", "Declined", "Unknown"]


@pytest.mark.parametrize("row", ["klingonese,Klingon", "es,"])
def test_a_broken_table_is_refused_without_its_values(systems, tmp_path, row):
    table = tmp_path / "ours.csv"
    table.write_text(f"code,category\nen,English\n{row}\n")
    with pytest.raises(Failure) as caught:
        choose(systems, Choice(languages=table))
    (problem,) = caught.value.diagnostics
    assert problem.code == "VBM275"
    assert "row 3" in problem.message
    assert "klingonese" not in problem.message


def test_five_hundred_languages_are_rolled_up(systems):
    bases = sorted(set(read_languages(CROSSWALKS / "language_codes.csv").values()))
    assert len(bases) > 500
    frame = people_frame(language=[*bases, "klingonese", "xx"])
    found = assign_strata(frame, parse_by("language", systems), systems)
    (language,) = found.strata
    counted = pl.Series([language.texts[i] for i in language.ids]).value_counts()
    assert dict(counted.iter_rows()) == {
        "English": 1,
        "Spanish": 1,
        "Other": len(bases) - 4,
        "Unknown": 4,  # und and zxx are no languages, and two nobody knows
    }
    assert found.unmapped == {"language": 2}


@pytest.mark.parametrize(
    ("raw", "language"),
    [("nav", "Other"), ("nv", "Other"), ("Navajo", "Other"), ("NAV", "Unknown"), ("NA", "Unknown"), ("na", "Unknown")],
)
def test_navajo_is_no_null_flavor(systems, raw, language):
    assert roll_up(systems["language"], raw).category == language


def test_every_shipped_system_names_its_codes_once():
    for system in load_category_systems([CROSSWALKS]).values():
        own = {"ethnicity": {"2", "1"} & set(system.ambiguous)}.get(system.dimension, set(system.ambiguous))
        assert set(system.ambiguous) == own, f"{system.id}: {sorted(system.ambiguous)}"
