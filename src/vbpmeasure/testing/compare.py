"""Comparing: what a case expects with what an engine gave, and the two engines with each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from vbpmeasure.data.contract import EVENT_TABLES
from vbpmeasure.diagnostics.model import Diagnostic
from vbpmeasure.engines.reference import ReferenceRow
from vbpmeasure.plan.measures import MeasurePlan, Proportion, Rate, TotalOf
from vbpmeasure.spec.suggest import suggestion_or_list
from vbpmeasure.testing.model import DeckCase, Expectation, Result

# (person id, rate id) -> row; a unit that failed the first step has none.
RowsByUnit = Mapping[tuple[str, str], ReferenceRow]


def by_unit(rows: Sequence[ReferenceRow]) -> dict[tuple[str, str], ReferenceRow]:
    """Return the rows of one measure by person id and rate id."""
    return {(str(row.person_id), row.rate): row for row in rows}


def impossible_expectations(case: DeckCase, plan: MeasurePlan) -> Iterator[Diagnostic]:
    """Yield what the measure can never give: unknown rates (VBM710), reasons and steps (VBM712)."""
    rates = {rate.id: rate for rate in plan.rates}
    for person in case.people:
        for expected in person.expect:
            rate = rates.get(expected.rate)
            if rate is None:
                hint = suggestion_or_list(expected.rate, rates, "rates") or None
                message = f"the measure has no rate `{expected.rate}`"
                yield Diagnostic("VBM710", message, span=expected.span, hint=hint)
                continue
            first = _proportion(rate, rates)
            reasons = [exclusion.id for exclusion in first.exclusions] if first else []
            if first and expected.reason is not None and expected.reason not in reasons:
                hint = suggestion_or_list(expected.reason, reasons, "exclusions") or None
                message = f"the rate `{expected.rate}` has no exclusion `{expected.reason}`"
                yield Diagnostic("VBM712", message, span=expected.span, hint=hint)
            if first and expected.step is not None and expected.step > len(first.population):
                message = f"the rate `{expected.rate}` has {len(first.population)} population steps"
                yield Diagnostic("VBM712", message, span=expected.span)


def _proportion(rate: Rate, rates: Mapping[str, Rate]) -> Proportion | None:
    """Return the rate, or the first member of a total: members share their exclusions and count their steps alike."""
    while isinstance(rate, TotalOf):
        rate = rates[rate.members[0]]
    return rate if isinstance(rate, Proportion) else None


def differences(
    case: DeckCase, ids: Sequence[str], reference: RowsByUnit, fast: RowsByUnit, rates: Sequence[str]
) -> Iterator[Diagnostic]:
    """Yield where the engines differ on a unit of the case (VBM721), and where both differ from the deck (VBM720)."""
    for number, (person_id, person) in enumerate(zip(ids, case.people, strict=True), start=1):
        who = f"person {number}, " if len(case.people) > 1 else ""
        expected_of = {expected.rate: expected for expected in person.expect}
        for rate in rates:
            one, other = reference.get((person_id, rate)), fast.get((person_id, rate))
            expected = expected_of.get(rate)
            title = f"{case.name}: {who}{rate}"
            if _facts(one) != _facts(other):
                message = f"{title}: the reference engine gives {words(one)}, the fast one {words(other)}"
                yield Diagnostic("VBM721", message, span=expected.span if expected else case.span)
            elif expected is not None and not fits_expectation(expected, one):
                message = f"{title}: expected {expected_words(expected)}, got {words(one)}"
                yield Diagnostic("VBM720", message, span=expected.span, hint=case.about or None)


def _facts(row: ReferenceRow | None) -> tuple[object, ...]:
    if row is None:
        return ()
    return (row.failed_step, row.exclusion, row.numerator, row.evidence_date, row.evidence_sources)


def result_of(row: ReferenceRow | None) -> Result:
    """Return the result that a row stands for; no row is a unit that failed the first population step."""
    if row is None or row.failed_step is not None:
        return Result.NOT_ELIGIBLE
    if row.exclusion is not None:
        return Result.EXCLUDED
    return Result.MET if row.numerator else Result.OPEN


def _step_of(row: ReferenceRow | None) -> int:
    """Return the population step that failed first, counted from 1."""
    return (row.failed_step or 0) + 1 if row is not None else 1


def fits_expectation(expected: Expectation, row: ReferenceRow | None) -> bool:
    """Tell whether a row is what was expected; what the expectation leaves out is not looked at."""
    if result_of(row) is not expected.result:
        return False
    if expected.step is not None and expected.step != _step_of(row):
        return False
    if row is None:
        return True
    return (
        (expected.on is None or expected.on == row.evidence_date)
        and (expected.sources is None or expected.sources == row.evidence_sources)
        and (expected.reason is None or expected.reason == row.exclusion)
    )


def _table_names(tables: frozenset[str]) -> str:
    return ", ".join(table for table in EVENT_TABLES if table in tables) or "no table"


def expected_words(expected: Expectation) -> str:
    """Return the expectation in words."""
    words = expected.result.value
    words += f" (step {expected.step})" if expected.step is not None else ""
    words += f" ({expected.reason})" if expected.reason is not None else ""
    words += f" on {expected.on}" if expected.on is not None else ""
    words += f" from {_table_names(expected.sources)}" if expected.sources is not None else ""
    return words


def words(row: ReferenceRow | None) -> str:
    """Return what a row says in the same words."""
    result = result_of(row)
    if result is Result.NOT_ELIGIBLE:
        return f"{result.value} (step {_step_of(row)})"
    if row is None or result is Result.OPEN:
        return result.value
    if result is Result.EXCLUDED:
        return f"{result.value} ({row.exclusion})"
    shown = f" on {row.evidence_date}" if row.evidence_date is not None else " without a date"
    tables = f" from {_table_names(row.evidence_sources)}" if row.evidence_sources is not None else ""
    return result.value + shown + tables
