"""Rates of strata that overlap: the counts of the table, of what stands behind it, and what may be shown."""

import polars as pl

from support.tables import amounts, rate_table
from vbpmeasure.results.categories.dimensions import parse_by
from vbpmeasure.results.categories.standards import Choice, choose
from vbpmeasure.results.categories.strata import assign_strata
from vbpmeasure.results.disclosure.policy import INTERNAL, PUBLIC
from vbpmeasure.results.disclosure.published import PublishedTable
from vbpmeasure.results.frame import RateKind
from vbpmeasure.results.person_level import person_level

WHITE, ASIAN, BOTH, DECLINED = "2106-3", "2028-9", "2106-3|2028-9", "ASKU"


def table_of(make_frame, systems, groups, by="race"):
    """``groups``: how many people of each raw race, and how many of them meet the numerator."""
    chosen = choose(systems, Choice("spd15", "alone_or_in_combination"))
    race = [raw for raw, (people, _) in groups.items() for _ in range(people)]
    met = [i < n for people, n in groups.values() for i in range(people)]
    people = pl.DataFrame(
        {"person_id": [f"p{i}" for i in range(len(race))], "race": race, "gender": ["F", "M"] * (len(race) // 2)}
    )
    frame = make_frame([{"person": i, "numerator": flag} for i, flag in enumerate(met)], people=people)
    strata = assign_strata(frame, parse_by(by, chosen.by_dimension, aliases=chosen.aliases), chosen.by_dimension)
    return frame, strata, rate_table(frame, strata)


def counts(frame):
    rows = frame.filter(pl.col("population") > 0)
    return {stratum: (d, n) for stratum, d, n in rows.select("stratum", "denominator", "numerator").iter_rows()}


GROUPS = {WHITE: (200, 100), ASIAN: (100, 60), BOTH: (40, 20), DECLINED: (60, 30)}


def test_a_stratum_is_the_sum_of_its_combinations(make_frame, systems):
    frame, _, table = table_of(make_frame, systems, GROUPS)
    named = table.named().filter(pl.col("dimension") == "race_ethnicity")
    found = counts(named)
    assert found == {"Asian": (140, 80), "White": (240, 120), "Asked But No Answer": (60, 30)}
    dimension = table.dimensions[1]
    assert dimension.overlapping
    assert dimension.atoms == (("Asian",), ("White",), ("Asked But No Answer",), ("Asian + White",))
    assert counts(table.latent) == {0: (100, 60), 1: (200, 100), 2: (60, 30), 3: (40, 20)}
    assert table.latent["denominator"].sum() == frame.rows.height
    assert {dimension.texts[i]: of for i, of in enumerate(dimension.combines) if of} == {
        "Asian": (0, 3),
        "White": (1, 3),
        "Asked But No Answer": (2,),
    }


def test_a_crossing_too(make_frame, systems):
    _, _, table = table_of(make_frame, systems, GROUPS, by="race*sex")
    found = counts(table.named().filter(pl.col("dimension") == "race_ethnicity*sex"))
    assert {name: d for name, (d, _) in found.items()} == {
        "Asian * Female": 70,
        "Asian * Male": 70,
        "White * Female": 120,
        "White * Male": 120,
        "Asked But No Answer * Female": 30,
        "Asked But No Answer * Male": 30,
    }


def test_each_person_has_one_row_at_person_level(make_frame, systems):
    frame, strata, _ = table_of(make_frame, systems, GROUPS)
    rows = person_level(frame, strata)
    assert rows.height == 400
    assert dict(rows["race_ethnicity"].value_counts().iter_rows()) == {
        "White": 200,
        "Asian": 100,
        "Asian + White": 40,
        "Asked But No Answer": 60,
    }


def test_cells_of_other_rates_are_told_to_overlap_too(make_frame, systems, key):
    chosen = choose(systems, Choice("spd15", "alone_or_in_combination"))
    people = pl.DataFrame({"person_id": ["a", "b", "c", "d"], "race": [WHITE, ASIAN, BOTH, BOTH], "gender": ["F"] * 4})
    rates = (key(), key("other"), key("pool", kind=RateKind.POOLED, components=(("m", "r"), ("m", "other"))))
    frame = make_frame([{"rate": r, "person": i} for r in (0, 1) for i in range(4)], rates, people)
    strata = assign_strata(
        frame, parse_by("race,sex", chosen.by_dimension, aliases=chosen.aliases), chosen.by_dimension
    )
    cells = amounts(frame, strata)
    # Two children stand in both rows: four of them are six there. Each is a member of both rates.
    assert [(c.stratum, c.whole) for c in cells if c.dimension == "race_ethnicity" and c.whole] == [
        ("Asian", 6),
        ("White", 6),
    ]
    assert {c.dimension: c.overlaps for c in cells} == {"total": False, "race_ethnicity": True, "sex": False}


def test_readers_are_told_that_strata_overlap(make_frame, systems):
    _, _, table = table_of(make_frame, systems, GROUPS)
    shown = PublishedTable(table, PUBLIC)
    assert shown.overlapping == ("race_ethnicity",)
    assert shown.categories == {"race_ethnicity": "race_ethnicity_spd15, alone_or_in_combination"}
    assert counts(shown.results.filter(pl.col("dimension") == "race_ethnicity"))["White"] == (240, 120)


def test_a_small_combination_does_not_follow_from_the_rows(make_frame, systems):
    # White + Asian - (total - declined) is the number of those who are both: six.
    groups = {**GROUPS, BOTH: (6, 3)}
    _, _, table = table_of(make_frame, systems, groups)
    shown = PublishedTable(table, PUBLIC).results
    cells = {row["stratum"]: row["denominator"] for row in shown.to_dicts()}
    assert None in (cells["White"], cells["Asian"], cells["total"], cells["Asked But No Answer"])
    open_table = PublishedTable(table, INTERNAL).results
    cells = {row["stratum"]: row["denominator"] for row in open_table.to_dicts()}
    assert cells["White"] + cells["Asian"] - (cells["total"] - cells["Asked But No Answer"]) == 6


def test_one_stratum_alone(make_frame, systems):
    _, _, table = table_of(make_frame, systems, {WHITE: (200, 100)})
    shown = PublishedTable(table, PUBLIC).results
    cells = {row["stratum"]: (row["denominator"], row["status"]) for row in shown.to_dicts()}
    assert cells["White"] == (200, "value")
    assert cells["Asian"] == (0, "NO_DATA")


def test_nobody(make_frame, systems):
    _, _, table = table_of(make_frame, systems, {})
    assert table.latent.height == 0
    assert PublishedTable(table, PUBLIC).results["denominator"].sum() == 0


def test_a_small_combination_of_a_crossing_does_not_follow_from_its_margins(make_frame, systems):
    # Girls: 130 White + 46 Asian less 136 girls leaves 40 of both, so 46 - 40 = 6 are Asian alone.
    chosen = choose(systems, Choice("spd15", "alone_or_in_combination"))
    groups = [(WHITE, "F", 90), (WHITE, "M", 90), (ASIAN, "F", 6), (ASIAN, "M", 54), (BOTH, "F", 40), (BOTH, "M", 40)]
    drawn = [(race, sex) for race, sex, many in groups for _ in range(many)]
    people = pl.DataFrame(
        {"person_id": [f"p{i}" for i in range(320)], "race": [r for r, _ in drawn], "gender": [s for _, s in drawn]}
    )
    frame = make_frame([{"person": i, "numerator": i % 2 == 0} for i in range(320)], people=people)
    by = parse_by("sex,race*sex", chosen.by_dimension, aliases=chosen.aliases)
    table = rate_table(frame, assign_strata(frame, by, chosen.by_dimension))
    told = {
        policy.profile: {row["stratum"]: row["denominator"] for row in PublishedTable(table, policy).results.to_dicts()}
        for policy in (PUBLIC, INTERNAL)
    }
    girls = ("White * Female", "Asian * Female", "Female")
    assert [told["internal"][name] for name in girls] == [130, 46, 136]
    assert None in [told["public"][name] for name in girls]
