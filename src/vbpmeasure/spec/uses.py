"""Which names a part of a definition uses, and as what."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any

from vbpmeasure.spec.dates import Amount, DateSpec
from vbpmeasure.spec.models import amounts as a
from vbpmeasure.spec.models import criteria as c
from vbpmeasure.spec.models import events as e
from vbpmeasure.spec.models import index as i
from vbpmeasure.spec.models import measure as m
from vbpmeasure.spec.models import rates as r
from vbpmeasure.spec.models.base import Measured, SpecModel
from vbpmeasure.spec.words import Word


class Kind(StrEnum):
    """What a name stands for at the place where it is used."""

    CRITERION = "criterion"
    EVENT = "event"
    DATE = "date"
    INDEX = "index events"
    EXCLUSION = "exclusion"
    NUMBER = "integer parameter"
    SWITCH = "parameter"
    VERDICT = "choice parameter of include and exclude"
    RATE = "rate"
    MEMBER = "member rate"
    CODES = "code"
    DIAGNOSES = "diagnosis"
    PRINCIPAL = "principal_diagnosis"
    PLACES = "place"
    MODIFIERS = "modifier"
    PROVIDERS = "provider"
    CLAIM_CODES = "with_code"
    CLAIM_DIAGNOSES = "with_diagnosis"
    RESULTS = "result code"


PIECE_KINDS = (Kind.CRITERION, Kind.EVENT, Kind.DATE, Kind.INDEX)
PARAMETER_KINDS = (Kind.NUMBER, Kind.SWITCH, Kind.VERDICT)
VALUE_SET_KINDS = (
    Kind.CODES,
    Kind.DIAGNOSES,
    Kind.PRINCIPAL,
    Kind.PLACES,
    Kind.MODIFIERS,
    Kind.PROVIDERS,
    Kind.CLAIM_CODES,
    Kind.CLAIM_DIAGNOSES,
    Kind.RESULTS,
)

# The fields whose words are names, by what they name. Any field that is not here holds no names.
_KINDS: dict[tuple[type[SpecModel], str], Kind] = {
    (c.All, "members"): Kind.CRITERION,
    (c.AnyOne, "members"): Kind.CRITERION,
    (c.Negation, "member"): Kind.CRITERION,
    (c.AtLeastBody, "of"): Kind.CRITERION,
    (c.ChooseBody, "cases"): Kind.CRITERION,
    (c.ChooseBody, "by"): Kind.SWITCH,
    (c.Count, "events"): Kind.EVENT,
    (c.DistinctPart, "events"): Kind.EVENT,
    (c.Met, "rates"): Kind.RATE,
    (m.FirstBody, "first"): Kind.EVENT,
    (m.EventPiece, "event"): Kind.EVENT,
    (a.ReadingBody, "of"): Kind.EVENT,
    (a.DroppedBody, "of"): Kind.EVENT,
    (a.CoveredBody, "by"): Kind.EVENT,
    (i.IndexBody, "event"): Kind.EVENT,
    (i.IndexBody, "stays"): Kind.EVENT,
    (i.IndexBody, "when"): Kind.CRITERION,
    (m.IndexPiece, "index"): Kind.INDEX,
    (m.Measure, "index"): Kind.INDEX,
    (r.StepBody, "when"): Kind.CRITERION,
    (r.ExclusionBody, "when"): Kind.CRITERION,
    (r.Rate, "index"): Kind.INDEX,
    (r.Rate, "within"): Kind.RATE,
    (r.Rate, "population"): Kind.CRITERION,
    (r.Rate, "exclusions"): Kind.EXCLUSION,
    (r.Rate, "numerator"): Kind.CRITERION,
    (r.Total, "total_of"): Kind.RATE,
    (r.PerThousand, "events"): Kind.INDEX,
    (r.PerThousand, "population"): Kind.CRITERION,
    (r.PerThousand, "exclusions"): Kind.EXCLUSION,
    (r.CompositeRate, "of"): Kind.MEMBER,
    (r.CompositeRate, "population"): Kind.CRITERION,
    (r.CompositeRate, "exclusions"): Kind.EXCLUSION,
    (r.IndicatorRate, "population"): Kind.CRITERION,
    (r.IndicatorRate, "exclusions"): Kind.EXCLUSION,
    (m.Measure, "population"): Kind.CRITERION,
    (m.Measure, "exclusions"): Kind.EXCLUSION,
    (e.Event, "any_"): Kind.EVENT,
    (e.Event, "code"): Kind.CODES,
    (e.Event, "diagnosis"): Kind.DIAGNOSES,
    (e.Event, "principal_diagnosis"): Kind.PRINCIPAL,
    (e.Unless, "parameter"): Kind.SWITCH,
    (e.Filters, "place"): Kind.PLACES,
    (e.Filters, "not_place"): Kind.PLACES,
    (e.Filters, "modifier"): Kind.MODIFIERS,
    (e.Filters, "not_modifier"): Kind.MODIFIERS,
    (e.Filters, "provider"): Kind.PROVIDERS,
    (e.Filters, "unknown_provider"): Kind.VERDICT,
    (e.Filters, "with_code"): Kind.CLAIM_CODES,
    (e.Filters, "without_code"): Kind.CLAIM_CODES,
    (e.Filters, "with_diagnosis"): Kind.CLAIM_DIAGNOSES,
    (e.Filters, "without_diagnosis"): Kind.CLAIM_DIAGNOSES,
    (e.Filters, "with_principal_diagnosis"): Kind.CLAIM_DIAGNOSES,
    (e.Filters, "without_principal_diagnosis"): Kind.CLAIM_DIAGNOSES,
    (e.Filters, "not_provider"): Kind.PROVIDERS,
    (e.ResultBody, "code"): Kind.RESULTS,
}


@dataclass(frozen=True, slots=True)
class Use:
    """One name at one place."""

    kind: Kind
    name: Word


def uses(value: Any, kind: Kind | None = None) -> Iterator[Use]:
    """Yield every name that a model (or a list or mapping of models) uses; ``kind`` is that of a bare word.

    Names that a name stands for are not followed.
    """
    if isinstance(value, Word):
        if kind is not None:
            yield Use(kind, value)
    elif isinstance(value, (Amount, Measured)):
        if value.parameter is not None:
            yield Use(Kind.NUMBER, value.parameter)
    elif isinstance(value, DateSpec):
        if value.name is not None:
            yield Use(Kind.DATE, value.name)
        for amount in value.amounts:
            yield from uses(amount)
    elif isinstance(value, SpecModel):
        for name, inner in vars(value).items():
            if inner is not None:  # most fields of most models
                yield from uses(inner, _kind_of(type(value), name))
    else:
        for item in _items(value):
            yield from uses(item, kind)


def models(value: Any) -> Iterator[SpecModel]:
    """Yield every model in a value, outer ones first."""
    if isinstance(value, SpecModel):
        yield value
    for item in _inside(value):
        yield from models(item)


def dates(value: Any) -> Iterator[DateSpec]:
    """Yield every date that is written in a value."""
    if isinstance(value, DateSpec):
        yield value
    for item in _inside(value):
        yield from dates(item)


def _inside(value: Any) -> Iterable[Any]:
    if isinstance(value, SpecModel):
        return [inner for inner in vars(value).values() if inner is not None]
    return _items(value)


def _items(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, tuple) else ()


@cache
def _kind_of(model: type[SpecModel], field: str) -> Kind | None:
    return next((_KINDS[base, field] for base in model.__mro__ if (base, field) in _KINDS), None)


def piece_kind(model: Any) -> Kind:
    """Return what a defined piece is."""
    if isinstance(model, m.EventPiece):
        return Kind.EVENT
    if isinstance(model, m.IndexPiece):
        return Kind.INDEX
    return Kind.DATE if isinstance(model, (m.DatePiece, m.FirstPiece)) else Kind.CRITERION


def piece_uses(model: Any) -> Iterator[Use]:
    """Yield the names that a piece uses; a piece that is a bare word is another name of a criterion."""
    yield from uses(model, Kind.CRITERION)
