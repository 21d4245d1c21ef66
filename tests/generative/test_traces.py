"""The trace of a person tells the verdict of the engine, for any program, and always finds its words."""

from hypothesis import given
from hypothesis import strategies as st

from generative.effort import share
from generative.people import population
from generative.programs import programs
from vbpmeasure.engines import reference
from vbpmeasure.engines.reference.render_trace import render
from vbpmeasure.engines.reference.trace import JudgedPerson

SEEDS = st.integers(0, 2**32 - 1)


@share(0.1)
@given(program=programs(index=False).shown(), seed=SEEDS)
def test_a_trace_tells_the_verdict(program, seed):
    traces = checked_traces(program, seed)
    assert [(t.measure, t.rate) for t in traces] == [(m.id, r.id) for m in program.measures for r in m.rates]


@share(0.15)
@given(program=programs().shown(), seed=SEEDS)
def test_a_trace_of_index_events_and_amounts_tells_the_verdict(program, seed):
    for trace in checked_traces(program, seed):
        row = trace.row
        if trace.components and row.whole is not None:
            assert sum(one.eligible for one in trace.components) == row.whole
            assert sum(one.met for one in trace.components) == row.part
        if trace.months and row.part is not None:
            assert sum(not one.dropped for one in trace.candidates) == row.part
        if trace.index is not None:
            assert trace.index.day == row.index_date
        for candidate in trace.candidates:
            # What is judged or kept was made by rows, and a reason is given for all others.
            assert candidate.rows or candidate.dropped


def checked_traces(program, seed):
    """Return the traces of the person of a seed, after comparing them with the result frame and writing them out."""
    rows = population(program, [seed])
    in_frame = {(row.measure, row.rate, row.index_date): row for row in reference.evaluate(program, rows)}
    traces = JudgedPerson(program, rows).traces()
    told = {(t.measure, t.rate, t.row.index_date): t.row for t in traces if t.row is not None}
    assert {key: row for key, row in told.items() if key in in_frame} == in_frame
    assert all(row.failed_step == 0 for key, row in told.items() if key not in in_frame)
    for trace in traces:
        row = trace.row if trace.row is not None and trace.row.failed_step != 0 else None
        if trace.numerator is not None:
            assert (trace.near_miss is None) == (row is not None and row.numerator)
            counted = {r.day for r in trace.numerator.rows if not r.passed_over}
            if row is not None and row.numerator and trace.numerator.rows:
                assert row.evidence_date in counted
    lines = render(traces)
    assert not [line for line in lines if line != line.rstrip()]
    assert sum(line.startswith(("├─ verdict: ", "└─ verdict: ")) for line in lines) == len(traces)
    return traces
