"""Comparing: what a case expects with what an engine gave, and the two engines with each other."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence

from vbpmeasure.data.contract import EVENT_TABLES
from vbpmeasure.diagnostics.model import Diagnostic
from vbpmeasure.engines.reference import ReferenceRow
from vbpmeasure.plan.measures import (
    MONTH_UNITS,
    Composite,
    EventRate,
    Indicator,
    MeasurePlan,
    Proportion,
    Rate,
    TotalOf,
)
from vbpmeasure.spec.suggest import suggestion_or_list
from vbpmeasure.testing.model import DeckCase, Expectation, Result

# (person id, rate id) -> index date -> row; a unit that failed the first step has none.
_TWO_PLACES = 0.005
RowsByUnit = Mapping[tuple[str, str], Mapping[dt.date | None, ReferenceRow]]


def by_unit(rows: Sequence[ReferenceRow], measure: str) -> dict[tuple[str, str], dict[dt.date | None, ReferenceRow]]:
    """Return the rows of one measure by person id and rate id, and then by index date (None for persons)."""
    found: dict[tuple[str, str], dict[dt.date | None, ReferenceRow]] = {}
    for row in rows:
        if row.measure == measure:
            found.setdefault((str(row.person_id), row.rate), {})[row.index_date] = row
    return found


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
            first = _stepped(rate, rates)
            reasons = [exclusion.id for exclusion in first.exclusions]
            # Composites and indicators have one step more than they declare.
            steps = len(first.population) + isinstance(first, Composite | Indicator)
            if expected.reason is not None and expected.reason not in reasons:
                hint = suggestion_or_list(expected.reason, reasons, "exclusions") or None
                message = f"the rate `{expected.rate}` has no exclusion `{expected.reason}`"
                yield Diagnostic("VBM712", message, span=expected.span, hint=hint)
            if expected.step is not None and expected.step > steps:
                message = f"the rate `{expected.rate}` has {steps} population steps"
                yield Diagnostic("VBM712", message, span=expected.span)


def _stepped(rate: Rate, rates: Mapping[str, Rate]) -> Proportion | EventRate | Composite | Indicator:
    """Return the rate, or the first member of a total: members share their exclusions and count their steps alike."""
    while isinstance(rate, TotalOf):
        rate = rates[rate.members[0]]
    return rate


def differences(
    case: DeckCase, ids: Sequence[str], reference: RowsByUnit, fast: RowsByUnit, rates: Sequence[str]
) -> Iterator[Diagnostic]:
    """Yield where the engines differ on a unit of the case (VBM721), and where both differ from the deck (VBM720)."""
    for number, (person_id, person) in enumerate(zip(ids, case.people, strict=True), start=1):
        who = f"person {number}, " if len(case.people) > 1 else ""
        expected_of: dict[str, list[Expectation]] = {}
        for expected_one in person.expect:
            expected_of.setdefault(expected_one.rate, []).append(expected_one)
        for rate in rates:
            one, other = reference.get((person_id, rate), {}), fast.get((person_id, rate), {})
            expected = expected_of.get(rate, [])
            yield from _differences_of_rate(case, f"{case.name}: {who}{rate}", expected, one, other)


_OfUnits = Mapping[dt.date | None, ReferenceRow]


def _differences_of_rate(
    case: DeckCase, title: str, expected: Sequence[Expectation], one: _OfUnits, other: _OfUnits
) -> Iterator[Diagnostic]:
    """Yield where the engines differ on a rate of one person, and where both differ from what is expected."""
    span = expected[0].span if expected else case.span
    agree = True
    for index in sorted({*one, *other}, key=str):
        if _facts(one.get(index)) != _facts(other.get(index)):
            agree = False
            ours, theirs = words(one.get(index)), words(other.get(index))
            message = f"{title}{_of(index)}: the reference engine gives {ours}, the fast one {theirs}"
            yield Diagnostic("VBM721", message, span=span)
    if not agree or not expected:
        return
    hint = case.about or None
    named = {expectation.index for expectation in expected if expectation.index is not None}
    for expectation in expected:
        yield from _unlike(expectation, title, one, hint)
    for index, row in one.items():
        if named and index not in named:
            message = f"{title}{_of(index)}: no index event is expected, got {words(row)}"
            yield Diagnostic("VBM720", message, span=span, hint=hint)


def _unlike(expected: Expectation, title: str, rows: _OfUnits, hint: str | None) -> Iterator[Diagnostic]:
    """Yield what is unlike the expectation; one without an index date is about the only unit."""
    if expected.index is None and len(rows) > 1:
        dates = ", ".join(str(index) for index in rows)
        message = f"{title}: there are {len(rows)} index events ({dates})"
        yield Diagnostic("VBM720", message, span=expected.span, hint="expect a list with one entry for each `index`")
        return
    index = expected.index if expected.index is not None else next(iter(rows), None)
    row = rows.get(index)
    if not fits_expectation(expected, row):
        message = f"{title}{_of(index)}: expected {expected_words(expected)}, got {words(row)}"
        yield Diagnostic("VBM720", message, span=expected.span, hint=hint)


def _of(index: dt.date | None) -> str:
    return f" of {index}" if index is not None else ""


def _facts(row: ReferenceRow | None) -> tuple[object, ...]:
    if row is None:
        return ()
    return (row.failed_step, row.exclusion, row.numerator, row.evidence_date, row.evidence_sources, row.part, row.whole)


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
    if expected.result is Result.NO_EVENT:
        return row is None
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
        and (expected.part is None or expected.part == row.part)
        and (expected.whole is None or _same_amount(expected.whole, row))
    )


def _same_amount(expected: float, row: ReferenceRow) -> bool:
    """Tell whether the amount is the expected one: whole numbers exactly, member-months to two places."""
    if row.whole is None:
        return False
    return row.whole == expected or abs(row.whole / MONTH_UNITS - expected) < _TWO_PLACES


def _table_names(tables: frozenset[str]) -> str:
    return ", ".join(table for table in EVENT_TABLES if table in tables) or "no table"


def expected_words(expected: Expectation) -> str:
    """Return the expectation in words."""
    words = expected.result.value
    words += f" (step {expected.step})" if expected.step is not None else ""
    words += f" ({expected.reason})" if expected.reason is not None else ""
    words += f" on {expected.on}" if expected.on is not None else ""
    words += f" from {_table_names(expected.sources)}" if expected.sources is not None else ""
    words += f" part {expected.part}" if expected.part is not None else ""
    words += f" whole {expected.whole:g}" if expected.whole is not None else ""
    return words


def words(row: ReferenceRow | None) -> str:
    """Return what a row says in the same words."""
    result = result_of(row)
    if result is Result.NOT_ELIGIBLE:
        return f"{result.value} (step {_step_of(row)})"
    amounts = f" part {row.part} whole {_amount(row.whole)}" if row is not None and row.part is not None else ""
    if row is None or result is Result.OPEN:
        return result.value + amounts
    if result is Result.EXCLUDED:
        return f"{result.value} ({row.exclusion})"
    shown = f" on {row.evidence_date}" if row.evidence_date is not None else " without a date"
    tables = f" from {_table_names(row.evidence_sources)}" if row.evidence_sources is not None else ""
    return result.value + shown + tables + amounts


def _amount(whole: int | None) -> str:
    """Return an amount in words: months for those that are kept in parts of a month."""
    if whole is None or whole < MONTH_UNITS // 31:
        return str(whole)
    return f"{whole / MONTH_UNITS:.2f} months"
