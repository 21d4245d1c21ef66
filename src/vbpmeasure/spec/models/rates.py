"""Rates: what is counted of whom, in the five forms that the language has."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag

from vbpmeasure.spec.models.base import (
    Boolean,
    Listed,
    Name,
    Names,
    NonEmpty,
    RateName,
    SpecModel,
    Text,
    is_list,
    wrong,
)
from vbpmeasure.spec.models.criteria import Criterion
from vbpmeasure.spec.models.index import IndexRef, MemberMonthsBody
from vbpmeasure.spec.words import Word


class StepBody(SpecModel):
    """A population step with words of its own."""

    step: Text
    when: Criterion


class ExclusionBody(SpecModel):
    """An exclusion that a measure or fragment declares itself."""

    id: Name
    title: Text | None = None
    when: Criterion


def _step_tag(value: Any) -> str:
    return "<step>" if isinstance(value, dict) and ("step" in value or "when" in value) else "<criterion>"


def _exclusion_tag(value: Any) -> str:
    return "<name>" if isinstance(value, str) else "<exclusion>"


def _exclusion_shape(value: Any) -> Any:
    if not isinstance(value, (str, dict, SpecModel)):
        raise wrong("an exclusion is a name, or `{id, title, when}`")
    return value


Step = Annotated[
    Annotated[StepBody, Tag("<step>")] | Annotated[Criterion, Tag("<criterion>")], Discriminator(_step_tag)
]
Exclusion = Annotated[
    Annotated[Name, Tag("<name>")] | Annotated[ExclusionBody, Tag("<exclusion>")],
    Discriminator(_exclusion_tag),
    BeforeValidator(_exclusion_shape),
]
Steps = Annotated[tuple[Step, ...], NonEmpty]
Exclusions = tuple[Exclusion, ...]


class Rate(SpecModel):
    """A rate with a numerator of its own."""

    id: Name
    title: Text
    index: IndexRef | None = Field(None, description="the index events that are the units; `none` for persons")
    within: Name | None = Field(None, description="the rate whose index events and population this one narrows")
    population: Steps | None = None
    exclusions: Annotated[Exclusions, BeforeValidator(is_list)] | None = None
    numerator: Criterion
    lower_is_better: Boolean = False


class Total(SpecModel):
    """The union of the populations of other rates, each unit once."""

    id: Name
    title: Text
    total_of: Names
    lower_is_better: Boolean = False


class PerThousand(SpecModel):
    """Events per 1,000 member-months."""

    id: Name
    title: Text
    population: Steps | None = None
    exclusions: Annotated[Exclusions, BeforeValidator(is_list)] | None = None
    events: IndexRef = Field(description="the events that are counted, found as index events are")
    member_months: MemberMonthsBody
    lower_is_better: Boolean = False


class CompositeRate(SpecModel):
    """A summary of other rates."""

    id: Name
    title: Text
    composite: Literal["pooled", "equal_weight", "all_or_none", "opportunity"]
    of: Annotated[tuple[RateName, ...], Listed] = Field(description="rates of this measure, or `measure.rate`")
    population: Annotated[tuple[Step, ...], NonEmpty] | None = None
    exclusions: Annotated[Exclusions, BeforeValidator(is_list)] | None = None
    lower_is_better: Boolean = False


class IndicatorRate(SpecModel):
    """An aggregate of the `indicator` table."""

    id: Name
    title: Text
    indicator: Text = Field(description="the indicator_id of the rows")
    entity: Text = Field(Word("person"), description="the entity_type of the rows")
    population: Annotated[tuple[Step, ...], NonEmpty] | None = None
    exclusions: Annotated[Exclusions, BeforeValidator(is_list)] | None = None
    lower_is_better: Boolean = False


_MARKS = {
    "total_of": "<total>",
    "events": "<per_thousand>",
    "member_months": "<per_thousand>",
    "composite": "<composite>",
    "indicator": "<indicator>",
}


def _rate_tag(value: Any) -> str:
    if isinstance(value, SpecModel):
        return _TAGS[type(value)]
    return next((tag for key, tag in _MARKS.items() if isinstance(value, dict) and key in value), "<rate>")


def _rate_shape(value: Any) -> Any:
    if not isinstance(value, (dict, SpecModel)):
        raise wrong(
            "a rate is a mapping with `id`, `title` and `numerator` (or `total_of`, `events`, `composite`, `indicator`)"
        )
    return value


AnyRate = Annotated[
    Annotated[Rate, Tag("<rate>")]
    | Annotated[Total, Tag("<total>")]
    | Annotated[PerThousand, Tag("<per_thousand>")]
    | Annotated[CompositeRate, Tag("<composite>")]
    | Annotated[IndicatorRate, Tag("<indicator>")],
    Discriminator(_rate_tag),
    BeforeValidator(_rate_shape),
]
RateModel = Rate | Total | PerThousand | CompositeRate | IndicatorRate
_TAGS: dict[type[SpecModel], str] = {
    Rate: "<rate>",
    Total: "<total>",
    PerThousand: "<per_thousand>",
    CompositeRate: "<composite>",
    IndicatorRate: "<indicator>",
}
