"""Both engines must give the same result frame, whatever the program and the people."""

from hypothesis import given
from hypothesis import strategies as st

from generative.effort import share
from generative.people import population
from generative.programs import programs
from generative.reduce import report
from spec.engines import run_polars, run_reference

SEEDS = st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=60)


@share(0.5)
@given(program=programs(), seeds=SEEDS, numbers=st.booleans())
def test_engines_agree_on_generated_programs(program, seeds, numbers):
    """Rows, failed steps, exclusions, numerators, evidence dates and sources."""
    rows = population(program, seeds, numbers=numbers)
    if run_reference(program, rows) != run_polars(program, rows):
        raise AssertionError(report(program, rows))
