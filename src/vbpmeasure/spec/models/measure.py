"""Measures and fragments: the two kinds of definition files."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator

from vbpmeasure.spec.models.base import (
    Boolean,
    Date,
    Integer,
    Listed,
    Name,
    Names,
    NonEmpty,
    SpecModel,
    Text,
    is_list,
    is_mapping,
    wrong,
)
from vbpmeasure.spec.models.criteria import VERBS, Criterion, checked
from vbpmeasure.spec.models.events import EventRef
from vbpmeasure.spec.models.index import IndexBody, IndexRef
from vbpmeasure.spec.models.rates import AnyRate, ExclusionBody, Exclusions, Steps
from vbpmeasure.spec.models.window import Windowed


class Reference(SpecModel):
    """A source of the definition."""

    title: Text
    tag: Text | None = Field(None, description="a short mark that `source:` of a parameter value can name")
    url: Text | None = None
    confidence: Literal["H", "M", "L"] | None = Field(
        None, description="H read in a source, M from memory or one secondary source, L inferred or proposed"
    )
    note: Text | None = None


class ParameterValue(SpecModel):
    """The value of a parameter from a measurement year on."""

    from_: Integer = Field(alias="from", description="the first measurement year in which the value is in force")
    value: Text
    source: Text | None = Field(None, description="where the value comes from")
    confidence: Literal["H", "M", "L"] | None = None
    note: Text | None = None


class Parameter(SpecModel):
    """A value that changes by measurement year, or that a user may override."""

    about: Text
    type: Literal["boolean", "integer", "choice"]
    options: Names | None = Field(None, description="the values of a choice")
    minimum: Integer | None = Field(None, description="the least value of an integer")
    maximum: Integer | None = Field(None, description="the greatest value of an integer")
    unverified: Boolean = False
    values: Annotated[tuple[ParameterValue, ...], NonEmpty]

    @model_validator(mode="after")
    def _options(self) -> Self:
        if (self.type == "choice") != (self.options is not None):
            problem = "a choice needs `options`" if self.type == "choice" else "only a choice has `options`"
            raise wrong(problem, "`options: [a, b]`", code="VBM231")
        if self.type != "integer" and (self.minimum is not None or self.maximum is not None):
            raise wrong("only an integer has `minimum` and `maximum`", code="VBM231")
        return self


class EventPiece(SpecModel):
    """A named event."""

    event: EventRef


class FirstBody(Windowed):
    """The earliest date of an event inside a window."""

    first: EventRef


class FirstPiece(SpecModel):
    """A named date: the earliest date of an event inside a window."""

    body: FirstBody = Field(alias="date")


class IndexPiece(SpecModel):
    """Named index events."""

    index: IndexBody


class DatePiece(SpecModel):
    """A named date, written as a date."""

    date: Date


def _piece_tag(value: Any) -> str:
    if isinstance(value, dict):
        if "event" in value:
            return "<event>"
        if "index" in value:
            return "<index>"
        date = value.get("date")
        if isinstance(date, str) and not any(verb in value for verb in VERBS if verb != "date"):
            return "<date>"
        if isinstance(date, dict) and "first" in date:
            return "<first>"
    return "<criterion>"


def _piece_shape(value: Any) -> Any:
    if _piece_tag(value) == "<criterion>":
        if isinstance(value, dict) and not any(key in VERBS for key in value):
            keys = "`, `".join(value) or "nothing"
            hint = f"verbs are {', '.join(VERBS)}"
            raise wrong(f"no `event`, `date`, `index` or verb in this piece: `{keys}`", hint, "VBM204")
        return checked(value)
    return value


Piece = Annotated[
    Annotated[EventPiece, Tag("<event>")]
    | Annotated[DatePiece, Tag("<date>")]
    | Annotated[FirstPiece, Tag("<first>")]
    | Annotated[IndexPiece, Tag("<index>")]
    | Annotated[Criterion, Tag("<criterion>")],
    Discriminator(_piece_tag),
    BeforeValidator(_piece_shape),
]


Parameters = Annotated[dict[Name, Parameter], BeforeValidator(is_mapping)]
Pieces = Annotated[dict[Name, Piece], BeforeValidator(is_mapping)]
References = Annotated[tuple[Reference, ...], BeforeValidator(is_list)]


def _basis(value: Any) -> Any:
    if value != "inspired-by":
        raise wrong(
            "`basis` must be `inspired-by`",
            "results are unaudited and HEDIS-like; certification cannot be claimed in a file",
            code="VBM208",
        )
    return value


class Measure(SpecModel):
    """A measure: who is looked at, who is out, and what must be met, for one or more rates."""

    id: Name
    title: Text
    edition: Text = Field(description="the edition of the source that is followed, usually a year")
    status: Literal["active", "draft", "proposed", "retired"] = "active"
    basis: Annotated[Literal["inspired-by"], BeforeValidator(_basis)]
    steward: Text | None = None
    established: Boolean = Field(True, description="no: no steward publishes this measure")
    claims: Literal["direct", "proxy", "external"] = Field("direct", description="how well claims can see it")
    tags: Annotated[tuple[Text, ...], Listed] = ()
    notes: Text | None = Field(None, description="what claims cannot see, open questions")
    references: References = ()
    use: Names = Field((), description="fragments of measures/shared, by file name")
    parameters: Parameters = Field(default_factory=dict)
    define: Pieces = Field(default_factory=dict)
    index: IndexRef | None = Field(None, description="the index events of all rates that do not say otherwise")
    population: Steps | None = Field(None, description="shared by all rates that have none of their own")
    exclusions: Annotated[Exclusions, BeforeValidator(is_list)] | None = Field(
        None, description="shared by all rates that have none of their own"
    )
    rates: Annotated[tuple[AnyRate, ...], NonEmpty]


class Fragment(SpecModel):
    """Pieces, exclusions and parameters that several measures share."""

    id: Name = Field(description="the file name without its ending")
    title: Text
    notes: Text | None = None
    references: References = ()
    parameters: Parameters = Field(default_factory=dict)
    define: Pieces = Field(default_factory=dict)
    exclusions: Annotated[tuple[ExclusionBody, ...], BeforeValidator(is_list)] = ()
