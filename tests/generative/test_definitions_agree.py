"""From YAML text to both engines: generated definitions are read, checked, built, and judged alike."""

import pytest
from hypothesis import assume, event, given

from generative.agree import BATCHES, MEAN, compare_definitions
from generative.constructs import kinds_in
from generative.definition_criteria import criteria
from generative.definition_files import write_value_sets
from generative.effort import share
from vbpmeasure.spec.models.criteria import VERBS


@pytest.fixture(scope="module")
def value_sets(tmp_path_factory):
    """A root with the value sets of the pool."""
    return write_value_sets(tmp_path_factory.mktemp("value_sets"))


@share(0.3, batch=MEAN, shrink=False)
@given(batch=BATCHES)
def test_engines_agree_on_generated_definitions(value_sets, batch):
    compared = compare_definitions(value_sets, **batch)
    assume(compared is not None)
    for kind in kinds_in(compared.program):
        event(kind)


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("seed", range(2))
def test_the_generator_writes_every_verb(verb, seed):
    """A verb that the language gains has to be taught to the generator too."""
    assert verb in criteria(1, rates=("r0",), verb=verb).made(seed)
