"""Counts by rate and stratum."""

import polars as pl

from support.tables import rate_table
from vbpmeasure.results.categories.dimensions import parse_by
from vbpmeasure.results.categories.strata import StrataSet, assign_strata


def units():
    return [
        {"numerator": True},
        {"numerator": True},
        {},
        {"exclusion": 0},
        {"exclusion": 1, "numerator": True},  # excluded although compliant
        {"failed_step": 1},
        {"failed_step": 1, "numerator": True},
    ]


def test_counts_by_hand(make_frame):
    table = rate_table(make_frame(units()))
    row = table.named().row(0, named=True)
    assert row["measure"] == "m"
    assert (row["dimension"], row["stratum"]) == ("total", "total")
    assert [row[c] for c in ("population", "excluded", "denominator", "numerator")] == [5, 2, 3, 2]
    assert row["value"] == 2 / 3
    assert row["status"] == "value"


def test_an_empty_denominator_is_null_not_zero(make_frame):
    named = rate_table(make_frame([{"exclusion": 0}])).named()
    assert named.select("denominator", "value", "ci_low", "ci_high", "status").row(0) == (
        0,
        None,
        None,
        None,
        "NO_DATA",
    )


def test_a_rate_without_any_row_is_there(make_frame, key):
    named = rate_table(make_frame([{}], rates=(key("a"), key("b")))).named()
    assert named["rate"].to_list() == ["a", "b"]
    assert named["population"].to_list() == [1, 0]


def test_strata_add_up_to_the_total(make_frame, systems, key):
    people = pl.DataFrame(
        {
            "person_id": [f"p{i}" for i in range(6)],
            "race": ["2106-3", "2106-3", "2054-5", None, "UNK", "ASKU"],
            "gender": ["F", "M", "F", "M", "F", "M"],
        }
    )
    rows = [{"rate": r, "person": p, "numerator": p % 2 == 0} for r in (0, 1) for p in range(6)]
    frame = make_frame(rows, rates=(key("a"), key("b")), people=people)
    table = rate_table(frame, assign_strata(frame, parse_by("race,race*sex", systems), systems))
    named = table.named()
    counts = pl.col("population", "excluded", "denominator", "numerator")
    totals = named.group_by("rate", "dimension", maintain_order=True).agg(counts.sum())
    assert totals.height == 6
    assert totals["population"].to_list() == [6] * 6
    assert totals["numerator"].to_list() == [3] * 6
    race = named.filter((pl.col("rate") == "a") & (pl.col("dimension") == "race"))
    assert race["stratum"].to_list()[:2] == ["White", "Black or African American"]
    assert race["population"].to_list() == [2, 1, 0, 0, 0, 0, 0, 1, 2]  # all nine, in the order of the standard
    crossed = named.filter((pl.col("rate") == "b") & (pl.col("dimension") == "race*sex"))
    assert crossed["stratum"].to_list() == [
        "White * Female",
        "White * Male",
        "Black or African American * Female",
        "Asked But No Answer * Male",
        "Unknown * Female",
        "Unknown * Male",
    ]


def test_strata_of_people_outside_every_population_are_not_listed(make_frame, systems):
    people = pl.DataFrame({"person_id": ["a", "b", "c"], "payer": ["X", "Y", "Z"]})
    frame = make_frame([{"person": 0}, {"person": 1, "failed_step": 1}], people=people)
    named = rate_table(frame, assign_strata(frame, parse_by("payer", systems), systems)).named()
    assert named.filter(pl.col("dimension") == "payer")["stratum"].to_list() == ["X"]


def test_index_events_count_each_unit(make_frame):
    import datetime as dt

    rows = [{"person": 0, "index_date": dt.date(2025, 1, d), "numerator": d == 2} for d in (1, 2, 3)]
    assert rate_table(make_frame(rows)).counts.row(0)[3:] == (3, 0, 3, 1)


def test_an_empty_frame(make_frame):
    table = rate_table(make_frame([]), StrataSet())
    assert table.named().height == 1
    assert table.people == 0


def test_the_order_of_rows_does_not_matter(make_frame, systems):
    people = pl.DataFrame({"person_id": [f"p{i}" for i in range(50)], "payer": [str(i % 7) for i in range(50)]})
    rows = [{"person": i, "numerator": i % 3 == 0, "exclusion": 0 if i % 11 == 0 else None} for i in range(50)]
    frame = make_frame(rows, people=people)
    shuffled = type(frame)(frame.period, frame.rates, frame.rows.sample(fraction=1, shuffle=True, seed=1), people)
    by = parse_by("payer", systems)
    tables = [rate_table(f, assign_strata(f, by, systems)).counts for f in (frame, shuffled)]
    assert tables[0].equals(tables[1])
