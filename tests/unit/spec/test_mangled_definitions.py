"""Definitions that were cut, swapped and overwritten at random: always findings or a plan, never an exception."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from support.definitions import errors_of, found_in, names_of
from vbpmeasure.diagnostics.model import Failure
from vbpmeasure.plan.builder.measure import build_measure
from vbpmeasure.plan.explain import explain
from vbpmeasure.plan.measures import calendar_year
from vbpmeasure.spec.tree import parse_yaml

GOLDEN = Path(__file__).parents[2] / "golden" / "plans"
MEASURE: Any = parse_yaml((GOLDEN / "visits.yaml").read_text(encoding="utf-8"), "visits.yaml").to_plain()
SHARED = {"shared_exclusions": (GOLDEN / "shared_exclusions.yaml").read_text(encoding="utf-8")}
ODD: list[Any] = [
    "", "0", "-3", "always", "never", "yes", "birth", "birthday least_visits", "index", "visit", "first_dose", [], {},
    ["a"], {"not": "visit"}, {"met": "doses"}, {"met": ["six_visits", "either"]}, "period end - 1 year", "08",
]  # fmt: skip


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from places(item, (*path, key))


def at(value: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        value = value[key]
    return value


def mangled(rng: random.Random) -> str:
    measure = copy.deepcopy(MEASURE)
    for _ in range(rng.choice([1, 1, 2])):
        known = list(places(measure))
        path, other = rng.choice(known), rng.choice(known)
        parent, action = at(measure, path[:-1]), rng.random()
        if action < 0.2:
            del parent[path[-1]]
        elif action < 0.6:
            parent[path[-1]] = copy.deepcopy(at(measure, other))
        elif action < 0.9:
            parent[path[-1]] = copy.deepcopy(rng.choice(ODD))
        elif isinstance(parent, dict):
            parent[str(other[-1])] = parent.pop(path[-1])
    return yaml.safe_dump(measure, sort_keys=False)


@pytest.mark.parametrize("seed", range(120))
def test_a_mangled_definition_gives_findings_or_a_plan(seed: int) -> None:
    rng = random.Random(seed)
    text = mangled(rng)
    year = rng.choice([None, 2020, 2025, 1, 9999])
    found = found_in(text, SHARED, year)
    assert all(d.code.startswith(("VBM1", "VBM2")) for d in found)
    if not errors_of(found):
        assert built_or_refused(text, must_build=year == 2025)


def built_or_refused(text: str, must_build: bool) -> bool:
    try:
        plan = build_measure(names_of(text, SHARED), 2025)
    except Failure:
        return not must_build
    return explain(plan, calendar_year(2025)).startswith(plan.id)


def test_mangling_makes_both_kinds() -> None:
    texts = [mangled(random.Random(seed)) for seed in range(30)]
    wrong = sum(bool(errors_of(found_in(text, SHARED))) for text in texts)
    assert 5 < wrong < 30
