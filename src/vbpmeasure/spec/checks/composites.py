"""VBM292, VBM293, VBM296, VBM218, VBM299: composites join what can be summed up, indicators narrow persons."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from vbpmeasure.diagnostics.model import Diagnostic
from vbpmeasure.spec.checks.found import error
from vbpmeasure.spec.models.rates import CompositeRate, IndicatorRate, Rate, RateModel, Total
from vbpmeasure.spec.namespace import Namespace
from vbpmeasure.spec.suggest import suggestion_or_list
from vbpmeasure.spec.words import Word

# The names of another measure by its id; None when there is no such measure, or when it cannot be read.
Lookup = Callable[[str], Namespace | None]
_OF_PERSONS = ("all_or_none", "opportunity")


def check(names: Namespace) -> Iterator[Diagnostic]:
    """Yield an error for every composite and indicator that cannot be what it says, rates of other measures aside."""
    for rate in names.measure.model.rates:
        if isinstance(rate, IndicatorRate) and rate.entity != "person" and (rate.population or rate.exclusions):
            message = f"rows about a {rate.entity} have no population and no exclusions"
            yield error("VBM299", message, rate.entity.span or rate.id.span, "leave both out, or ask for persons")
        if not isinstance(rate, CompositeRate):
            continue
        if rate.composite not in _OF_PERSONS and (rate.population or rate.exclusions):
            hint = "narrow the members, or choose `opportunity` or `all_or_none`, which count persons"
            message = f"a composite that is `{rate.composite}` has no population of its own"
            yield error("VBM296", message, rate.id.span, hint)
        seen: set[tuple[str, str]] = set()
        for word in rate.of:
            member = member_key(word, names)
            if member in seen:
                yield error("VBM218", f"the member `{word}` is given twice", word.span)
            seen.add(member)
            if member[0] == names.measure.model.id:
                yield from _fits(rate, word, names.rates.get(member[1]))


def check_foreign(names: Namespace, lookup: Lookup) -> Iterator[Diagnostic]:
    """Yield an error for every member of another measure that is not there or cannot be joined."""
    for rate in names.measure.model.rates:
        if not isinstance(rate, CompositeRate):
            continue
        for word in rate.of:
            measure, member = member_key(word, names)
            if measure == names.measure.model.id:
                continue
            others = lookup(measure)
            if others is None:
                yield error("VBM292", f"no measure `{measure}` can be read, so `{word}` is unknown", word.span)
            elif member not in others.rates:
                hint = suggestion_or_list(member, others.rates, "rates")
                yield error("VBM213", f"the measure `{measure}` has no rate `{member}`", word.span, hint)
            else:
                yield from _fits(rate, word, others.rates[member])


def member_key(word: Word, names: Namespace) -> tuple[str, str]:
    """Return the measure and the rate that a member of a composite names."""
    measure, dot, member = str(word).rpartition(".")
    return (measure if dot else str(names.measure.model.id)), member


def _fits(rate: CompositeRate, word: Word, member: RateModel | None) -> Iterator[Diagnostic]:
    if member is None or member is rate:  # reported by other rules
        return
    if not isinstance(member, (Rate, Total)):
        message = f"`{word}` is no share of units, which a composite could join"
        yield error("VBM292", message, word.span, "name rates with a `numerator`, or totals of such")
    elif member.lower_is_better != rate.lower_is_better:
        better = "lower" if member.lower_is_better else "higher"
        hint = "a composite and its members have the same direction: set `lower_is_better` alike, or leave it out"
        yield error("VBM293", f"in `{word}` {better} is better, in `{rate.id}` it is not", word.span, hint)
