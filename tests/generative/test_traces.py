"""The trace of a person tells the verdict of the engine, for any program, and always finds its words."""

from hypothesis import given
from hypothesis import strategies as st

from generative.effort import share
from generative.people import population
from generative.programs import programs
from vbpmeasure.engines import reference
from vbpmeasure.engines.reference.render_trace import render
from vbpmeasure.engines.reference.trace import trace_person


@share(0.1)
@given(program=programs(index=False), seed=st.integers(0, 2**32 - 1))
def test_a_trace_tells_the_verdict(program, seed):
    rows = population(program, [seed])
    in_frame = {(row.measure, row.rate): row for row in reference.evaluate(program, rows)}
    traces = trace_person(program, rows)
    assert [(t.measure, t.rate) for t in traces] == [(m.id, r.id) for m in program.measures for r in m.rates]
    for trace in traces:
        row = in_frame.get((trace.measure, trace.rate))
        if row is not None:
            assert trace.row == row
        else:
            assert trace.row is None or trace.row.failed_step == 0
        if not trace.members:
            assert (trace.near_miss is None) == (row is not None and row.numerator)
            assert trace.numerator is not None
            counted = {r.day for r in trace.numerator.rows if not r.passed_over}
            if row is not None and row.numerator and trace.numerator.rows:
                assert row.evidence_date in counted
    lines = render(traces)
    assert not [line for line in lines if line != line.rstrip()]
    assert sum(line.startswith("├─ verdict: ") for line in lines) + sum(
        line.startswith("└─ verdict: ") for line in lines
    ) == len(traces)
