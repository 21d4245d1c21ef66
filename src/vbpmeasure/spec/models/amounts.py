"""Criteria and filters about amounts: results, readings, drops, days covered."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from vbpmeasure.spec.dates import Amount
from vbpmeasure.spec.models.base import Days, Listed, Number, Quantity, SpecModel, wrong
from vbpmeasure.spec.models.events import EventRef
from vbpmeasure.spec.models.window import Windowed


class ReadingBody(Windowed):
    """One number of a scale or a test, and the bounds that it must keep."""

    of: Annotated[tuple[EventRef, ...], Listed]
    pick: Literal["first", "last"]
    at_least: Quantity | None = None
    at_most: Quantity | None = None
    above: Quantity | None = None
    below: Quantity | None = None


class Reading(SpecModel):
    """The first or last number in the window is there and keeps the bounds."""

    body: ReadingBody = Field(alias="reading")


class WhenRead(Windowed):
    """Which number of the window is taken."""

    pick: Literal["first", "last"]


class DroppedBody(SpecModel):
    """From which number to which, and by how much."""

    of: Annotated[tuple[EventRef, ...], Listed]
    baseline: WhenRead
    follow_up: WhenRead
    points: Quantity | None = None
    percent: Number | None = None

    @model_validator(mode="after")
    def _by_something(self) -> Self:
        if self.points is None and self.percent is None:
            raise wrong("`dropped` needs `points`, `percent` or both", "`percent: 50`", "VBM202")
        return self


class Dropped(SpecModel):
    """The number is lower at the follow-up than at the baseline, by enough."""

    body: DroppedBody = Field(alias="dropped")


class CoveredBody(Windowed):
    """By what, and how many days."""

    by: Annotated[tuple[EventRef, ...], Listed]
    at_least: Days = Field(Amount(1), description="days of the window that a supply covers, each once")


class Covered(SpecModel):
    """Days of the window are covered by the supply of drugs."""

    body: CoveredBody = Field(alias="covered")


class SexIs(SpecModel):
    """The person's sex on file."""

    sex: Literal["female", "male"]
