"""Measures: population steps, exclusions and numerators of every rate, and what the plan depends on."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from vbpmeasure.diagnostics.model import Failure
from vbpmeasure.plan.builder.constants import ALWAYS, NEVER, Constant
from vbpmeasure.plan.builder.criteria import build_flag
from vbpmeasure.plan.builder.index import build_index, build_months
from vbpmeasure.plan.builder.parameters import parameter_values
from vbpmeasure.plan.builder.scope import Scope, refuse
from vbpmeasure.plan.measures import (
    Composite,
    CompositeKind,
    EventRate,
    Exclusion,
    Indicator,
    MeasurePlan,
    Persons,
    Proportion,
    Step,
    TotalOf,
)
from vbpmeasure.plan.measures import Rate as RatePlan
from vbpmeasure.plan.uses import value_sets_of
from vbpmeasure.spec.models.rates import (
    CompositeRate,
    ExclusionBody,
    IndicatorRate,
    PerThousand,
    RateModel,
    StepBody,
    Total,
)
from vbpmeasure.spec.namespace import Namespace, declared_exclusions, declared_index, declared_population
from vbpmeasure.spec.words import Word


def build_measure(names: Namespace, year: int, overrides: Mapping[str, str] | None = None) -> MeasurePlan:
    """Return the plan of a measure for a measurement year; ``overrides`` are parameter values as text.

    The definition must have passed the checks. Raises `Failure` for what only a year or an override brings
    to light: VBM212, VBM227, VBM231 (parameters), VBM228, VBM232, VBM220 (values that fit no criterion).
    """
    measure = names.measure.model
    scope = Scope(names, parameter_values(names, year, overrides or {}))
    rates = tuple(_rate(rate, scope) for rate in measure.rates)
    return MeasurePlan(
        id=str(measure.id),
        title=str(measure.title),
        edition=str(measure.edition),
        status=measure.status,
        rates=rates,
        parameters=dict(sorted(scope.values.items())),
        value_sets=value_sets_of(rates),
        tags=tuple(str(tag) for tag in measure.tags),
        digest=_digest(names),
    )


def _rate(rate: RateModel, scope: Scope) -> RatePlan:
    if isinstance(rate, Total):
        members = tuple(str(member) for member in rate.total_of)
        return TotalOf(str(rate.id), str(rate.title), members, rate.lower_is_better)
    population, exclusions = _population(rate, scope), _exclusions(rate, scope)
    if isinstance(rate, CompositeRate):
        return _composite(rate, population, exclusions, scope)
    if isinstance(rate, IndicatorRate):
        return Indicator(
            str(rate.id),
            str(rate.title),
            str(rate.indicator),
            str(rate.entity),
            population,
            exclusions,
            rate.lower_is_better,
        )
    if not population:
        raise _senseless(rate, "its population is everybody")
    if isinstance(rate, PerThousand):
        events = declared_index(rate, scope.names)
        assert events is not None  # the check of kinds has passed
        return EventRate(
            str(rate.id),
            str(rate.title),
            population,
            exclusions,
            build_index(events, scope),
            build_months(rate.member_months, scope),
            rate.lower_is_better,
        )
    numerator = build_flag(rate.numerator, scope)
    if isinstance(numerator, Constant):
        raise _senseless(rate, f"its numerator is {'always' if numerator.value else 'never'} met")
    index = declared_index(rate, scope.names)
    return Proportion(
        id=str(rate.id),
        title=str(rate.title),
        population=population,
        exclusions=exclusions,
        numerator=numerator,
        units=build_index(index, scope) if index is not None else Persons(),
        lower_is_better=rate.lower_is_better,
        within=str(rate.within) if rate.within is not None else None,
    )


def _population(rate: RateModel, scope: Scope) -> tuple[Step, ...]:
    steps = [_step(step, scope) for step in declared_population(rate, scope.names)]
    if any(step.flag == NEVER for step in steps):
        raise _senseless(rate, "its population is nobody")
    return tuple(step for step in steps if step.flag != ALWAYS)


def _exclusions(rate: RateModel, scope: Scope) -> tuple[Exclusion, ...]:
    exclusions = [_exclusion(each, scope) for each in declared_exclusions(rate, scope.names)]
    if any(exclusion.flag == ALWAYS for exclusion in exclusions):
        raise _senseless(rate, "an exclusion removes everybody")
    return tuple(exclusion for exclusion in exclusions if exclusion.flag != NEVER)


def _composite(
    rate: CompositeRate, population: tuple[Step, ...], exclusions: tuple[Exclusion, ...], scope: Scope
) -> Composite:
    own = str(scope.names.measure.model.id)
    members = []
    for word in rate.of:
        measure, dot, member = str(word).rpartition(".")
        members.append((measure if dot else own, member))
    return Composite(
        str(rate.id),
        str(rate.title),
        CompositeKind(rate.composite),
        tuple(dict.fromkeys(members)),
        population,
        exclusions,
        rate.lower_is_better,
    )


def _senseless(rate: RateModel, why: str) -> Failure:
    return refuse("VBM232", f"the rate `{rate.id}` says nothing: {why}", rate.id.span)


def _step(step: Any, scope: Scope) -> Step:
    if isinstance(step, StepBody):
        return Step(str(step.step), build_flag(step.when, scope))
    flag = build_flag(step, scope)
    return Step(flag.label.replace("_", " ") if isinstance(step, Word) else flag.label, flag)


def _exclusion(exclusion: Word | ExclusionBody, scope: Scope) -> Exclusion:
    if isinstance(exclusion, Word):
        declared = scope.names.exclusions.get(str(exclusion))
        if declared is None:
            return Exclusion(str(exclusion), _title(exclusion), build_flag(exclusion, scope))
        exclusion = declared.model
    assert isinstance(exclusion, ExclusionBody)
    title = str(exclusion.title) if exclusion.title is not None else _title(exclusion.id)
    return Exclusion(str(exclusion.id), title, build_flag(exclusion.when, scope))


def _title(name: str) -> str:
    return str(name).replace("_", " ").capitalize()


def _digest(names: Namespace) -> str:
    """Return the SHA-256 over the texts of the measure and of the fragments it uses, each with its length."""
    digest = hashlib.sha256()
    used = sorted(str(name) for name in names.measure.model.use)
    for text in (names.measure.text, *(names.fragments[name].text for name in used)):
        content = text.encode()
        digest.update(f"{len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()
