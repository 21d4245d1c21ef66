"""One comparison of the engines: a batch of definitions, each of them judged for the same people by both.

A definition compared alone costs as much as five of a batch, for a query costs more to lay out than to run. So
most stand in batches; some stand alone, because a program that asks for little is laid out differently.
"""

from typing import NamedTuple

from hypothesis import strategies as st

from generative.definition_files import program_of
from generative.definitions import catalogs, fragments
from generative.people import population
from generative.programs import programs
from generative.reduce import report
from spec.engines import lazy_tables, rest_of, rest_of_reference, run_reference, verdicts_of
from vbpmeasure.engines.polars.engine import evaluate
from vbpmeasure.plan.explain import explain
from vbpmeasure.plan.measures import Program, calendar_year

# Definitions in a batch; a share of the examples is given in definitions, so their mean counts too.
SIZES = (1, 1, 3, 12, 24)
MEAN = sum(SIZES) / len(SIZES)
BATCHES = st.fixed_dictionaries(
    {
        "seed": st.integers(0, 2**63),
        "size": st.sampled_from(SIZES),
        "people": st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=60),
    }
)
# Explaining is tried on some of the measures; it has tests of its own.
EXPLAINED = 2


class Compared(NamedTuple):
    """What one batch was: the program, the rows of people, and how many definitions the checks refused."""

    program: Program
    verdicts: int
    refused: int = 0

    @property
    def definitions(self):
        """The number of definitions that both engines judged."""
        return len(self.program.measures)


def program_from(seed, size):
    """Return the program at plan level of a seed."""
    return programs(number=size).made(seed)


def program_from_definitions(value_sets, seed, size):
    """Return the program of the generated catalogs of a seed that the checks accept, and the number refused."""
    year = (2025, 2024, 2020)[seed % 3]
    found, codes, refused = [], {}, 0
    while len(found) < size and refused < 2 * size + 4:
        number = len(found) + refused
        catalog, fragment = catalogs(f"c{number}g").made(f"{seed} {number}"), fragments().made(f"{number} {seed}")
        program = program_of(value_sets, *catalog, fragment, year)
        if program is None:
            refused += 1
            continue
        found += program.measures
        codes |= program.value_sets
    return Program(tuple(found), calendar_year(year), codes), refused


def compare_programs(seed, size, people, numbers=False):
    """Compare the engines on a program at plan level."""
    program = program_from(seed, size)
    rows = population(program, people, numbers=numbers)
    return Compared(program, _compare(program, rows))


def compare_definitions(value_sets, seed, size, people):
    """Compare the engines on definitions that went through YAML, checks and builder; None when all are refused."""
    program, refused = program_from_definitions(value_sets, seed, size)
    if not program.measures:
        return None
    for measure in program.measures[:EXPLAINED]:
        assert measure.id in explain(measure, program.period)
    return Compared(program, _compare(program, population(program, people)), refused)


def _compare(program, rows):
    """Rows, failed steps, exclusions, numerators, evidence dates and sources, amounts; lines and faults."""
    frame = evaluate(program, lazy_tables(rows), attributes=(), evidence=True)
    ours, theirs = run_reference(program, rows), verdicts_of(program, frame)
    if ours != theirs:
        raise AssertionError(report(program, rows))
    assert rest_of_reference(program, rows) == rest_of(frame)
    return len(ours)
