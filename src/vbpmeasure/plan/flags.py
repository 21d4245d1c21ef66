"""Flags: criteria that are true or false for a unit (a person, or an index event of one).

A flag that is true may also have a date, the day on which it became true; `docs/semantics.md` defines both.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from vbpmeasure.plan.dates import DateExpr, Window, Windowed
from vbpmeasure.plan.grain import Grain, GrainError, widest


@dataclass(frozen=True, slots=True)
class Flag:
    """The base of all criteria; ``label`` is what the author called it, and no part of its identity."""

    label: str = field(default="", compare=False, kw_only=True)

    @property
    def parts(self) -> tuple[Flag, ...]:
        """The criteria directly below this one, in the order of the definition."""
        return ()

    @property
    def grain(self) -> Grain:
        """INDEX when any part depends on an index event."""
        return widest([part.grain for part in self.parts])

    def walk(self) -> Iterator[Flag]:
        """Yield this flag, then everything below it, depth first."""
        yield self
        for part in self.parts:
            yield from part.walk()


def _need_flags(parts: tuple[Flag, ...], what: str) -> None:
    if not parts:
        raise GrainError(f"{what} needs at least one part")
    for part in parts:
        if not isinstance(part, Flag):
            raise GrainError(f"{what} takes criteria, not {type(part).__name__}")


@dataclass(frozen=True, slots=True)
class AllOf(Flag):
    """True when every part is true."""

    members: tuple[Flag, ...]

    def __post_init__(self) -> None:
        """Refuse parts that are not flags."""
        _need_flags(self.members, "all")

    @property
    def parts(self) -> tuple[Flag, ...]:
        """The members."""
        return self.members


@dataclass(frozen=True, slots=True)
class AnyOf(Flag):
    """True when at least one part is true."""

    members: tuple[Flag, ...]

    def __post_init__(self) -> None:
        """Refuse parts that are not flags."""
        _need_flags(self.members, "any")

    @property
    def parts(self) -> tuple[Flag, ...]:
        """The members."""
        return self.members


@dataclass(frozen=True, slots=True)
class AtLeastOf(Flag):
    """True when at least ``n`` of the parts are true."""

    n: int
    members: tuple[Flag, ...]

    def __post_init__(self) -> None:
        """Refuse parts that are not flags, and counts that decide nothing."""
        _need_flags(self.members, "at_least_of")
        if not 1 <= self.n <= len(self.members):
            raise GrainError("at_least_of needs n between 1 and the number of its parts")

    @property
    def parts(self) -> tuple[Flag, ...]:
        """The members."""
        return self.members


@dataclass(frozen=True, slots=True)
class Not(Flag):
    """True when the part is false; never has a date."""

    member: Flag

    def __post_init__(self) -> None:
        """Refuse a part that is not a flag."""
        _need_flags((self.member,), "not")

    @property
    def parts(self) -> tuple[Flag, ...]:
        """The one member."""
        return (self.member,)


@dataclass(frozen=True, slots=True)
class DateWithin(Flag):
    """True when the date lies inside the window; its date is that date."""

    date: DateExpr
    window: Window

    @property
    def grain(self) -> Grain:
        """The widest grain of the three dates."""
        return widest([self.date.grain, self.window.grain])


@dataclass(frozen=True, slots=True)
class AgeBetween(Flag):
    """True when the completed years of age on ``on`` lie between ``youngest`` and ``oldest``; no date."""

    youngest: int
    oldest: int
    on: DateExpr

    @property
    def grain(self) -> Grain:
        """The grain of the date of judgment."""
        return self.on.grain


@dataclass(frozen=True, slots=True)
class Enrolled(Flag):
    """Continuous enrollment over ``window``, with an anchor day and an allowance for gaps; no date.

    At most ``max_gaps`` gaps; each at most ``gap_days`` days, or, when ``gap_months`` is set, at most that
    many calendar months. ``on`` must be covered whatever the allowance. ``benefit`` names a benefit flag.
    Source of the rule: fact sheet 1.2; the exact reading is in `docs/semantics.md`.
    """

    window: Window
    on: DateExpr | None = None
    max_gaps: int = 0
    gap_days: int = 0
    gap_months: int | None = None
    benefit: str | None = None

    @property
    def grain(self) -> Grain:
        """The widest grain of the window and the anchor day."""
        return widest([self.window.grain, *([self.on.grain] if self.on else [])])


@dataclass(frozen=True, slots=True)
class SpanFlagged(Flag):
    """True when an enrollment span with a true flag in ``column`` overlaps the window; no date."""

    column: str
    window: Window

    @property
    def grain(self) -> Grain:
        """The grain of the window."""
        return self.window.grain


@dataclass(frozen=True, slots=True)
class CountAtLeast(Flag):
    """True when at least ``n`` dates of the sources can be kept that lie ``apart`` days or more from each other.

    Dates are kept earliest first: the first, then each next date at least ``apart`` days after the last
    kept one (greedy, and optimal). ``apart`` is 1 for distinct dates. The flag's date is the n-th kept.
    """

    sources: tuple[Windowed, ...]
    n: int = 1
    apart: int = 1

    def __post_init__(self) -> None:
        """Refuse sources that are not windowed events, and counts below one."""
        if not self.sources:
            raise GrainError("a count needs at least one source")
        for source in self.sources:
            if not isinstance(source, Windowed):
                raise GrainError(f"a count takes windowed events, not {type(source).__name__}")
        if self.n < 1 or self.apart < 1:
            raise GrainError("a count needs n and apart of at least 1")

    @property
    def grain(self) -> Grain:
        """The widest grain of the sources."""
        return widest([source.grain for source in self.sources])
