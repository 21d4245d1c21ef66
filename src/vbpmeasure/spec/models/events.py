"""Events: which rows count, by code and by what else stands on the row or its claim."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator

from vbpmeasure.data.contract import EVENT_TABLES, SOURCE_GROUPS, VOID_STATUSES
from vbpmeasure.spec.models.base import (
    Listed,
    Name,
    Names,
    NonEmpty,
    Quantity,
    SpecModel,
    Text,
    Written,
    read_text,
    wrong,
)
from vbpmeasure.spec.suggest import suggestion
from vbpmeasure.spec.words import LocatedMap, Word

TRIGGERS = ("code", "diagnosis", "principal_diagnosis")
Status = Literal["paid", "pending", "denied", "reversed"]


def _source(value: Any) -> str:
    """Read the name of a table of events, or of a group of them."""
    text = read_text(value)
    if text not in SOURCES:
        raise wrong(f"`{text}` is no source", suggestion(text, SOURCES) or _SOURCES_IN_WORDS, "VBM271")
    return str(text)


def _record_status(value: Any) -> Word:
    """Read a record status: any text but those that are never evidence."""
    word = read_text(value)
    if word.strip().lower() in VOID_STATUSES:
        hint = "such records never happened, were withdrawn, or were entered by mistake; leave it out"
        raise wrong(f"records with the status `{word}` are never evidence", hint, "VBM272")
    return word


SOURCES = (*SOURCE_GROUPS, *EVENT_TABLES)
_SOURCES_IN_WORDS = f"groups: {', '.join(SOURCE_GROUPS)}; tables: {', '.join(EVENT_TABLES)}"
Source = Annotated[str, Written(_source, {"enum": list(SOURCES)})]
RecordStatus = Annotated[Word, Written(_record_status, {"type": "string"})]
EncounterText = Annotated[Word, Written(read_text, {"type": ["string", "number"]})]


class ResultBody(SpecModel):
    """Conditions on the result of a lab result or an observation; all that are given must hold."""

    at_least: Quantity | None = None
    at_most: Quantity | None = None
    above: Quantity | None = None
    below: Quantity | None = None
    unit: Annotated[tuple[Text, ...], Listed] | None = Field(None, description="the unit is one of these texts")
    text: Annotated[tuple[Text, ...], Listed] | None = Field(None, description="the result is one of these texts")
    code: Names | None = Field(None, description="the result is a code of these value sets")


class Filters(SpecModel):
    """Conditions on the row, or on the claim it belongs to; all of them must hold."""

    place: Names | None = Field(None, description="place of service is in one of these value sets")
    not_place: Names | None = Field(None, description="place of service is in none of these value sets")
    modifier: Names | None = Field(None, description="some modifier is in one of these value sets")
    not_modifier: Names | None = Field(None, description="no modifier is in these value sets")
    provider: Names | None = Field(None, description="some taxonomy of the provider is in one of these value sets")
    unknown_provider: Name | None = Field(
        None, description="include or exclude rows whose provider has no known taxonomy, or a choice parameter"
    )
    status: Annotated[tuple[Status, ...], Listed] | None = Field(None, description="claim statuses that count")
    record_status: Annotated[tuple[RecordStatus, ...], Listed] | None = Field(
        None, description="record statuses that count; `unknown` also stands for none"
    )
    encounter_class: Annotated[tuple[EncounterText, ...], Listed] | None = Field(
        None, description="class of the encounter, such as AMB or EMER; rows of `encounter` alone"
    )
    encounter_type: Annotated[tuple[EncounterText, ...], Listed] | None = Field(
        None, description="type of the encounter, such as office visit; rows of `encounter` alone"
    )
    source: Annotated[tuple[Source, ...], Listed] | None = Field(
        None, description="tables, or groups of them, that are looked at"
    )
    with_code: Names | None = Field(None, description="the same claim carries a code of these value sets")
    with_diagnosis: Names | None = Field(None, description="the same claim carries a diagnosis of these value sets")
    without_code: Names | None = Field(None, description="the same claim carries no code of these value sets")
    without_diagnosis: Names | None = Field(None, description="the same claim carries no diagnosis of these value sets")
    with_principal_diagnosis: Names | None = Field(
        None, description="the first diagnosis of some line of the same claim is in these value sets"
    )
    without_principal_diagnosis: Names | None = Field(
        None, description="no first diagnosis of the same claim is in these value sets"
    )
    not_provider: Names | None = Field(None, description="no taxonomy of the provider is in these value sets")
    tooth: Annotated[tuple[Text, ...], Listed] | None = Field(None, description="tooth numbers that count")
    result: ResultBody | None = Field(None, description="conditions on the result of lab results and observations")
    dated: Literal["service", "admission", "discharge"] | None = Field(
        None, description="the day of the event: that of the service, or an end of the stay that the row belongs to"
    )


class Unless(SpecModel):
    """Filters that apply unless a parameter has a given value."""

    parameter: Name
    value: Text
    filters: Filters

    @model_validator(mode="before")
    @classmethod
    def _unfold(cls, data: Any) -> Any:
        """Read `{PARAMETER: VALUE, filters: {...}}`."""
        if not isinstance(data, dict):
            return data
        names = [key for key in data if key != "filters"]
        if len(names) != 1 or "filters" not in data:
            hint = "`unless: {PARAMETER: VALUE, filters: {...}}`"
            raise wrong("`unless` takes one parameter with a value, and `filters`", hint)
        unfolded = LocatedMap(parameter=names[0], value=data[names[0]], filters=data["filters"])
        unfolded.span = getattr(data, "span", None)
        return unfolded


class Event(Filters):
    """One trigger, or `any` of several, under the filters."""

    any_: Annotated[tuple[EventRef, ...], NonEmpty] | None = Field(
        None, alias="any", description="triggers and names of other events: rows that one of them finds"
    )
    code: Names | None = Field(None, description="any code of the row")
    diagnosis: Names | None = Field(None, description="a diagnosis in any position")
    principal_diagnosis: Names | None = Field(None, description="the first diagnosis")
    unless: Annotated[tuple[Unless, ...], Listed] | None = Field(
        None, description="filters that apply unless a parameter has a value"
    )

    @model_validator(mode="after")
    def _one_trigger(self) -> Self:
        given = [name for name in ("any", *TRIGGERS) if getattr(self, "any_" if name == "any" else name) is not None]
        if len(given) > 1:
            raise wrong(f"an event has one trigger, not `{'` and `'.join(given)}`", "put them under `any:`", "VBM205")
        if not given:
            raise wrong("an event needs a trigger", f"one of `any`, `{'`, `'.join(TRIGGERS)}`", code="VBM204")
        return self


def _tag(value: Any) -> str:
    return "<name>" if isinstance(value, str) else "<event>"


def _shape(value: Any) -> Any:
    if not isinstance(value, (str, dict, Event)):
        raise wrong("an event is a name, or a mapping with a trigger such as `code:`")
    return value


EventRef = Annotated[
    Annotated[Name, Tag("<name>")] | Annotated[Event, Tag("<event>")], Discriminator(_tag), BeforeValidator(_shape)
]

Event.model_rebuild()
