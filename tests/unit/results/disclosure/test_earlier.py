"""Two publications of the same numbers: what the first has told is known when the second is judged."""

from dataclasses import replace

import polars as pl

from support.published_attack import short_intervals
from support.published_audit import leaks
from unit.results.disclosure.test_attack import random_table
from unit.results.disclosure.test_suppression import one
from vbpmeasure.results.disclosure.earlier import Earlier, Told
from vbpmeasure.results.disclosure.policy import INTERNAL, PUBLIC
from vbpmeasure.results.disclosure.published import AlsoHidden, PublishedTable

PLACE = ["measure", "rate", "dimension", "stratum"]
COUNTS = ["population", "excluded", "denominator", "numerator"]
FLOOR = {"SUPPRESSED_PRIMARY": 1, "SUPPRESSED_COMPLEMENTARY": 11}


def told(results):
    rows = {
        tuple(row[name] for name in PLACE): Told(
            *(row[name] is not None for name in ("numerator", "denominator", "population")),
            least=FLOOR.get(row["status"], 0),
        )
        for row in results.to_dicts()
    }
    return Earlier(rows, frozenset({"race"}))


def together(table, first, second):
    """What a reader of both knows, in the rows of the table."""
    place = PublishedTable(table, INTERNAL).results.select(PLACE)
    sides = [place.join(one, on=PLACE, how="left", maintain_order="left") for one in (second, first)]
    return place.with_columns(
        *(pl.coalesce(sides[0][name], sides[1][name]).alias(name) for name in (*COUNTS, "status")),
    )


def broken(table, seen):
    return leaks(table, seen) + short_intervals(table, seen)


def test_the_second_publication_gives_nothing_of_the_first_away():
    crossed = [t for t in map(random_table, range(40)) if len(t.dimensions) == 4][:5]
    alone = 0
    for table in crossed:
        first = PublishedTable(table, PUBLIC, also_hidden=AlsoHidden(dimensions=("sex", "race*sex"))).results
        rest = AlsoHidden(dimensions=("sex",))
        second = PublishedTable(table, PUBLIC, also_hidden=rest, earlier=told(first)).results
        assert set(second["dimension"]) <= {"total", "race*sex"}
        assert broken(table, together(table, first, second)) == []
        unaware = PublishedTable(table, PUBLIC, also_hidden=AlsoHidden(dimensions=("sex", "race"))).results
        alone += bool(broken(table, together(table, first, unaware)))
    assert alone  # what this protects against does happen


def test_categories_of_dimensions_that_only_an_earlier_run_had_are_not_named():
    crossed = next(t for t in map(random_table, range(40)) if len(t.dimensions) == 4)
    table = replace(crossed, categories={"race": "five races", "sex": "two sexes"})
    assert PublishedTable(table, INTERNAL).categories == {"race": "five races", "sex": "two sexes"}
    of_sex_alone = Earlier({}, frozenset({"race", "race*sex"}))
    assert PublishedTable(table, INTERNAL, earlier=of_sex_alone).categories == {"sex": "two sexes"}


def test_what_is_told_adds_up():
    one, other = Told(numerator=True, least=1), Told(denominator=True, least=11)
    assert one.and_also(other) == Told(numerator=True, denominator=True, least=11)


def test_a_denominator_that_was_told_before_hides_nothing():
    # 200 + 40 + 8 = 248. Who knows the 40 from before learns the 8 wherever 200 and 248 are both shown.
    table = one({"White": (100, 200), "Asian": (20, 40), "Black": (4, 8)})
    place = {
        (r["measure"], r["rate"], r["dimension"], r["stratum"])
        for r in PublishedTable(table, INTERNAL).results.to_dicts()
    }
    asian = next(where for where in place if where[3] == "Asian")
    now = PublishedTable(table, PUBLIC, earlier=Earlier({asian: Told(denominator=True, least=11)})).results
    shown = dict(now.select("stratum", "denominator").iter_rows())
    assert shown["Black"] is None
    assert None in (shown["White"], shown["total"])
