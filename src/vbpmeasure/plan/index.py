"""Index events: the units of event-level rates, found in one person's events (semantics page, section 7)."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from vbpmeasure.plan.dates import Windowed
from vbpmeasure.plan.events import Dated
from vbpmeasure.plan.flags import Flag
from vbpmeasure.plan.grain import Grain, GrainError


class Keep(StrEnum):
    """Which of a person's index events are units: all of them, or the one with the earliest or latest index date."""

    EVERY = "every"
    FIRST = "first"
    LAST = "last"


@dataclass(frozen=True, slots=True)
class Stays:
    """Rows are read as stays from admission to discharge, and stays that follow each other become one.

    A stay that starts at most ``chain_days`` days after the end of the one before it belongs to the same chain (0:
    the same day; overlapping stays always do). ``on`` says which day of the chain is the index date: DISCHARGE, the
    last discharge, or ADMISSION, the first admission.
    """

    chain_days: int = 0
    on: Dated = Dated.DISCHARGE

    def __post_init__(self) -> None:
        """Refuse a chain that runs backwards, and an index date that is no end of a stay."""
        if self.chain_days < 0:
            raise GrainError("a chain needs at least 0 days")
        if self.on not in (Dated.ADMISSION, Dated.DISCHARGE):
            raise GrainError("the index date of a stay is its admission or its discharge")


@dataclass(frozen=True, slots=True)
class IndexEvents:
    """The units of a rate are index events of persons, one row per person and index date.

    In this order: the candidates are the distinct days of ``source.events``, or with ``stays`` the chains of stays;
    those whose index date lies in ``source.window`` are looked at; each must meet every criterion of ``when``; of
    those that do, the earliest is kept and then each next one at least ``apart`` days after the last kept; of the
    kept ones ``keep`` takes all, the first or the last.
    """

    source: Windowed
    stays: Stays | None = None
    when: tuple[Flag, ...] = ()
    keep: Keep = Keep.EVERY
    apart: int = 1
    name: str = field(default="", compare=False)

    grain = Grain.INDEX

    def __post_init__(self) -> None:
        """Refuse a source that itself depends on an index event, and distances that mean nothing."""
        if self.source.grain is not Grain.PERSON:
            raise GrainError("index events must come from person-level windows")
        if self.apart < 1:
            raise GrainError("index events need apart of at least 1")
