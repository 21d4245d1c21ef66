"""The door of the reference engine: a program and rows in, result rows out."""

from __future__ import annotations

from vbpmeasure.engines.reference.cells import Rows
from vbpmeasure.engines.reference.events import without_a_day
from vbpmeasure.engines.reference.flags import Case, OnFlag
from vbpmeasure.engines.reference.index_events import stay_rows
from vbpmeasure.engines.reference.indicators import ExternalLine, external_lines, left_out
from vbpmeasure.engines.reference.people import Timeline, timelines
from vbpmeasure.engines.reference.rates import ReferenceRow
from vbpmeasure.engines.reference.verdicts import judge_case
from vbpmeasure.plan.faults import (
    FAULTS,
    INDICATORS_LEFT_OUT,
    STAYS_BACKWARDS,
    STAYS_WITHOUT_A_DATE,
    WITHOUT_A_DATE,
    fault_counter,
)
from vbpmeasure.plan.measures import Indicator, Program
from vbpmeasure.plan.uses import index_of


def judge_person(program: Program, person: Timeline, on_flag: OnFlag | None = None) -> list[ReferenceRow]:
    """Return the result rows of one timeline, in the order of measures, rates and index dates."""
    return judge_case(Case(program, person, on_flag)).in_order(program)


def evaluate(program: Program, rows: Rows, on_flag: OnFlag | None = None) -> list[ReferenceRow]:
    """Judge every person of the tables.

    ``rows`` maps contract table names to rows: mappings from contract column names to Python values (absent keys
    are null). ``on_flag(flag, value)`` is called for every criterion of every person, rate and
    unit, parts before the whole, whatever the answer of the others.

    Returns one row per (rate, unit) that met the first population step, sorted by measure, rate, person id as text and
    index date. Pooled and equal-weight composites and indicators of other entities have no rows.
    """
    order = {
        (measure.id, rate.id): (measure_number, rate_number)
        for measure_number, measure in enumerate(program.measures)
        for rate_number, rate in enumerate(measure.rates)
    }
    found = [row for person in timelines(rows) for row in judge_person(program, person, on_flag)]
    return sorted(found, key=lambda row: (order[(row.measure, row.rate)], str(row.person_id), str(row.index_date)))


def evaluate_external(program: Program, rows: Rows) -> list[ExternalLine]:
    """Return the lines of all indicators that are not about persons, by measure, rate and entity id."""
    return [
        line
        for measure in program.measures
        for rate in measure.rates
        if isinstance(rate, Indicator) and rate.entity != "person"
        for line in external_lines(measure, rate, rows.get("indicator", ()), program.period)
    ]


def count_faults(program: Program, rows: Rows) -> dict[str, int]:
    """Return how many rows make no index event or no indicator though they look like one (semantics page, section 11).

    By measure and fault, as in `plan.faults.fault_counter`; what never happens is left out.
    """
    people = timelines(rows)
    known = {str(person.person_id) for person in people}
    counts: dict[str, int] = {}
    for measure in program.measures:
        found = dict.fromkeys(FAULTS, 0)
        # Rates that share their index events share the rows too.
        for index in dict.fromkeys(index for rate in measure.rates if (index := index_of(rate)) is not None):
            for person in people:
                if index.stays is None:
                    found[WITHOUT_A_DATE] += without_a_day(index.source.events, program.value_sets, person)
                else:
                    stays = stay_rows(index.source.events, program.value_sets, person)
                    found[STAYS_WITHOUT_A_DATE] += stays.undated
                    found[STAYS_BACKWARDS] += stays.backwards
        for rate in measure.rates:
            if isinstance(rate, Indicator):
                found[INDICATORS_LEFT_OUT] += left_out(rate, rows.get("indicator", ()), program.period, known)
        counts |= {fault_counter(measure.id, fault): number for fault, number in found.items() if number}
    return counts
