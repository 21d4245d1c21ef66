"""What a reader knows besides sums over strata: nested rates, blocks, overlapping groups, rates of amounts."""

import datetime as dt
from dataclasses import replace

import polars as pl
import pytest

from support.tables import rate_table
from unit.results.disclosure.test_suppression import PRIMARY, SECOND, VALUE, one, table_of
from vbpmeasure.results import knowledge
from vbpmeasure.results.amounts import Amount
from vbpmeasure.results.disclosure.cells import Cell, CellSystem, Persons
from vbpmeasure.results.disclosure.earlier import Earlier, Told
from vbpmeasure.results.disclosure.policy import PUBLIC
from vbpmeasure.results.disclosure.published import PublishedTable
from vbpmeasure.results.disclosure.suppression import decide
from vbpmeasure.results.disclosure.system import cell_system
from vbpmeasure.results.frame import RateKey, RateKind
from vbpmeasure.results.knowledge import Block, Nested, blocks, links
from vbpmeasure.results.rates import COUNT_SCHEMA, RateTable, TableDimension


def statuses(table: RateTable) -> list[str]:
    return PublishedTable(table, PUBLIC).results["status"].to_list()


def test_what_is_nested_is_read_off_the_units(make_frame):
    # Five children; the second rate contains the first, and one child more meets it.
    units = [{"rate": 0, "person": p, "numerator": p < 2} for p in range(5)]
    units += [{"rate": 1, "person": p, "numerator": p < 3} for p in range(5)]
    frame = make_frame(units, tuple(RateKey("m", r, "M", r, ("s",), ()) for r in ("in_7", "in_30")))
    found = {(n.inner, n.outer, n.name) for n in rate_table(frame).nested}
    assert found == {
        (0, 1, "population"),
        (0, 1, "denominator"),
        (0, 1, "numerator"),
        (1, 0, "misses"),
    }


def seven_and_thirty(within_7: int, within_30: int) -> RateTable:
    cells = {
        "in_7": {"payer": {"P": (within_7, 100, 0), "Q": (0, 0, 0)}},
        "in_30": {"payer": {"P": (within_30, 100, 0), "Q": (0, 0, 0)}},
    }
    table = table_of(cells, rates=("in_7", "in_30"))
    return replace(table, nested=(Nested(0, 1, "numerator"), Nested(1, 0, "misses")))


def test_a_small_difference_of_nested_rates_hides_one_of_them():
    # 5 of 100 were seen on days 8 to 30: 45 and 40 must not stand side by side.
    assert statuses(seven_and_thirty(40, 51)) == [VALUE, VALUE, "NO_DATA"] * 2
    found = statuses(seven_and_thirty(40, 45))
    assert found == [SECOND, SECOND, "NO_DATA", VALUE, VALUE, "NO_DATA"]


def test_the_persons_behind_a_difference_are_those_of_its_stratum():
    table = seven_and_thirty(40, 51)
    persons = {(0, 0): 9, (1, 0): 9}  # of the total and of P; nobody of Q
    found = cell_system(replace(table, nested=(Nested(0, 1, "numerator", persons), Nested(1, 0, "misses"))))
    assert [one.persons for one in found.differences] == [9, 9, 0, None, None, None]


def test_equal_nested_counts_hide_nothing():
    assert statuses(seven_and_thirty(40, 40)) == [VALUE, VALUE, "NO_DATA"] * 2


def test_blocks_of_providers_and_practices():
    provider = pl.Series([0, 0, 1, 2, 3, 3], dtype=pl.UInt32)
    practice = pl.Series([0, 0, 0, 1, 1, 1], dtype=pl.UInt32)
    found = blocks(links([(), ("provider",), ("practice",)], [None, provider, practice]))
    assert sorted((b.strata_of_one, b.strata_of_other) for b in found) == [((0, 1), (0,)), ((2, 3), (1,))]


def test_pairs_of_strata_are_counted_alike_however_many_there_could_be(monkeypatch):
    provider = pl.Series([0, 0, 1, 2, 3, 3], dtype=pl.UInt32)
    practice = pl.Series([0, 0, 0, 1, 1, 1], dtype=pl.UInt32)
    found = []
    for most in (8, 0):  # as one table of 4 x 2, or as rows
        monkeypatch.setattr(knowledge, "_MOST_PAIRS", most)
        table = links([(), ("provider",), ("practice",)], [None, provider, practice])
        found.append(table.select("stratum_of_one", "stratum_of_other", "people").rows())
    assert found == [[(0, 0, 2), (1, 0, 1), (2, 1, 1), (3, 1, 2)]] * 2


def test_children_of_two_rates_of_events_may_be_the_same(make_frame, key):
    # 12 events of 8 children in one rate and 12 of 8 in the other: in both together there may be 8 children, not 16.
    rates = (key("all", members=("a", "b"), per_event=True), key("a", per_event=True), key("b", per_event=True))
    days = [dt.date(2025, 1, 1), dt.date(2025, 2, 1), dt.date(2025, 3, 1)]
    units = [
        {"rate": rate, "person": child, "index_date": day}
        for rate, own in ((0, days), (1, days[:1]), (2, days[1:]))
        for child in range(8)
        for day in own[:2]
    ]
    units += [{"rate": 0, "person": child, "index_date": dt.date(2025, 4, 1)} for child in range(8)]
    table = rate_table(make_frame(units, rates))
    system = cell_system(table)
    [rule] = [rule for rule in system.sums if len(rule.children) == 2 and system.cells[rule.parent].rate == 0]
    assert rule.together([system.cells[i] for i in rule.children], "denominator") == (24, 8)


def test_dimensions_without_blocks_have_none():
    race, sex = pl.Series([0, 0, 1, 1], dtype=pl.UInt32), pl.Series([0, 1, 0, 1], dtype=pl.UInt32)
    assert blocks(links([(), ("race",), ("sex",)], [None, race, sex])) == ()


def test_a_practice_does_not_give_its_provider_away():
    # d has 4 of 50. Its partner for the plan's total must be of the same practice, or the practice gives it away.
    providers = {"a": (50, 100, 0), "b": (20, 40, 0), "c": (60, 120, 0), "d": (4, 50, 0)}
    practices = {"A": (70, 140, 0), "C": (64, 170, 0)}
    table = table_of({"r": {"provider": providers, "practice": practices}})
    assert statuses(table) == [VALUE, VALUE, SECOND, VALUE, PRIMARY, VALUE, VALUE]
    tied = replace(table, blocks=(Block(1, (0, 1), 2, (0,)), Block(1, (2, 3), 2, (1,))))
    found = statuses(tied)
    assert found[1:5] == [VALUE, VALUE, SECOND, PRIMARY]


def test_two_providers_and_two_practices_of_the_same_people_have_one_sum():
    providers = {"a": (10, 30, 0), "b": (20, 40, 1), "c": (5, 60, 0)}
    practices = {"A": (12, 35, 1), "B": (18, 35, 0), "C": (5, 60, 0)}
    table = table_of({"r": {"provider": providers, "practice": practices}})
    system = cell_system(replace(table, blocks=(Block(1, (0, 1), 2, (0, 1)),)))
    (block,) = [i for i, cell in enumerate(system.cells) if cell.dimension == "block"]
    assert system.cells[block] == Cell(0, "block", 30, 40, 1, listed=False)
    # The cells of a and b are the second and third, those of A and B the fifth and sixth.
    assert [rule.children for rule in system.sums if rule.parent == block] == [(1, 2), (4, 5)]


def overlapping(white: tuple, asian: tuple, both: tuple) -> RateTable:
    """Alone or in combination: White and Asian are each the sum of those alone and those of both."""
    combinations = (white, asian, both)
    rows = [tuple(x + y for x, y in zip(one, both, strict=True)) for one in (white, asian)]
    total = tuple(sum(column) for column in zip(*combinations, strict=True))
    dimensions = (
        TableDimension("total", (), ((),), ("total",)),
        TableDimension("race_any", ("race_any",), (("White",), ("Asian",)), ("White", "Asian"), ((0, 2), (1, 2))),
    )

    def frame(cells, dimension):
        made = [(0, dimension, s, d + x, x, d, n) for s, (n, d, x) in enumerate(cells)]
        return pl.DataFrame(made, schema=COUNT_SCHEMA, orient="row")

    base = one({"A": (1, 1)})
    counts = pl.concat([frame([total], 0), frame(rows, 1)])
    return replace(base, dimensions=dimensions, counts=counts, latent=frame(combinations, 1))


def test_overlapping_groups_do_not_give_their_overlap_away():
    # White 300 + Asian 200 - total 493 = 7 children who are both.
    found = statuses(overlapping((150, 293, 0), (100, 193, 0), (3, 7, 0)))
    assert found != [VALUE, VALUE, VALUE]
    assert statuses(overlapping((150, 293, 0), (100, 193, 0), (30, 60, 0))) == [VALUE] * 3


def test_combinations_behind_overlapping_groups_are_counted_and_never_listed():
    found = cell_system(overlapping((150, 293, 5), (100, 193, 0), (3, 7, 1))).cells
    # After the total, White and Asian: White alone, Asian alone, and both.
    counts = [(cell.numerator, cell.misses, cell.excluded) for cell in found[3:6]]
    assert counts == [(150, 143, 5), (100, 93, 0), (3, 4, 1)]
    assert [cell.listed for cell in found[:6]] == [True] * 3 + [False] * 3


KEY = RateKey("m", "ed", "M", "Visits", (), (), kind=RateKind.EVENTS_PER_1000)


def events(**strata: tuple[int, int]) -> CellSystem:
    """Events and the persons with an event, by payer; a hundred persons in each."""
    cells = [
        Amount(0, "payer", name, 100, visits, 10**9, behind=(100, persons))
        for name, (visits, persons) in strata.items()
    ]
    total = Amount(
        0,
        "total",
        "total",
        100 * len(cells),
        sum(c.part or 0 for c in cells),
        10**9 * len(cells),
        behind=(100 * len(cells), sum(c.behind[1] for c in cells)),
    )
    empty = replace(one({"A": (1, 1)}), rates=(), counts=pl.DataFrame(schema=COUNT_SCHEMA))
    return cell_system(empty, ((KEY,), [total, *cells]))


def test_amounts_hide_a_partner_and_not_everything():
    marks = decide(PUBLIC, events(a=(50, 30), b=(40, 2), c=(60, 40), d=(70, 50)))
    assert [s.value for s in marks.rate] == [VALUE, SECOND, PRIMARY, VALUE, VALUE]


def crossed(south: str, north: str, earlier: Earlier | None = None) -> CellSystem:
    """Events and persons with one, by payer and sex: F of the payer ``north`` has 2 such persons."""
    by = {(south, "F"): (60, 40), (south, "M"): (70, 50), (north, "F"): (40, 2), (north, "M"): (50, 30)}
    rows = {("total", "total"): (220, 122), ("payer", south): (130, 90), ("payer", north): (90, 32)}
    cells = [Amount(0, *place, 400, visits, 10**9, behind=(400, who)) for place, (visits, who) in rows.items()]
    cells += [
        Amount(0, "payer*sex", " * ".join(parts), 100, visits, 10**9, behind=(100, who), parts=parts)
        for parts, (visits, who) in by.items()
    ]
    empty = replace(one({"A": (1, 1)}), rates=(), counts=pl.DataFrame(schema=COUNT_SCHEMA))
    return cell_system(empty, ((KEY,), cells), earlier=earlier or Earlier())


@pytest.mark.parametrize("names", [("South", "North"), ("South * West", "North * East")])
def test_amounts_of_a_crossing_add_up_to_its_margins_whatever_its_strata_are_called(names):
    # Who knows the 90 of the payer and the 50 of its men knows the 40 of its women.
    *_, payer, _, _, women, men = decide(PUBLIC, crossed(*names)).rate
    assert women.value == PRIMARY
    assert SECOND in (payer.value, men.value)


@pytest.mark.parametrize("north", ["North", "North * South"])
def test_an_amount_of_a_crossing_is_known_from_one_in_another_order(north):
    known = Told(True, True, True)
    hidden = Told(least=11)
    rows = {("m", "ed", "sex*payer", f"M * {north}"): known, ("m", "ed", "sex*payer", "M * South"): hidden}
    found = crossed("South", north, Earlier(rows, orders={"payer*sex": ("sex*payer",)})).cells
    assert [cell.told for cell in found if cell.dimension == "payer*sex"] == [Told(), hidden, Told(), known]


CHANCE = RateKey("m", "chance", "M", "Chance", (), (), kind=RateKind.OPPORTUNITY, components=(("m", "r"),))


def chances(**strata: tuple[int, int, tuple[int, ...]]) -> tuple[tuple[RateKey, ...], list[Amount]]:
    """Taken, all, and the persons behind (all, taken, missed), by race; the total first."""
    cells = [Amount(0, "race", name, who[0], part, whole, behind=who) for name, (part, whole, who) in strata.items()]
    behind = tuple(sum(cell.behind[k] for cell in cells) for k in range(3))
    whole = Amount(
        0, "total", "total", behind[0], sum(c.part or 0 for c in cells), sum(c.whole or 0 for c in cells), behind=behind
    )
    return (CHANCE,), [whole, *cells]


def test_the_persons_behind_a_rate_that_is_no_share() -> None:
    # 60 persons, all of whom took some of 300 chances and 40 missed one: nobody is excluded.
    system = cell_system(one({}), chances(A=(260, 300, (60, 60, 40))))
    assert [cell.persons for cell in system.cells[-2:]] == [Persons(60, 0, 60, 60, 40)] * 2


def test_a_composite_is_hidden_with_the_partner_of_its_member() -> None:
    # A has 5 of 50 and gets B as its partner; nothing of the composite is small, but it shows what its member hides.
    shares = one({"A": (5, 50), "B": (30, 60), "C": (60, 120)})
    everyone = (50, 50, 50)
    system = cell_system(shares, chances(A=(50, 100, everyone), B=(60, 120, everyone), C=(60, 120, everyone)))
    marks = decide(PUBLIC, system)
    assert list(marks.rate) == [VALUE, PRIMARY, SECOND, VALUE, VALUE, SECOND, SECOND, VALUE]
