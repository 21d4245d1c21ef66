"""Random tables against an independent attack by linear programs; `VBPMEASURE_ATTACKS=2000` for many of them."""

import os
import random

import polars as pl
import pytest

from support.published_attack import short_intervals
from support.published_audit import leaks
from unit.results.disclosure.test_suppression import GB6, one, table_of
from vbpmeasure.results.disclosure import suppression
from vbpmeasure.results.disclosure.audit import Audit
from vbpmeasure.results.disclosure.policy import INTERNAL, PUBLIC
from vbpmeasure.results.disclosure.published import PublishedTable
from vbpmeasure.results.disclosure.state import State
from vbpmeasure.results.rates import RateTable

ATTACKS = int(os.environ.get("VBPMEASURE_ATTACKS", "24"))
BATCHES = 3


def random_table(seed: int) -> RateTable:
    """One to three rates by two dimensions and their crossing, some with the same denominators, some with a total."""
    draw = random.Random(seed)
    rows, columns = draw.randint(2, 5), draw.randint(2, 3)
    top = draw.choice((8, 25, 60, 300))
    labels = [(f"A{r}", f"B{c}") for r in range(rows) for c in range(columns)]

    def count() -> int:
        return draw.choice((0, draw.randint(0, 12), draw.randint(0, top), draw.randint(0, top)))

    def cell() -> tuple[int, int, int]:
        numerator = count()
        return numerator, numerator + count(), draw.choice((0, 0, draw.randint(0, 20)))

    shape = draw.choice(("one", "shared", "separate", "total"))
    drawn = [[cell() for _ in labels]]
    if shape == "shared":
        drawn.append([(draw.randint(0, d), d, x) for _, d, x in drawn[0]])
    elif shape in ("separate", "total"):
        drawn.append([cell() for _ in labels])
    names = ["a", "b"][: len(drawn)]
    if shape == "total":
        drawn.append([tuple(x + y for x, y in zip(*pair, strict=True)) for pair in zip(*drawn, strict=True)])
        names.append("total")
    cells = {}
    for name, counts in zip(names, drawn, strict=True):
        crossing = {" * ".join(label): c for label, c in zip(labels, counts, strict=True)}
        margins = []
        for position in (0, 1):
            margin = {}
            for label, c in zip(labels, counts, strict=True):
                known = margin.get(label[position], (0, 0, 0))
                margin[label[position]] = tuple(x + y for x, y in zip(known, c, strict=True))
            margins.append(margin)
        cells[name] = {"race": margins[0], "sex": margins[1], "race*sex": crossing}
    if draw.random() < 0.4:
        cells = {name: {k: v for k, v in by.items() if k != "race*sex"} for name, by in cells.items()}
    return table_of(cells, rates=tuple(names), members=("a", "b") if shape == "total" else ())


@pytest.mark.parametrize("batch", range(BATCHES))
def test_no_random_table_can_be_solved(batch):
    for seed in range(batch, ATTACKS, BATCHES):
        table = random_table(seed)
        results = PublishedTable(table, PUBLIC).results
        assert leaks(table, results) == [], seed
        assert short_intervals(table, results) == [], seed


def test_the_attack_itself_finds_a_short_interval():
    table = one(GB6)
    hidden = PublishedTable(table, PUBLIC).results
    shown = PublishedTable(table, INTERNAL).results
    assert short_intervals(table, hidden) == []
    leaky = pl.concat([shown[i] if s == "AI/AN" else hidden[i] for i, s in enumerate(hidden["stratum"])])
    assert {(row, name) for row, name, _ in short_intervals(table, leaky)} == {(5, "numerator"), (5, "misses")}


def test_a_partner_of_eleven_leaves_too_little_room():
    # 3 and 12 are hidden: the mark of the second says at least 11, so the first would be at most 4. A third goes too.
    table = one({"A": (0, 3), "B": (0, 12), "C": (60, 120), "D": (70, 200)})
    results = PublishedTable(table, PUBLIC).results
    assert results["status"].to_list()[1:3] != ["SUPPRESSED_PRIMARY", "value"]
    assert short_intervals(table, results) == []


def test_what_any_round_of_the_audit_hid_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    table = random_table(5)  # five rounds hide something
    states, audited = [], suppression.audit
    before: list[set[tuple[int, str]]] = []

    def audit(state: State, *args: object, **more: object) -> Audit:
        states.append(state)
        before.append(set(state.hidden()))
        return audited(state, *args, **more)

    monkeypatch.setattr(suppression, "audit", audit)
    marks = suppression.apply(PUBLIC, table)
    assert len(before) > 3
    assert marks.by_audit == {i for i, _ in set(states[-1].hidden()) - before[0]}
