"""Scores of organizations from published rows; expected values worked out by hand."""

from __future__ import annotations

from typing import Any

import pytest

from support.run_folders import Counts, Stated, published
from vbpmeasure.equity.analysis.analyze import EquityTables, analyze
from vbpmeasure.equity.settings import EquitySettings

# Rates of 50, 60 and 70 %: mean 60, standard deviation 10 points.
NOW: Counts = {"North * Black": (300, 600), "Middle * Black": (360, 600), "South * Black": (420, 600)}
# The year before 45, 60 and 60 %: improvements of 5, 0 and 10 points, on average 5.
BEFORE: Counts = {"North * Black": (270, 600), "Middle * Black": (360, 600), "South * Black": (360, 600)}


def tables(counts: Counts, before: Counts | None = None, **composites: Any) -> EquityTables:
    def results(own: Counts, year: int) -> Any:
        whole = (sum(n for n, _ in own.values()), sum(d for _, d in own.values()))
        return published([Stated("wcv", {"race": {"Black": whole}, "practice*race": own})], year=year).results

    settings = EquitySettings().with_changes({"composites": composites})
    return analyze(results(counts, 2025), set(), settings, None if before is None else results(before, 2024))


def scores(found: EquityTables, name: str) -> dict[str, float | None]:
    return dict(zip(found.composites["entity"].to_list(), found.composites[name].to_list(), strict=True))


def test_a_first_year_is_scored_by_its_level() -> None:
    found = tables(NOW)
    assert scores(found, "hess_like") == {
        "North": pytest.approx(-1),
        "Middle": pytest.approx(0, abs=1e-9),
        "South": pytest.approx(1),
    }
    assert scores(found, "thirds_index") == {"North": -1, "Middle": 0, "South": 1}
    assert scores(found, "thirds_reward") == {"North": 0, "Middle": 0, "South": pytest.approx(0.4)}


def test_improvement_is_measured_in_the_same_deviations() -> None:
    found = tables(NOW, BEFORE)
    # North: level -1, improvement 5 of 10 points, and as much as the others on average: -0.5 + 0.125 + 0.
    # South: level 1, improvement 1, half a deviation more than the others: 0.5 + 0.25 + 0.125.
    assert scores(found, "hess_like") == {
        "North": pytest.approx(-0.375),
        "Middle": pytest.approx(-0.125),
        "South": pytest.approx(0.875),
    }


def test_a_reference_from_the_settings_and_weights_of_ones_own() -> None:
    found = tables(NOW, BEFORE, weights=[1, 1, 0], reference={"wcv": {"mean": 50, "sd": 20}})
    # South: one deviation of 20 above 50, improved by half of one; the mean of both.
    assert scores(found, "hess_like")["South"] == pytest.approx(0.75)
    assert set(found.composite_parts["reference_from"].to_list()) == {"settings"}


@pytest.mark.parametrize(
    ("composites", "column", "reason"),
    [
        ({"min_members": 601}, "hess_reason", "fewer than 601 members at risk"),
        ({"min_entities": 4}, "hess_reason", "no rate that can be compared is shown"),
        ({"min_entities": 4}, "thirds_reason", "no rate that can be compared is shown"),
    ],
)
def test_why_there_is_no_score(composites: dict[str, Any], column: str, reason: str) -> None:
    assert set(scores(tables(NOW, **composites), column).values()) == {reason}


def test_hidden_groups_and_children_of_no_organization_have_no_score() -> None:
    found = tables({**NOW, "East * Black": (5, 40), "Unattributed * Black": (300, 600)})
    assert {"East", "Unattributed"} & set(scores(found, "hess_like")) == set()


def test_settings_that_fit_nothing_are_told() -> None:
    found = tables(NOW, measures={"w31": 1.0}, entity="organization")
    assert [d.code for d in found.findings] == ["VBM484", "VBM484"]
    assert found.composites.is_empty()


def test_organizations_whose_names_hold_what_stands_between_two_are_scored_like_others() -> None:
    split: Counts = {
        ("North * East", "Black"): (300, 600),
        ("Middle", "Black"): (360, 600),
        ("South", "Black"): (420, 600),
    }
    found = tables(split)
    assert scores(found, "thirds_index") == {"North * East": -1, "Middle": 0, "South": 1}
    assert set(found.composites["stratum"].to_list()) == {"Black"}
