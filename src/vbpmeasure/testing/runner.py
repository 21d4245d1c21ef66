"""Running a deck on both engines."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from vbpmeasure.diagnostics.model import Diagnostic, Failure
from vbpmeasure.diagnostics.source import attach_source_lines
from vbpmeasure.engines.reference import ExternalLine, ReferenceRow
from vbpmeasure.plan.flags import Flag
from vbpmeasure.plan.measures import Program
from vbpmeasure.testing.compare import by_unit, differences, impossible_expectations
from vbpmeasure.testing.compare_lines import line_differences
from vbpmeasure.testing.coverage import Coverage
from vbpmeasure.testing.model import Deck, DeckCase
from vbpmeasure.testing.report_model import CaseReport, DeckReport
from vbpmeasure.testing.rows import Rows, case_rows, person_ids

OnFlag = Callable[[Flag, bool], None]
# measure id, year, parameter overrides, enrollment key (None: the default) -> program of that measure
ProgramFor = Callable[[str, int, Mapping[str, str], tuple[str, ...] | None], Program]
ReferenceEngine = Callable[[Program, Rows, OnFlag], Sequence[ReferenceRow]]
FastEngine = Callable[[Program, Rows], Sequence[ReferenceRow]]
LineEngine = Callable[[Program, Rows], Sequence[ExternalLine]]

_Setting = tuple[int, tuple[tuple[str, str], ...], tuple[str, ...] | None]


def run_deck(
    deck: Deck,
    program_for: ProgramFor,
    reference: ReferenceEngine,
    fast: FastEngine,
    lines: tuple[LineEngine, LineEngine] | None = None,
) -> DeckReport:
    """Run every case of a deck on both engines and compare with what it expects, and the engines with each other.

    Cases that share year, parameters and enrollment key go through the engines together, once: people are
    independent, and an engine run costs far more than a person. ``lines`` are the two engines (reference, fast) for
    entities that are no persons; they are asked when a case expects such lines. Raises `Failure` when the measure
    cannot be built for any case; one that cannot be built for some (an unknown parameter, say) fails those.
    """
    ids = person_ids(deck.cases)
    coverage = Coverage()
    findings: dict[str, list[Diagnostic]] = {}
    refused: list[Failure] = []
    batches = _batches(deck.cases)
    for (year, parameters, key), cases in batches.items():
        try:
            program = program_for(deck.measure, year, dict(parameters), key)
        except Failure as failure:
            refused.append(failure)
            findings |= {case.name: list(failure.diagnostics) for case in cases}
            continue
        found = _run_batch(deck.measure, cases, ids, program, reference, fast, coverage)
        of_lines = _line_findings(deck.measure, cases, ids, program, lines)
        findings |= {name: [*own, *of_lines.get(name, ())] for name, own in found.items()}
    if len(refused) == len(batches):
        raise Failure(dict.fromkeys(d for failure in refused for d in failure.diagnostics))
    reports = tuple(CaseReport(c.name, c.about, attach_source_lines(findings[c.name])) for c in deck.cases)
    return DeckReport(deck.measure, deck.path, reports, coverage.criteria(), deck.warnings)


def _batches(cases: Sequence[DeckCase]) -> dict[_Setting, list[DeckCase]]:
    batches: dict[_Setting, list[DeckCase]] = {}
    for case in cases:
        setting = (case.year, tuple(sorted(case.parameters.items())), case.enrollment_key)
        batches.setdefault(setting, []).append(case)
    return batches


def _run_batch(
    measure: str,
    cases: Sequence[DeckCase],
    ids: Mapping[str, tuple[str, ...]],
    program: Program,
    reference: ReferenceEngine,
    fast: FastEngine,
    coverage: Coverage,
) -> dict[str, list[Diagnostic]]:
    """Return the findings of each case by name."""
    plan = next(plan for plan in program.measures if plan.id == measure)
    coverage.expect(plan)
    rows = case_rows(cases, ids)
    of_reference = by_unit(reference(program, rows, coverage.on_flag), measure)
    of_fast = by_unit(fast(program, rows), measure)
    rates = [rate.id for rate in plan.rates]
    return {
        case.name: [
            *impossible_expectations(case, plan),
            *differences(case, ids[case.name], of_reference, of_fast, rates),
        ]
        for case in cases
    }


def _line_findings(
    measure: str,
    cases: Sequence[DeckCase],
    ids: Mapping[str, tuple[str, ...]],
    program: Program,
    engines: tuple[LineEngine, LineEngine] | None,
) -> dict[str, list[Diagnostic]]:
    """Return the findings about lines of entities that are no persons, by case; nothing when no case speaks of any."""
    speaking = [case for case in cases if case.lines]
    if not speaking:
        return {}
    if engines is None:
        raise ValueError("cases with lines need the engines that give lines")
    plan = next(plan for plan in program.measures if plan.id == measure)
    rows = case_rows(cases, ids)
    of_reference, of_fast = (list(engine(program, rows)) for engine in engines)
    return {case.name: list(line_differences(case, plan, of_reference, of_fast)) for case in speaking}
