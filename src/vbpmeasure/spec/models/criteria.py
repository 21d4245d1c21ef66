"""Criteria: the name of a piece, or a mapping with exactly one verb. One class a verb."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self, get_args

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator
from pydantic_core import PydanticCustomError

from vbpmeasure.data.contract import BENEFITS
from vbpmeasure.spec.dates import Amount
from vbpmeasure.spec.models.amounts import Covered, Dropped, Reading, SexIs
from vbpmeasure.spec.models.base import Date, Days, Listed, Name, Names, NonEmpty, Number, SpecModel, wrong
from vbpmeasure.spec.models.events import EventRef
from vbpmeasure.spec.models.window import Interval, Windowed
from vbpmeasure.spec.suggest import suggestion

Benefit = Literal["medical", "dental", "pharmacy", "mental_health"]
assert get_args(Benefit) == BENEFITS


class All(SpecModel):
    """Every one holds."""

    members: Annotated[tuple[Criterion, ...], NonEmpty] = Field(alias="all")


class AnyOne(SpecModel):
    """At least one holds."""

    members: Annotated[tuple[Criterion, ...], NonEmpty] = Field(alias="any")


class Negation(SpecModel):
    """It does not hold."""

    member: Criterion = Field(alias="not")


class AtLeastBody(SpecModel):
    """How many of which."""

    n: Number
    of: Annotated[tuple[Criterion, ...], NonEmpty]


class AtLeast(SpecModel):
    """At least n of several hold."""

    body: AtLeastBody = Field(alias="at_least_of")


class Turns(SpecModel):
    """The date lies in the measurement period."""

    date: Date = Field(alias="turns")


class DateBody(Windowed):
    """Which date, and the window it must lie in."""

    is_: Date = Field(alias="is")


class DateInWindow(SpecModel):
    """The date lies in the window."""

    body: DateBody = Field(alias="date")


class AgeBody(SpecModel):
    """Completed years on a day."""

    from_: Number | None = Field(None, alias="from", description="the youngest age, in completed years")
    to: Number | None = Field(None, description="the oldest age, in completed years")
    on: Date

    @model_validator(mode="after")
    def _some_bound(self) -> Self:
        if self.from_ is None and self.to is None:
            raise wrong("`age` needs `from`, `to` or both", "`age: {from: 3, to: 11, on: period end}`", "VBM202")
        return self


class Age(SpecModel):
    """Completed years of age lie between two numbers on a day."""

    body: AgeBody = Field(alias="age")


class EnrolledBody(Interval):
    """The window to be covered, the anchor date, and the allowance for gaps."""

    on: Date | None = Field(None, description="the anchor date: covered whatever the allowance for gaps")
    gaps: Number = Field(Amount(0), description="how many gaps are allowed")
    gap_days: Number | None = Field(None, description="days that a gap may last")
    gap_months: Number | None = Field(None, description="calendar months that a gap may last")
    benefit: Benefit | None = None
    per: Literal["window", "year"] = Field("window", description="the allowance holds for the window or for each year")

    run: Days | None = Field(None, description="days in a row that must be covered, instead of the whole window")

    @model_validator(mode="after")
    def _allowance(self) -> Self:
        none = self.gaps == Amount(0)
        if self.run is not None and not (none and self.on is None and self.per == "window"):
            hint = "leave `gaps`, `on` and `per` out: a run is some days in a row of the window"
            raise wrong("`run` stands with a window and a benefit only", hint, code="VBM234")
        if self.gap_days is not None and self.gap_months is not None:
            raise wrong("`gap_days` and `gap_months` are both given", "keep one of them", code="VBM234")
        if none and (self.gap_days is not None or self.gap_months is not None):
            raise wrong("the length of a gap is given, but no gap is allowed", "add `gaps: 1`", code="VBM234")
        if not none and self.gap_days is None and self.gap_months is None:
            raise wrong("gaps are allowed, but not how long they may be", "add `gap_days: 45`", code="VBM234")
        return self


class Enrollment(SpecModel):
    """Continuous enrollment."""

    body: EnrolledBody = Field(alias="enrolled")


class Count(Windowed):
    """At least n distinct dates of events in the window."""

    events: Annotated[tuple[EventRef, ...], Listed] = Field(alias="count")
    at_least: Number = Amount(1)
    apart: Days = Amount(1)


class DistinctPart(Windowed):
    """One part of `different_dates`."""

    events: Annotated[tuple[EventRef, ...], Listed] = Field(alias="count")
    at_least: Number = Amount(1)


class DifferentDates(SpecModel):
    """All parts hold with dates that are all different."""

    parts: Annotated[tuple[DistinctPart, ...], NonEmpty] = Field(alias="different_dates")


class DiedBody(Windowed):
    """The window."""


class Died(SpecModel):
    """The death date lies in the window."""

    body: DiedBody = Field(alias="died")


class FlaggedBody(Windowed):
    """The column and the window."""

    column: Name


class Flagged(SpecModel):
    """An enrollment span with a true flag overlaps the window."""

    body: FlaggedBody = Field(alias="flagged")


class Met(SpecModel):
    """The numerators of other rates of the measure are all met."""

    rates: Names = Field(alias="met")


def some_cases(value: Any) -> Any:
    """Return the cases with plain texts as keys; raises `PydanticCustomError` when they are no mapping."""
    if not isinstance(value, dict):
        raise wrong("a mapping of values to criteria is needed here")
    return {str(key): case for key, case in value.items()}


class ChooseBody(SpecModel):
    """Which parameter decides, and the criterion for each of its values."""

    by: Name
    cases: Annotated[dict[str, Criterion], BeforeValidator(some_cases)]


class Choose(SpecModel):
    """One of several criteria, decided by a parameter when the plan is built."""

    body: ChooseBody = Field(alias="choose")


VERBS = (
    "all",
    "any",
    "not",
    "at_least_of",
    "turns",
    "date",
    "age",
    "enrolled",
    "count",
    "different_dates",
    "died",
    "flagged",
    "met",
    "choose",
    "covered",
    "reading",
    "dropped",
    "sex",
)


def verb_of(value: Any) -> str:
    """Return the verb of a criterion; raises `PydanticCustomError` when there is not exactly one."""
    if not isinstance(value, dict):
        raise wrong("a criterion is the name of a piece, or a mapping with a verb such as `count:`")
    verbs = [key for key in value if key in VERBS]
    if len(verbs) == 1:
        return str(verbs[0])
    if len(verbs) > 1:
        names = "`, `".join(verbs)
        hint = "combine them under `all:` or `any:`"
        raise wrong(f"a criterion has one verb, not several: `{names}`", hint, "VBM205")
    guess = next((hint for key in value if (hint := suggestion(str(key), VERBS))), "")
    keys = "`, `".join(value) or "nothing"
    hint = guess or f"verbs are {', '.join(VERBS)}"
    raise PydanticCustomError("VBM204", "{message}", {"message": f"no verb in this criterion: `{keys}`", "hint": hint})


def checked(value: Any) -> Any:
    """Return the value when it is a name or has exactly one verb; raises `PydanticCustomError` otherwise."""
    if not isinstance(value, (str, SpecModel)):
        verb_of(value)
    return value


def _tag(value: Any) -> str:
    return "<name>" if isinstance(value, str) else f"<{verb_of(value)}>"


Verb = (
    All
    | AnyOne
    | Negation
    | AtLeast
    | Turns
    | DateInWindow
    | Age
    | Enrollment
    | Count
    | DifferentDates
    | Died
    | Flagged
    | Met
    | Choose
    | Covered
    | Reading
    | Dropped
    | SexIs
)

Criterion = Annotated[
    Annotated[Name, Tag("<name>")]
    | Annotated[All, Tag("<all>")]
    | Annotated[AnyOne, Tag("<any>")]
    | Annotated[Negation, Tag("<not>")]
    | Annotated[AtLeast, Tag("<at_least_of>")]
    | Annotated[Turns, Tag("<turns>")]
    | Annotated[DateInWindow, Tag("<date>")]
    | Annotated[Age, Tag("<age>")]
    | Annotated[Enrollment, Tag("<enrolled>")]
    | Annotated[Count, Tag("<count>")]
    | Annotated[DifferentDates, Tag("<different_dates>")]
    | Annotated[Died, Tag("<died>")]
    | Annotated[Flagged, Tag("<flagged>")]
    | Annotated[Met, Tag("<met>")]
    | Annotated[Choose, Tag("<choose>")]
    | Annotated[Covered, Tag("<covered>")]
    | Annotated[Reading, Tag("<reading>")]
    | Annotated[Dropped, Tag("<dropped>")]
    | Annotated[SexIs, Tag("<sex>")],
    Discriminator(_tag),
    BeforeValidator(checked),
]

# Recursive models are built once, here: measures, fragments and the other criteria take what these two made.
All.model_rebuild()
