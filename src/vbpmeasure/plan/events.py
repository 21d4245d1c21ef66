"""Events: rows of the input tables that carry given codes, as sets of (person, date)."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from vbpmeasure.plan.grain import GrainError


class Role(StrEnum):
    """Which code columns of a row are looked at."""

    ANY = "code"
    DIAGNOSIS = "diagnosis"
    PRINCIPAL_DIAGNOSIS = "principal_diagnosis"


CLAIM_STATUSES = ("paid", "pending", "denied", "reversed")
COUNTED_STATUSES = ("paid", "pending", "denied")
UNKNOWN_STATUS = "unknown"  # a record status that also stands for none at all


@dataclass(frozen=True, slots=True)
class SameClaim:
    """Some row of the same claim carries a code of the value sets in the given role."""

    role: Role
    value_sets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LineFilter:
    """Conditions on the row that carries the code; every one must hold. Tuples are alternatives (or).

    Value sets are named; an empty tuple asks for nothing. ``provider_in`` is judged on the provider's
    taxonomies as `docs/semantics.md` says, ``unknown_provider`` is the verdict when none is known. ``statuses`` are
    of claims, ``record_statuses`` of records; these and the encounter's classes and types are in lower case.
    """

    place_in: tuple[str, ...] = ()
    place_not_in: tuple[str, ...] = ()
    modifier_in: tuple[str, ...] = ()
    modifier_not_in: tuple[str, ...] = ()
    provider_in: tuple[str, ...] = ()
    unknown_provider: bool = False
    statuses: tuple[str, ...] = COUNTED_STATUSES
    sources: tuple[str, ...] = ()
    same_claim: tuple[SameClaim, ...] = ()
    not_same_claim: tuple[SameClaim, ...] = ()
    record_statuses: tuple[str, ...] = ()
    encounter_classes: tuple[str, ...] = ()
    encounter_types: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Trigger:
    """Rows with a code of one of the value sets in the given role, under the filter."""

    role: Role
    value_sets: tuple[str, ...]
    where: LineFilter = field(default_factory=LineFilter)


@dataclass(frozen=True, slots=True)
class EventSet:
    """The distinct dates, per person, of the rows that any trigger finds."""

    triggers: tuple[Trigger, ...]
    name: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        """Refuse an event set that can never hold a row."""
        if not self.triggers:
            raise GrainError("an event set needs at least one trigger")
