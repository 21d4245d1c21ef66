"""Both engines must give the same result frame, whatever the program and the people."""

from hypothesis import event, given
from hypothesis import strategies as st

from generative.constructs import kinds_in
from generative.effort import share
from generative.people import population
from generative.programs import programs
from generative.reduce import report
from spec.engines import lazy_tables, rest_of, rest_of_reference, run_reference, verdicts_of
from vbpmeasure.engines.polars.engine import evaluate

SEEDS = st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=60)


@share(0.5, shrink=False)
@given(program=programs(), seeds=SEEDS, numbers=st.booleans())
def test_engines_agree_on_generated_programs(program, seeds, numbers):
    """Rows, failed steps, exclusions, numerators, evidence dates and sources, amounts; lines and faults."""
    for kind in kinds_in(program):
        event(kind)
    rows = population(program, seeds, numbers=numbers)
    frame = evaluate(program, lazy_tables(rows))
    if run_reference(program, rows) != verdicts_of(program, frame):
        raise AssertionError(report(program, rows))
    assert rest_of_reference(program, rows) == rest_of(frame)
