"""The door of the reference engine: a program and rows in, result rows out."""

from __future__ import annotations

from vbpmeasure.diagnostics import Diagnostic, Failure
from vbpmeasure.engines.reference.cells import Rows
from vbpmeasure.engines.reference.flags import Case, OnFlag
from vbpmeasure.engines.reference.people import Timeline, timelines
from vbpmeasure.engines.reference.rates import ReferenceRow, judge_measure
from vbpmeasure.plan.measures import Persons, Program, Proportion, TotalOf


def refuse_unknown_rates(program: Program) -> None:
    """Raise :class:`Failure` (VBM490) when the program holds a kind of rate that no engine runs yet."""
    refused = [
        Diagnostic(
            "VBM490",
            f"no engine runs this kind of rate yet: {rate.id} of {measure.id}",
            hint="leave the measure out with --exclude",
        )
        for measure in program.measures
        for rate in measure.rates
        if not isinstance(rate, TotalOf) and not (isinstance(rate, Proportion) and isinstance(rate.units, Persons))
    ]
    if refused:
        raise Failure(refused)


def judge_person(program: Program, person: Timeline, on_flag: OnFlag | None = None) -> list[ReferenceRow]:
    """Return the result rows of one timeline, in the order of measures and rates; none for rates it is not in."""
    case = Case(program, person, on_flag)
    found: list[ReferenceRow] = []
    for measure in program.measures:
        _, rows = judge_measure(case, measure)
        found.extend(rows[rate.id] for rate in measure.rates if rate.id in rows)
    return found


def evaluate_person(program: Program, person_rows: Rows, on_flag: OnFlag | None = None) -> list[ReferenceRow]:
    """Judge the one person of these tables (their rows, and the practitioner table).

    ``on_flag(flag, value)`` is called for every criterion of every rate, parts before the whole, whatever the
    answer of the others. Returns the person's result rows in the order of measures and rates. Raises
    ``ValueError`` when the eligibility table is not about exactly one person and :class:`Failure` (VBM490) for
    rates that no engine runs yet.
    """
    refuse_unknown_rates(program)
    people = timelines(person_rows)
    if len(people) != 1:
        raise ValueError(f"expected the rows of one person, found {len(people)}")
    return judge_person(program, people[0], on_flag)


def evaluate(program: Program, rows: Rows, on_flag: OnFlag | None = None) -> list[ReferenceRow]:
    """Judge every person of the tables.

    ``rows`` maps contract table names to rows: mappings from contract column names to Python values (absent keys
    are null). ``on_flag`` is called as in :func:`evaluate_person`, for every person.

    Returns one row per (rate, person) that met the first population step, sorted by measure, rate and person id as
    text. Raises :class:`Failure` (VBM490) for rates that no engine runs yet.
    """
    refuse_unknown_rates(program)
    order = {
        (measure.id, rate.id): (measure_number, rate_number)
        for measure_number, measure in enumerate(program.measures)
        for rate_number, rate in enumerate(measure.rates)
    }
    found = [row for person in timelines(rows) for row in judge_person(program, person, on_flag)]
    return sorted(found, key=lambda row: (order[(row.measure, row.rate)], str(row.person_id)))
