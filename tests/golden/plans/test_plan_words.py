"""Plans in words, as files that are reviewed when they change.

`VBPMEASURE_GOLDEN=write pytest tests/golden/plans` writes them anew.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from support.definitions import names_of
from vbpmeasure.plan.builder.measure import build_measure
from vbpmeasure.plan.explain import explain
from vbpmeasure.plan.measures import calendar_year

HERE = Path(__file__).parent
MEASURES = sorted(path.stem for path in HERE.glob("*.yaml") if not path.stem.startswith("shared_"))


def in_words(name: str, year: int) -> str:
    shared = {"shared_exclusions": (HERE / "shared_exclusions.yaml").read_text(encoding="utf-8")}
    names = names_of((HERE / f"{name}.yaml").read_text(encoding="utf-8"), shared)
    return explain(build_measure(names, year), calendar_year(year))


@pytest.mark.parametrize("year", [2024, 2025])
@pytest.mark.parametrize("name", MEASURES)
def test_a_plan_reads_as_agreed(name: str, year: int) -> None:
    golden = HERE / f"{name}_{year}.txt"
    text = in_words(name, year)
    if os.environ.get("VBPMEASURE_GOLDEN") == "write":
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8")


def test_there_are_plans_to_read() -> None:
    assert MEASURES


def test_the_words_name_everything_that_decides() -> None:
    text = in_words(MEASURES[0], 2025)
    for word in ("gap", "days apart", "hospice", "taxonomy", "2025-12-31", "birthday 1 + 90 days", "unknown providers"):
        assert word in text
