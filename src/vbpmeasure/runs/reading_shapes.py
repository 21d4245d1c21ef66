"""What readers of a run folder rely on in its manifest and its results, as strict models.

Digests tell whether the results are those of the manifest; nothing tells that of the manifest itself. What is said here
is checked once, at the door, so that no reader of a run meets a list where it expects a text. Keys that a run of an
earlier version did not write may be missing; keys that nobody asks for are not looked at.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from enum import StrEnum
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from vbpmeasure.results.disclosure.policy import Status
from vbpmeasure.results.frame import RateKind
from vbpmeasure.runs.request import FIRST_YEAR, LAST_YEAR


def _day(text: str) -> str:
    if not FIRST_YEAR <= dt.date.fromisoformat(text).year <= LAST_YEAR:
        raise ValueError("no measurement year")
    return text


def _one_of(words: type[StrEnum]) -> Callable[[str], str]:
    return lambda text: words(text).value


Day = Annotated[str, AfterValidator(_day)]
Count = Annotated[int, Field(ge=0, lt=2**63)]
Amount = Annotated[float, Field(allow_inf_nan=False)]


class _Part(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True)


class _Period(_Part):
    start: Day
    end: Day


class _Policy(_Part):
    profile: str | None = None
    suppress_below: Count | None = None
    min_denominator: Count | None = None


class _Measure(_Part):
    id: str
    digest: str | None = None
    edition: str | None = None
    status: str | None = None
    parameters: dict[str, Any] | None = None
    value_sets: list[str] | None = None
    members: dict[str, str] = Field(default_factory=dict)


class _ValueSet(_Part):
    name: str
    digest: str | None = None


class _Input(_Part):
    table: str
    name: str | None = None
    rows: Count | None = None
    sha256: str | None = None
    footer_sha256: str | None = None


class _System(_Part):
    id: str
    sha256: str | None = None
    tabulation: str | None = None


class _Manifest(_Part):
    period: _Period
    suppression: _Policy
    outputs: dict[str, str]
    measures: list[_Measure] | None = None
    value_sets: list[_ValueSet] | None = None
    inputs: list[_Input] | None = None
    category_systems: dict[str, _System] | None = None
    evidence_lost: list[str] = Field(default_factory=list)
    as_of: Day | None = None


class _Rate(_Part):
    id: str
    title: str
    lower_is_better: bool


class _Rates(_Part):
    id: str
    title: str
    rates: list[_Rate]


class _Row(_Part):
    measure: str
    rate: str


class _Amount(_Row):
    kind: Annotated[str, AfterValidator(_one_of(RateKind))]
    dimension: str
    stratum: str
    part: Count | None
    whole: Count | None
    member_months: Amount | None
    value: Amount | None
    low: Amount | None
    high: Amount | None
    status: Annotated[str, AfterValidator(_one_of(Status))]


class _Stage(_Row):
    stage: Count
    kind: str
    label: str
    unit: str
    removed: Count | None
    remaining: Count | None
    persons: Count | None


class _Results(_Part):
    measures: list[_Rates]
    amounts: list[_Amount]
    waterfall: list[_Stage]


def is_manifest(found: dict[str, Any]) -> bool:
    """Return whether every part of a manifest that anything reads is of its kind."""
    return _fits(_Manifest, found)


def is_results(found: dict[str, Any]) -> bool:
    """Return whether a results document has the parts that it is read for."""
    return _fits(_Results, found)


def _fits(model: type[BaseModel], found: dict[str, Any]) -> bool:
    try:
        model.model_validate(found)
    except ValidationError:
        return False
    return True
