"""What the search around an audit hides is shown again where it was not needed, and nothing that was."""

import polars as pl
import pytest

from support.published_attack import short_intervals
from support.published_audit import leaks
from unit.results.disclosure.test_suppression import PRIMARY, SECOND, VALUE, table_of
from vbpmeasure.results.disclosure import suppression
from vbpmeasure.results.disclosure.audit import Audit, Budget
from vbpmeasure.results.disclosure.policy import INTERNAL, PUBLIC
from vbpmeasure.results.disclosure.published import PublishedTable
from vbpmeasure.results.disclosure.state import State

# Well visits of three ages by race: every excluded count is small, and so are two rows of the oldest.
AGES = {
    "young": [(1684, 2854, 1), (796, 1507, 1), (112, 195, 0), (236, 358, 0), (33, 63, 0), (618, 994, 0), (291, 479, 1)],
    "middle": [(875, 1628, 1), (444, 982, 1), (44, 113, 0), (126, 223, 0), (18, 41, 0), (297, 549, 1), (118, 252, 0)],
    "old": [(223, 776, 3), (84, 416, 0), (4, 55, 0), (34, 118, 0), (5, 18, 0), (88, 246, 0), (29, 113, 0)],
}
UNKNOWN = {"young": [(198, 319, 0), (523, 948, 0)], "middle": [(86, 149, 0), (265, 507, 0)]}
UNKNOWN["old"] = [(24, 107, 0), (68, 250, 0)]


@pytest.fixture(scope="module")
def visits():
    parts = {age: [*AGES[age], *UNKNOWN[age]] for age in AGES}
    parts["total"] = [tuple(map(sum, zip(*each, strict=True))) for each in zip(*parts.values(), strict=True)]
    cells = {rate: {"race": {f"R{i}": counts for i, counts in enumerate(each)}} for rate, each in parts.items()}
    return table_of(cells, rates=tuple(cells), members=tuple(AGES))


@pytest.fixture
def whole_rings(monkeypatch):
    """Hide all that is near at once, from the first round on, as the search does when single rows do not help."""
    monkeypatch.setattr(suppression, "_GENTLE", 0)


def hidden_rows(results):
    return [i for i, status in enumerate(results["status"]) if status in (PRIMARY, SECOND)]


def test_most_of_a_table_is_shown_though_single_partners_did_not_help(visits):
    results = PublishedTable(visits, PUBLIC).results
    by_race = results.filter(pl.col("dimension") == "race")
    assert results.filter(pl.col("dimension") == "total")["status"].to_list() == [VALUE] * 4
    # Two small rows; each needs a partner in its age and one in the total of ages, and these need another age.
    small = by_race.filter(pl.col("status") == PRIMARY)
    assert small.select("rate", "stratum").rows() == [("old", "R2"), ("old", "R4")]
    assert len(hidden_rows(results)) == 6
    assert leaks(visits, results) == []
    assert short_intervals(visits, results) == []


def test_every_partner_that_stays_hidden_is_needed(visits, whole_rings):
    results = PublishedTable(visits, PUBLIC).results
    shown = PublishedTable(visits, INTERNAL).results
    partners = [i for i in hidden_rows(results) if results["status"][i] == SECOND]
    assert partners
    for partner in partners:
        without = pl.concat([shown[i] if i == partner else results[i] for i in range(len(results))])
        assert leaks(visits, without) or short_intervals(visits, without), partner


def test_what_was_hidden_for_another_table_stays_hidden(visits):
    before = suppression.apply(PUBLIC, visits)
    other = next(i for i, status in enumerate(before.rate) if status is VALUE)
    after = suppression.decide(PUBLIC, suppression.cell_system(visits), [other])
    assert after.rate[other] is SECOND
    assert after.by_audit, "the search has hidden nothing, and so there was nothing to show again"


def test_without_a_whole_proof_nothing_is_shown_again(visits, monkeypatch):
    proven = hidden_rows(PublishedTable(visits, PUBLIC).results)
    real = suppression.audit
    rounds: list[bool] = []

    def in_part(state: State, budget: Budget, only=None, before: Audit | None = None) -> Audit:
        found = real(state, budget, only, before)
        if before is not None and not before.narrow and only is not None:  # after the search: one proof is left out
            rounds.append(True)
            sizes = {n: (*size[:4], size[3] - 1) for n, size in found.by_world.items()}
            return Audit(found.method, by_world=sizes)
        return found

    monkeypatch.setattr(suppression, "audit", in_part)
    unproven = hidden_rows(PublishedTable(visits, PUBLIC).results)
    assert rounds
    assert set(proven) < set(unproven)
