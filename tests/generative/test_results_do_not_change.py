"""Metamorphic properties of each engine: changes of the input that are no changes of the facts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generative import changes
from generative.effort import share
from generative.people import population
from generative.programs import programs
from spec.engines import ENGINES

SEEDS = st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=40)
CHANGES = ("order of rows", "names of people", "rows twice", "spans in two parts", "four years later")


@pytest.mark.parametrize("engine", sorted(ENGINES))
@share(0.05)
@given(program=programs().shown(), seeds=SEEDS, chosen=st.sets(st.sampled_from(CHANGES), min_size=1))
def test_results_do_not_change(engine, program, seeds, chosen):
    """Some of the changes at once; hypothesis shrinks a failure to the one that matters."""
    run = ENGINES[engine]
    rows = population(program, seeds, conflicts=False)
    expected = run(program, rows)
    if "rows twice" in chosen:
        rows = changes.doubled(rows, seeds[0])
    if "spans in two parts" in chosen:
        rows = changes.split_spans(rows, seeds[0])
    if "order of rows" in chosen:
        rows = changes.shuffled(rows, seeds[0])
    if "names of people" in chosen:
        rows, new = changes.renamed(rows)
        expected = [verdict._replace(person=new[verdict.person]) for verdict in expected]
    if "four years later" in chosen:
        program, rows = changes.four_years_later(program, rows)
        expected = changes.verdicts_later(expected)
    assert run(program, rows) == expected
