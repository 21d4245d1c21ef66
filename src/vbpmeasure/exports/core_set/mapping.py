"""The mapping from our rates to core set labels: a YAML file that the user can replace (`measures/exports`)."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails

from vbpmeasure.catalog.shipped import measures_root
from vbpmeasure.diagnostics import Diagnostic, Failure
from vbpmeasure.spec.tree import read_yaml

SHIPPED = "exports/child_core_set.yaml"

_NEEDED = {
    "missing": "the key is missing",
    "extra_forbidden": "the key is not known here",
    "string_type": "a text is needed",
    "int_parsing": "a whole number is needed",
    "int_type": "a whole number is needed",
    "bool_parsing": "`true` or `false` is needed",
    "bool_type": "`true` or `false` is needed",
    "greater_than_equal": "the number is too small",
    "less_than_equal": "the number is too large",
    "tuple_type": "a list is needed",
    "too_short": "the list is empty",
    "dict_type": "a mapping (`key: value` lines) is needed",
    "model_type": "a mapping (`key: value` lines) is needed",
}


class Reason(StrEnum):
    """Why a number is missing; a mapping has words for each."""

    NOT_RUN = "not_run"
    FAILED = "failed"
    NO_DEFINITION = "no_definition"
    OTHER_SOURCE = "other_source"
    RATE_NOT_IN_RUN = "rate_not_in_run"
    NOT_STRATIFIED = "not_stratified"
    SMALL_DENOMINATOR = "small_denominator"
    SUPPRESSED = "suppressed"
    NO_DATA = "no_data"


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Reference(_Model):
    """Where the mapping is from."""

    title: str
    tag: str = ""
    confidence: Literal["H", "M", "L"] = "L"


class Category(_Model):
    """A stratification that the receiver asks for, and the dimensions of a run that answer it (the first one there)."""

    category: str
    dimensions: tuple[str, ...] = Field(min_length=1)
    instead_of: tuple[str, ...] = ()


class Words(_Model):
    """A reason in our words, and the nearest one that the receiver's form offers."""

    words: str
    category: str


class CoreRate(_Model):
    """A rate of the core set: its label and age band, and the id of our rate."""

    label: str
    age: str
    rate: str


class CoreMeasure(_Model):
    """A measure of the core set; ``missing`` says why there is no measure of ours for it."""

    id: str
    title: str
    measure: str | None = None
    mandatory: bool = True
    stratified: bool = False
    missing: Literal["no_definition", "other_source"] | None = None
    confidence: Literal["H", "M", "L"]
    rates: tuple[CoreRate, ...] = ()

    @model_validator(mode="after")
    def _one_of_both(self) -> CoreMeasure:
        if (self.measure is None) == (self.missing is None):
            raise ValueError("a measure has either `measure` with `rates`, or `missing`")
        if (self.measure is None) != (not self.rates):
            raise ValueError("`measure` and `rates` go together")
        return self


class CoreSetMapping(_Model):
    """A whole mapping file."""

    id: str
    title: str
    reporting_year: int
    measurement_year: int
    decimals: int = Field(default=1, ge=0, le=2)
    references: tuple[Reference, ...] = ()
    strata: tuple[Category, ...] = ()
    reasons: dict[Reason, Words]
    measures: tuple[CoreMeasure, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _complete(self) -> CoreSetMapping:
        lacking = [reason.value for reason in Reason if reason not in self.reasons]
        if lacking:
            raise ValueError(f"`reasons` lacks {', '.join(lacking)}")
        ids = [measure.id for measure in self.measures]
        twice = sorted({one for one in ids if ids.count(one) > 1})
        if twice:
            raise ValueError(f"`measures` has {twice[0]} twice")
        return self


def load_mapping(path: Path | None = None) -> CoreSetMapping:
    """Read a mapping, the shipped one without a path.

    Raises `Failure` VBM495 when it cannot be used, and the YAML codes of `read_yaml`.
    """
    place = path if path is not None else measures_root() / SHIPPED
    plain = read_yaml(place).to_plain()
    try:
        return CoreSetMapping.model_validate(plain)
    except ValidationError as error:
        raise Failure([_finding(place, one) for one in error.errors(include_url=False, include_input=False)]) from None


def _finding(path: Path, error: ErrorDetails) -> Diagnostic:
    place = ".".join(str(part) for part in error["loc"] if part != "[key]")
    what = _words(error)
    message = f"`{place}`: {what}" if place else what
    return Diagnostic("VBM495", message, where=str(path), hint="`measures/exports/child_core_set.yaml` is an example")


def _words(error: ErrorDetails) -> str:
    """Return what is wrong with a value; what our own validators say stands after the words of pydantic."""
    kind, about = error["type"], error.get("ctx", {})
    if kind == "value_error":
        return str(about["error"])
    if kind in ("literal_error", "enum"):
        return f"one of {str(about['expected']).replace(' or ', ', ')} is needed".replace("'", "")
    return _NEEDED.get(kind, "a value of another kind is needed")
