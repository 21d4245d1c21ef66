"""Flags about amounts and runs of days: days covered by a drug, readings of a scale, unbroken enrollment, sex."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from vbpmeasure.plan.dates import Window, Windowed
from vbpmeasure.plan.flags import Flag
from vbpmeasure.plan.grain import Grain, GrainError, widest


@dataclass(frozen=True, slots=True)
class EnrolledRun(Flag):
    """True when the person is covered on at least ``days`` days in a row of the window; no date.

    Judged by group of the enrollment key and benefit as `Enrolled` is (semantics page, section 5).
    """

    window: Window
    days: int
    benefit: str | None = None

    def __post_init__(self) -> None:
        """Refuse a run without a day."""
        if self.days < 1:
            raise GrainError("a run needs at least 1 day")

    @property
    def grain(self) -> Grain:
        """The grain of the window."""
        return self.window.grain


class Sex(StrEnum):
    """The two sexes that eligibility criteria of measures name."""

    FEMALE = "female"
    MALE = "male"


@dataclass(frozen=True, slots=True)
class SexIs(Flag):
    """True when the person's `gender` is a spelling of the sex; no date."""

    sex: Sex


@dataclass(frozen=True, slots=True)
class DaysCovered(Flag):
    """True when at least ``days`` days of the window are covered by the supply of the sources' rows.

    Each day counts once, however many supplies cover it. The flag's date is the day on which the number is reached.
    """

    sources: tuple[Windowed, ...]
    days: int

    def __post_init__(self) -> None:
        """Refuse sources in different windows, and counts below one."""
        if not self.sources or len({source.window for source in self.sources}) != 1:
            raise GrainError("days covered need sources, all in one window")
        if self.days < 1:
            raise GrainError("days covered need at least 1 day")

    @property
    def window(self) -> Window:
        """The window in which days are counted; supplies that start before it reach into it."""
        return self.sources[0].window

    @property
    def grain(self) -> Grain:
        """The grain of the window."""
        return self.window.grain


class Pick(StrEnum):
    """Which day of a window is read."""

    FIRST = "first"
    LAST = "last"


@dataclass(frozen=True, slots=True)
class Reading:
    """The number on the first or last day of the window that has one; the greatest when that day has several."""

    source: Windowed
    pick: Pick

    @property
    def grain(self) -> Grain:
        """The grain of the window."""
        return self.source.grain


@dataclass(frozen=True, slots=True)
class ReadingWithin(Flag):
    """True when there is a reading and it keeps every bound that is given; its date is the day of the reading."""

    reading: Reading
    least: float | None = None
    most: float | None = None
    above: float | None = None
    below: float | None = None

    @property
    def grain(self) -> Grain:
        """The grain of the reading."""
        return self.reading.grain


@dataclass(frozen=True, slots=True)
class Dropped(Flag):
    """True when the follow-up reading is lower than the baseline reading by enough; its date is the follow-up day.

    Enough: by ``points`` or more, and by ``percent`` per cent of the baseline or more, whichever are given.
    """

    baseline: Reading
    follow_up: Reading
    points: float | None = None
    percent: int | None = None

    def __post_init__(self) -> None:
        """Refuse a drop of nothing."""
        if self.points is None and self.percent is None:
            raise GrainError("a drop needs points or percent")

    @property
    def grain(self) -> Grain:
        """The wider grain of the two readings."""
        return widest([self.baseline.grain, self.follow_up.grain])
