"""Comparing the lines of entities that are no persons: with what a case expects, and the two engines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from vbpmeasure.diagnostics.model import Diagnostic
from vbpmeasure.engines.reference import ExternalLine
from vbpmeasure.plan.measures import Indicator, MeasurePlan
from vbpmeasure.spec.suggest import suggestion_or_list
from vbpmeasure.testing.model import DeckCase, ExpectedLine, ExpectedLines
from vbpmeasure.testing.rows import entity_name


def line_differences(
    case: DeckCase, plan: MeasurePlan, reference: Sequence[ExternalLine], fast: Sequence[ExternalLine]
) -> Iterator[Diagnostic]:
    """Yield where the engines differ on a line of the case (VBM721), and where both differ from the deck (VBM720).

    Rates that the measure has not (VBM710), or that are about persons (VBM711), are reported too. All lines of the
    case's entities must be expected.
    """
    rates = {rate.id: rate for rate in plan.rates}
    for expected in case.lines:
        rate = rates.get(expected.rate)
        if rate is None:
            hint = suggestion_or_list(expected.rate, rates, "rates") or None
            yield Diagnostic("VBM710", f"the measure has no rate `{expected.rate}`", span=expected.span, hint=hint)
        elif not isinstance(rate, Indicator) or rate.entity == "person":
            message = f"the rate `{expected.rate}` is about persons, it has no lines"
            yield Diagnostic("VBM711", message, span=expected.span, hint="expect it of the people")
        else:
            yield from _of_rate(case, expected, reference, fast)


def _of_rate(
    case: DeckCase, expected: ExpectedLines, reference: Sequence[ExternalLine], fast: Sequence[ExternalLine]
) -> Iterator[Diagnostic]:
    mine, theirs = (_by_entity(case, expected.rate, lines) for lines in (reference, fast))
    wanted = {line.entity_id: line for line in expected.lines}
    for entity in dict.fromkeys((*wanted, *mine, *theirs)):
        title = f"{case.name}: {expected.rate} of {entity}"
        line = wanted.get(entity)
        span = expected.span if line is None else line.span
        one, other = mine.get(entity), theirs.get(entity)
        if _facts(one) != _facts(other):
            message = f"{title}: the reference engine gives {_words(one)}, the fast one {_words(other)}"
            yield Diagnostic("VBM721", message, span=span)
        elif not _fits(line, one):
            message = f"{title}: expected {_words(line)}, got {_words(one)}"
            yield Diagnostic("VBM720", message, span=span, hint=case.about or None)


def _by_entity(case: DeckCase, rate: str, lines: Sequence[ExternalLine]) -> dict[str, ExternalLine]:
    """Return the lines of the case's entities by the id that the deck gives them."""
    prefix = entity_name(case.name, "")
    of_case = (line for line in lines if line.rate == rate and line.entity_id.startswith(prefix))
    return {line.entity_id.removeprefix(prefix): line for line in of_case}


def _fits(expected: ExpectedLine | None, line: ExternalLine | None) -> bool:
    if expected is None or line is None:
        return expected is None and line is None
    numbers = (expected.numerator, expected.denominator, expected.value)
    return numbers == (line.numerator, line.denominator, line.value) and expected.source in (None, line.source)


def _facts(line: ExternalLine | None) -> tuple[object, ...]:
    return () if line is None else (line.numerator, line.denominator, line.value, line.source)


def _words(line: ExpectedLine | ExternalLine | None) -> str:
    if line is None:
        return "no line"
    named = {"numerator": line.numerator, "denominator": line.denominator, "value": line.value, "source": line.source}
    words = [f"{name} {value:g}" if isinstance(value, float) else f"{name} {value}" for name, value in named.items()]
    given = [text for text, value in zip(words, named.values(), strict=True) if value is not None]
    return ", ".join(given) or "a line without numbers"
