"""The key of a measure's counts: everything that decides them, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator

from vbpmeasure.catalog.members import members_of
from vbpmeasure.data.bound import BoundData
from vbpmeasure.data.steady import Seen
from vbpmeasure.plan.measures import Composite, CompositeKind, MeasurePlan, Program
from vbpmeasure.runs.cache.canonical import WORDS, digest_of, program_digest
from vbpmeasure.runs.cache.rows import Input
from vbpmeasure.runs.work import Work


def keys_of(work: Work, bound: BoundData, seen: Seen) -> dict[str, str]:
    """Return the key of every reported measure of a run, by id; none when the input cannot be told from another.

    It holds the program and Polars, the input (files by path, size, time of change, inode and footer, objects by ETag
    and footer, tables by version), how its tables are read and which rows were left out, the period, the
    enrollment key, the dimensions with their category systems, the attribution rule, the supplemental evidence, and of
    the measure the plan without its words, with its codes and the measures that lend rates to it.
    """
    if any(table.unseen for table in bound.tables.values()):
        return {}
    program = work.program
    people = digest_of(
        [
            *_input(bound, seen),
            program.period,
            program.enrollment_key,
            work.dimensions,
            work.systems,
            work.attributor,
            work.supplemental,
            work.sources_left_out,
        ]
    )
    codes = {name: digest_of(found.codes) for name, found in program.value_sets.items()}
    return {
        one.id: digest_of(
            [people, [_measure(each, codes) for each in _with_lenders(program, one)], _summed(program, one)]
        )
        for one in program.measures
        if not one.support
    }


def input_of(bound: BoundData, seen: Seen) -> Input | None:
    """Return what the rows of an input are kept under; None when the input cannot be told from another."""
    if any(table.unseen for table in bound.tables.values()):
        return None
    sources = {name: [[s.get("path"), s.get("label")] for s in table.sources] for name, table in bound.tables.items()}
    place = digest_of([str(bound.root), sources])
    return Input(place[:16], digest_of(_input(bound, seen))[:32])


def _input(bound: BoundData, seen: Seen) -> list[object]:
    return [
        program_digest(),
        seen.files,
        sorted([table, str(path), *stamp] for (table, path), stamp in seen.stamps.items()),
        {name: [sorted(table.columns), [dict(s) for s in table.sources]] for name, table in bound.tables.items()},
        bound.bad_rows,
    ]


def _measure(one: MeasurePlan, codes: dict[str, str]) -> list[object]:
    return [digest_of(one, WORDS | {"support"}), {name: codes[name] for name in one.value_sets}]


def _with_lenders(program: Program, one: MeasurePlan) -> Iterator[MeasurePlan]:
    yield one
    lent = {measure for measure, _ in members_of(one)} - {one.id}
    yield from (other for other in program.measures if other.id in lent)


def _summed(program: Program, one: MeasurePlan) -> list[str]:
    """Return the rates of the measure whose counts a composite of the run sums up: they are counted for that alone."""
    composites = (
        rate
        for measure in program.measures
        if not measure.support
        for rate in measure.rates
        if isinstance(rate, Composite) and rate.kind in (CompositeKind.POOLED, CompositeKind.EQUAL_WEIGHT)
    )
    return sorted({rate for composite in composites for measure, rate in composite.members if measure == one.id})
