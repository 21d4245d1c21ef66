"""Events: outer filters are pushed down to the triggers, so that every trigger stands alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields, replace

from vbpmeasure.data.contract import EVENT_TABLES, SOURCE_GROUPS
from vbpmeasure.plan.builder.parameters import read_value
from vbpmeasure.plan.builder.scope import Scope, refuse
from vbpmeasure.plan.dates import Window, Windowed
from vbpmeasure.plan.events import (
    CLAIM_STATUSES,
    COUNTED_STATUSES,
    Dated,
    EventSet,
    LineFilter,
    ResultTest,
    Role,
    SameClaim,
    Trigger,
)
from vbpmeasure.spec.models.events import Event, Filters, ResultBody
from vbpmeasure.spec.models.measure import EventPiece
from vbpmeasure.spec.words import Word

_ROLES = {"code": Role.ANY, "diagnosis": Role.DIAGNOSIS, "principal_diagnosis": Role.PRINCIPAL_DIAGNOSIS}

# What a filter says before a definition says anything: no statuses named, no provider asked for.
_NOTHING = LineFilter(statuses=())


def build_windowed(event: Word | Event, window: Window, scope: Scope) -> Windowed:
    """Return the event's dates inside the window."""
    return Windowed(build_events(event, scope), window)


def build_events(event: Word | Event, scope: Scope) -> EventSet:
    """Return the event set; triggers are merged where only their value sets differ, and sorted.

    Raises `Failure` VBM233 when filters of an outer and an inner event cannot both be kept.
    """
    merged: dict[tuple[Role, LineFilter], set[str]] = {}
    for trigger in _triggers(event, _NOTHING, scope):
        where = trigger.where
        if not where.statuses:
            where = replace(where, statuses=COUNTED_STATUSES)
        merged.setdefault((trigger.role, where), set()).update(trigger.value_sets)
    triggers = [Trigger(role, tuple(sorted(sets)), where) for (role, where), sets in merged.items()]
    return EventSet(tuple(sorted(triggers, key=repr)), name=_name(event))


def _name(event: Word | Event) -> str:
    """Return the name of the piece, or the value sets that the author wrote."""
    if isinstance(event, Word):
        return str(event)
    if event.any_ is not None:
        return " or ".join(_name(part) for part in event.any_)
    return " or ".join(event.code or event.diagnosis or event.principal_diagnosis or ())


def _triggers(event: Word | Event, outer: LineFilter, scope: Scope) -> Iterable[Trigger]:
    if isinstance(event, Word):
        piece = scope.names.pieces[str(event)].model
        assert isinstance(piece, EventPiece)  # the check of kinds has passed
        yield from _triggers(piece.event, outer, scope)
        return
    where = _both(outer, _filter(event, scope), event)
    for unless in event.unless or ():
        if scope.values[str(unless.parameter)] != _value(unless.parameter, unless.value, scope):
            where = _both(where, _filter(unless.filters, scope), event)
    for part in event.any_ or ():
        yield from _triggers(part, where, scope)
    for key, role in _ROLES.items():
        if sets := getattr(event, key):
            _refuse_what_no_encounter_meets(where, event)
            yield Trigger(role, _names(sets), where)


def _refuse_what_no_encounter_meets(where: LineFilter, event: Event) -> None:
    """Raise `Failure` VBM274 when an encounter is asked for together with what no encounter row has."""
    asked = "encounter_class" if where.encounter_classes else "encounter_type"
    if not where.encounter_classes and not where.encounter_types:
        return
    claim_only = {
        "place": where.place_in,
        "modifier": where.modifier_in,
        "with_code": where.same_claim,
        "provider": () if where.unknown_provider else where.provider_in,
    }
    other = next((f"`{key}`" for key, given in claim_only.items() if given), "")
    if where.sources and "encounter" not in where.sources:
        other = "a `source` without encounters"
    if other:
        hint = "put `encounter_class` and `encounter_type` in an event of their own, beside the others under `any`"
        message = f"`{asked}` holds for rows of `encounter` alone, and {other} for none of them"
        raise refuse("VBM274", message, event.span, hint)


def _value(parameter: Word, text: Word, scope: Scope) -> str | int | bool:
    declared = scope.names.parameter(str(parameter))
    assert declared is not None
    return read_value(declared, text)


def _filter(spec: Filters, scope: Scope) -> LineFilter:
    return LineFilter(
        place_in=_names(spec.place),
        place_not_in=_names(spec.not_place),
        modifier_in=_names(spec.modifier),
        modifier_not_in=_names(spec.not_modifier),
        provider_in=_names(spec.provider),
        unknown_provider=_unknown_provider(spec, scope),
        statuses=_in_order(spec.status, CLAIM_STATUSES),
        sources=_in_order(_tables(spec.source), EVENT_TABLES),
        same_claim=_same_claim(spec.with_code, spec.with_diagnosis, spec.with_principal_diagnosis),
        not_same_claim=_same_claim(spec.without_code, spec.without_diagnosis, spec.without_principal_diagnosis),
        record_statuses=_texts(spec.record_status),
        encounter_classes=_texts(spec.encounter_class),
        encounter_types=_texts(spec.encounter_type),
        provider_not_in=_names(spec.not_provider),
        teeth=tuple(sorted({str(tooth).lstrip("0") for tooth in spec.tooth or ()})),
        result=_result(spec.result, scope) if spec.result is not None else None,
        dated=Dated(spec.dated or "service"),
    )


def _result(body: ResultBody, scope: Scope) -> ResultTest:
    least, most, above, below = (
        scope.quantity(bound) if bound is not None else None
        for bound in (body.at_least, body.at_most, body.above, body.below)
    )
    test = ResultTest(
        least=least,
        most=most,
        above=above,
        below=below,
        units=_texts(body.unit),
        texts=_texts(body.text),
        codes=_names(body.code),
    )
    if not any_number(least, most, above, below):
        raise refuse("VBM298", "no number keeps these bounds", body.span, "swap them")
    return test


def any_number(least: float | None, most: float | None, above: float | None, below: float | None) -> bool:
    """Tell whether some number keeps the bounds."""
    low, high = max(_known(least, above), default=None), min(_known(most, below), default=None)
    if low is None or high is None:
        return True
    return low < high or (low == high and low not in (above, below))


def _known(*bounds: float | None) -> list[float]:
    return [bound for bound in bounds if bound is not None]


def _texts(words: tuple[Word, ...] | None) -> tuple[str, ...]:
    return tuple(sorted({str(word).strip(" ").lower() for word in words or ()}))


def _unknown_provider(spec: Filters, scope: Scope) -> bool:
    word = spec.unknown_provider
    if word is None:
        return False
    verdict = scope.values[str(word)] if str(word) in scope.values else str(word)
    if verdict not in ("include", "exclude"):
        raise refuse("VBM203", f"`{word}` is neither include nor exclude", word.span, "`include` or `exclude`")
    return verdict == "include"


def _names(sets: tuple[Word, ...] | None) -> tuple[str, ...]:
    return tuple(sorted({str(name) for name in sets or ()}))


def _tables(named: tuple[str, ...] | None) -> tuple[str, ...]:
    """Return the tables that are named, groups taken apart."""
    return tuple(table for name in named or () for table in SOURCE_GROUPS.get(name, (name,)))


def _in_order(given: tuple[str, ...] | None, order: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in order if name in (given or ()))


def _same_claim(
    codes: tuple[Word, ...] | None, diagnoses: tuple[Word, ...] | None, principal: tuple[Word, ...] | None
) -> tuple[SameClaim, ...]:
    asked = ((Role.DIAGNOSIS, diagnoses), (Role.ANY, codes), (Role.PRINCIPAL_DIAGNOSIS, principal))
    return tuple(SameClaim(role, _names(sets)) for role, sets in asked if sets)


# How two filters that must both hold become one: alternatives cannot be intersected by name,
# prohibitions add up, and lists of allowed values are cut to what both allow.
_ALTERNATIVES = ("place_in", "modifier_in", "provider_in")
_ADDED = ("place_not_in", "modifier_not_in", "provider_not_in", "same_claim", "not_same_claim")
_CUT = ("statuses", "sources", "teeth", "record_statuses", "encounter_classes", "encounter_types")
_ONE = ("result", "dated")
_WRITTEN = {
    "place_in": "place",
    "modifier_in": "modifier",
    "provider_in": "provider",
    "statuses": "status",
    "sources": "source",
    "record_statuses": "record_status",
    "encounter_classes": "encounter_class",
    "encounter_types": "encounter_type",
    "teeth": "tooth",
}
assert {*_ALTERNATIVES, *_ADDED, *_CUT, *_ONE, "unknown_provider"} == {field.name for field in fields(LineFilter)}


def _both(outer: LineFilter, inner: LineFilter, event: Event) -> LineFilter:
    changes: dict[str, object] = {}
    for name in _ALTERNATIVES:
        one, two = getattr(outer, name), getattr(inner, name)
        if one and two and one != two:
            message = f"`{_WRITTEN[name]}` is asked for twice, with different value sets"
            raise refuse("VBM233", message, event.span, "keep one of them, or join them in one new value set")
        changes[name] = one or two
    for name in _ADDED:
        changes[name] = tuple(sorted({*getattr(outer, name), *getattr(inner, name)}, key=repr))
    for name in _CUT:
        one, two = getattr(outer, name), getattr(inner, name)
        kept = tuple(value for value in one if value in two) if one and two else one or two
        if one and two and not kept:
            message = f"the `{_WRITTEN[name]}` lists have nothing in common"
            raise refuse("VBM233", message, event.span, "no row could ever count")
        changes[name] = kept
    for name in _ONE:
        one, two, unsaid = getattr(outer, name), getattr(inner, name), getattr(_NOTHING, name)
        if unsaid not in (one, two) and one != two:
            raise refuse(
                "VBM233", f"`{name}` is asked for twice, with different values", event.span, "keep one of them"
            )
        changes[name] = one if two == unsaid else two
    # The verdict on unknown providers belongs to the filter that asks for a provider (VBM236 sees to that).
    if outer.provider_in and inner.provider_in and outer.unknown_provider != inner.unknown_provider:
        message = "`provider` is asked for twice, once with and once without unknown providers"
        raise refuse("VBM233", message, event.span, "give both the same `unknown_provider`, or keep one of them")
    changes["unknown_provider"] = inner.unknown_provider if inner.provider_in else outer.unknown_provider
    return LineFilter(**changes)  # type: ignore[arg-type]
