"""From YAML text to both engines: generated definitions are read, checked, built, and judged alike."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from generative.definitions import criteria, fragments, measures, write_measures, write_value_sets
from generative.effort import share
from generative.people import population
from generative.reduce import report
from spec.engines import run_polars, run_reference
from vbpmeasure.catalog.catalog import Catalog
from vbpmeasure.diagnostics import Failure
from vbpmeasure.plan.explain import explain
from vbpmeasure.plan.measures import calendar_year
from vbpmeasure.spec.models.criteria import VERBS

SEEDS = st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=60)

# What chance may write and the checks rightly refuse: windows that end before they start, filters that contradict
# each other, rates of which nothing is left. Anything else is a mistake of the generator or of the checks.
REFUSED = {"VBM220", "VBM232", "VBM233"}


@pytest.fixture(scope="module")
def value_sets(tmp_path_factory):
    """A root with the value sets of the pool."""
    return write_value_sets(tmp_path_factory.mktemp("value_sets"))


def program_of(value_sets, definitions, fragment, year):
    """Return the program of the definitions, or None when the checks refuse them for a reason of ``REFUSED``."""
    with TemporaryDirectory() as folder:
        root = write_measures(Path(folder) / "measures", definitions, fragment)
        catalog = Catalog.open([value_sets, root], shipped=False)
        try:
            return catalog.program([d["id"] for d in definitions], calendar_year(year))
        except Failure as failure:
            unexpected = [d for d in failure.diagnostics if d.code not in REFUSED and d.severity == "error"]
            assert not unexpected, unexpected
            return None


@share(0.3)
@given(
    definitions=st.integers(1, 2).flatmap(lambda n: st.tuples(*(measures(f"g{i}") for i in range(n)))),
    fragment=fragments(),
    year=st.sampled_from((2025, 2024, 2020)),
    seeds=SEEDS,
)
def test_engines_agree_on_generated_definitions(value_sets, definitions, fragment, year, seeds):
    program = program_of(value_sets, definitions, fragment, year)
    assume(program is not None)
    for measure in program.measures:
        assert measure.id in explain(measure, program.period)
    rows = population(program, seeds)
    if run_reference(program, rows) != run_polars(program, rows):
        raise AssertionError(report(program, rows))


@pytest.mark.parametrize("verb", VERBS)
@settings(max_examples=2)
@given(data=st.data())
def test_the_generator_writes_every_verb(verb, data):
    """A verb that the language gains has to be taught to the generator too."""
    assert verb in data.draw(criteria(1, rates=("r0",), verb=verb))
