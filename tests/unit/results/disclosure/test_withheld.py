"""Tables that no hiding of single rows makes safe: a whole dimension goes, and the rest is published."""

import pytest

from support.published_attack import short_intervals
from support.published_audit import leaks
from unit.results.disclosure.test_attack import random_table
from unit.results.disclosure.test_suppression import GB6, one
from vbpmeasure.results.disclosure import suppression
from vbpmeasure.results.disclosure.facts import Facts
from vbpmeasure.results.disclosure.policy import INTERNAL, PUBLIC
from vbpmeasure.results.disclosure.published import AlsoHidden, PublishedTable
from vbpmeasure.results.disclosure.state import State
from vbpmeasure.results.disclosure.suppression import CannotBeSafe, decide
from vbpmeasure.results.disclosure.system import cell_system
from vbpmeasure.results.disclosure.withheld import settle
from vbpmeasure.results.remarks import withheld_remarks

PLACE = ["measure", "rate", "dimension", "stratum"]


def refusing(*needed):
    """A decision that is refused as long as one of these dimensions has listed rows; the first of them is suspected."""

    def decided(system):
        for name in needed:
            for i, cell in enumerate(system.cells):
                if cell.listed and cell.dimension == name:
                    raise CannotBeSafe(State(PUBLIC, Facts(system)), [(i, "numerator", None)])
        return decide(PUBLIC, system)

    return decided


def settled(table, *needed, dimensions=("total", "race", "sex", "race*sex"), withheld=()):
    def without(gone):
        return cell_system(table, listed=lambda _, dimension, __: dimension not in gone)

    return settle(dimensions, without, refusing(*needed), withheld)


@pytest.fixture(scope="module")
def table():
    return next(t for t in map(random_table, range(50)) if len(t.dimensions) == 4)


def test_nothing_is_withheld_without_need(table):
    assert settled(table).withheld == ()


def test_what_is_suspected_goes_first_and_a_crossing_goes_with_its_margin(table):
    assert settled(table, "race*sex").withheld == ("race*sex",)
    assert settled(table, "sex").withheld == ("sex", "race*sex")
    assert settled(table, "race*sex", "race").withheld == ("race*sex", "race")


def test_what_another_table_withholds_stays_withheld(table):
    assert settled(table, withheld=("race",)).withheld == ("race",)


def test_a_total_that_is_not_safe_is_refused(table):
    with pytest.raises(CannotBeSafe) as refused:
        settled(table, "race*sex", "race", "sex", "total")
    assert [d.code for d in refused.value.diagnostics] == ["VBM612"]


def test_the_rest_is_safe_and_the_dimension_has_no_rows(monkeypatch):
    # No second audit: whatever the first finds narrow is refused.
    monkeypatch.setattr(suppression, "_MOST_AUDITS", 0)
    found = 0
    for seed in range(60):
        table = random_table(seed)
        public = PublishedTable(table, PUBLIC)
        if not public.withheld:
            continue
        found += 1
        assert not set(public.withheld) & set(public.results["dimension"])
        assert public.audit["withheld_dimensions"] == list(public.withheld)
        assert [d.code for d in withheld_remarks(public)] == ["VBM630"]
        everything = PublishedTable(table, INTERNAL).results.select(PLACE)
        seen = everything.join(public.results, on=PLACE, how="left", maintain_order="left")
        assert leaks(table, seen) == [], seed
        assert short_intervals(table, seen) == [], seed
        if found == 4:
            break
    assert found


def test_a_safe_table_says_nothing():
    public = PublishedTable(one(GB6), PUBLIC)
    assert public.withheld == ()
    assert "withheld_dimensions" not in public.audit
    assert withheld_remarks(public) == ()
    hidden = AlsoHidden(dimensions=("race",))
    assert (hidden | AlsoHidden(dimensions=("sex", "race"))).dimensions == ("race", "sex")
    assert PublishedTable(one(GB6), PUBLIC, also_hidden=hidden).results["dimension"].unique().to_list() == ["total"]
