"""From YAML text to both engines: generated definitions are read, checked, built, and judged alike."""

import pytest
from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

from generative.constructs import kinds_in
from generative.definition_criteria import criteria
from generative.definition_files import program_of, write_value_sets
from generative.definitions import catalogs, fragments
from generative.effort import share
from generative.people import population
from generative.reduce import report
from spec.engines import lazy_tables, rest_of, rest_of_reference, run_reference, verdicts_of
from vbpmeasure.engines.polars.engine import evaluate
from vbpmeasure.plan.explain import explain
from vbpmeasure.spec.models.criteria import VERBS

SEEDS = st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=60)


@pytest.fixture(scope="module")
def value_sets(tmp_path_factory):
    """A root with the value sets of the pool."""
    return write_value_sets(tmp_path_factory.mktemp("value_sets"))


@share(0.3, shrink=False)
@given(catalog=catalogs(), fragment=fragments(), year=st.sampled_from((2025, 2024, 2020)), seeds=SEEDS)
def test_engines_agree_on_generated_definitions(value_sets, catalog, fragment, year, seeds):
    program = program_of(value_sets, *catalog, fragment, year)
    assume(program is not None)
    for kind in kinds_in(program):
        event(kind)
    for measure in program.measures:
        assert measure.id in explain(measure, program.period)
    rows = population(program, seeds)
    frame = evaluate(program, lazy_tables(rows), attributes=(), evidence=True)
    if run_reference(program, rows) != verdicts_of(program, frame):
        raise AssertionError(report(program, rows))
    assert rest_of_reference(program, rows) == rest_of(frame)


@pytest.mark.parametrize("verb", VERBS)
@settings(max_examples=2)
@given(data=st.data())
def test_the_generator_writes_every_verb(verb, data):
    """A verb that the language gains has to be taught to the generator too."""
    assert verb in data.draw(criteria(1, rates=("r0",), verb=verb))
