"""Dates as the plan knows them: an anchor and an offset. A window is two of them, both ends included."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from vbpmeasure.plan.events import EventSet
from vbpmeasure.plan.grain import Grain, GrainError, widest


class Anchor(StrEnum):
    """What a date is counted from."""

    BIRTH = "birth"
    BIRTHDAY = "birthday"
    DEATH = "death"
    PERIOD_START = "period start"
    PERIOD_END = "period end"
    INDEX = "index"
    INDEX_START = "index start"
    INDEX_END = "index end"
    EVENT = "event"


INDEX_ANCHORS = (Anchor.INDEX, Anchor.INDEX_START, Anchor.INDEX_END)


@dataclass(frozen=True, slots=True)
class DateExpr:
    """A date of one person: ``anchor``, then ``months`` calendar months, then ``days`` days.

    ``years`` is the number of the birthday when the anchor is BIRTHDAY. Calendar arithmetic saturates at
    the end of the month: the birthday of a child born on 29 February is 28 February in a common year
    (fact sheet 1.1). A date whose anchor is missing (no death, no such event) is null.
    """

    anchor: Anchor
    years: int = 0
    event: FirstDate | None = None
    months: int = 0
    days: int = 0

    def __post_init__(self) -> None:
        """Refuse an anchor without what it needs."""
        if (self.anchor is Anchor.EVENT) != (self.event is not None):
            raise GrainError("an event date needs an event, and only an event date has one")
        if self.years and self.anchor is not Anchor.BIRTHDAY:
            raise GrainError("only a birthday has a number of years")

    @property
    def grain(self) -> Grain:
        """INDEX when the date depends on an index event."""
        if self.anchor in INDEX_ANCHORS:
            return Grain.INDEX
        return self.event.grain if self.event is not None else Grain.PERSON


@dataclass(frozen=True, slots=True)
class Window:
    """A run of days from ``start`` to ``end``, both included; empty when the start is after the end.

    Nothing lies inside a window with a null end.
    """

    start: DateExpr
    end: DateExpr

    @property
    def grain(self) -> Grain:
        """The wider grain of the two ends."""
        return widest([self.start.grain, self.end.grain])


@dataclass(frozen=True, slots=True)
class Windowed:
    """The dates of an event set that lie inside a window."""

    events: EventSet
    window: Window

    def __post_init__(self) -> None:
        """Refuse anything but events: a flag has no dates to count."""
        if not isinstance(self.events, EventSet):
            raise GrainError(f"a window takes events, not {type(self.events).__name__}")

    @property
    def grain(self) -> Grain:
        """The grain of the window: its dates are cut per person or per index event."""
        return self.window.grain


@dataclass(frozen=True, slots=True)
class FirstDate:
    """The earliest date of the event set inside the window; null when there is none."""

    source: Windowed
    name: str = field(default="", compare=False)

    @property
    def grain(self) -> Grain:
        """The grain of the window."""
        return self.source.grain
