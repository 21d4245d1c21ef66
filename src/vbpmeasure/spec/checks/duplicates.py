"""VBM218, VBM209: rates, pieces, parameters and exclusions have names of their own, and none of the language's."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from vbpmeasure.diagnostics.model import Diagnostic
from vbpmeasure.plan.builder.constants import CONSTANTS
from vbpmeasure.spec.checks.found import error
from vbpmeasure.spec.dates import ANCHOR_WORDS, UNIT_WORDS
from vbpmeasure.spec.models.index import NO_INDEX
from vbpmeasure.spec.models.rates import ExclusionBody
from vbpmeasure.spec.namespace import Declared, Namespace
from vbpmeasure.spec.words import Word

VERDICTS = ("include", "exclude")


def check(names: Namespace) -> Iterator[Diagnostic]:
    """Yield an error for every name that is given twice."""
    measure = names.measure.model
    yield from _twice((rate.id for rate in measure.rates), "rate")
    yield from _twice(measure.use, "fragment")
    for first, second in names.clashes:
        where = f"the fragment `{second.fragment}`" if second.fragment else "this measure"
        other = f"the fragment `{first.fragment}`" if first.fragment else "this measure"
        message = f"`{second.name}` is declared in {where} and in {other}"
        span = second.name.span if second.fragment is None else first.name.span
        yield error("VBM218", message, span, "rename one of them")
    for name, declared in names.exclusions.items():
        if name in names.pieces:
            message = f"`{name}` is both a piece and an exclusion of the fragment `{declared.fragment}`"
            yield error("VBM218", message, names.pieces[name].name.span, "rename one of them")
    yield from _reserved(names.pieces.values(), ANCHOR_WORDS, "an anchor of dates")
    yield from _reserved(names.pieces.values(), CONSTANTS, "a criterion of the language")
    yield from _reserved(names.pieces.values(), (NO_INDEX,), "the word for no index events")
    yield from _reserved(names.parameters.values(), UNIT_WORDS, "a unit of time")
    yield from _reserved(names.parameters.values(), VERDICTS, "a verdict on unknown providers")
    lists = [measure.exclusions, *(getattr(rate, "exclusions", None) for rate in measure.rates)]
    for exclusions in lists:
        ids = [e.id if isinstance(e, ExclusionBody) else e for e in exclusions or ()]
        yield from _twice(ids, "exclusion")


def _reserved(declared: Iterable[Declared], words: Collection[str], what: str) -> Iterator[Diagnostic]:
    for each in declared:
        if each.name in words:
            yield error("VBM209", f"`{each.name}` is {what}, nothing else can be called so", each.name.span)


def _twice(words: Iterable[Word], what: str) -> Iterator[Diagnostic]:
    seen: set[str] = set()
    for word in words:
        if word in seen:
            yield error("VBM218", f"the {what} `{word}` is given twice", word.span)
        seen.add(str(word))
