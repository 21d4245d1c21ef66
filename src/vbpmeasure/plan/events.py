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


class Dated(StrEnum):
    """Which day of a row is the day of its event: the day of service, or an end of the stay that it belongs to."""

    SERVICE = "service"
    ADMISSION = "admission"
    DISCHARGE = "discharge"


@dataclass(frozen=True, slots=True)
class ResultTest:
    """Conditions on the ``result`` of a row of `lab_result` or `observation`; every one that is given must hold.

    ``least`` and ``most`` include the number, ``above`` and ``below`` do not. ``units`` are lower-case texts of
    ``source_units``; ``texts`` lower-case texts of the result; ``codes`` value sets that hold it. With no
    condition any number will do.
    """

    least: float | None = None
    most: float | None = None
    above: float | None = None
    below: float | None = None
    units: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()

    @property
    def needs_number(self) -> bool:
        """Whether the result must be a number."""
        bounds = (self.least, self.most, self.above, self.below)
        return any(bound is not None for bound in bounds) or not (self.texts or self.codes)


@dataclass(frozen=True, slots=True)
class LineFilter:
    """Conditions on the row that carries the code; every one must hold. Tuples are alternatives (or).

    Value sets are named; an empty tuple asks for nothing. ``provider_in`` is judged on the provider's
    taxonomies as `docs/semantics.md` says, ``unknown_provider`` is the verdict when none is known. ``statuses`` are
    of claims, ``record_statuses`` of records; these and the encounter's classes and types are in lower case.
    ``teeth`` are tooth numbers without leading zeros. ``dated`` is no condition: it says which day of the row the
    event has.
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
    provider_not_in: tuple[str, ...] = ()
    teeth: tuple[str, ...] = ()
    result: ResultTest | None = None
    dated: Dated = Dated.SERVICE


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
