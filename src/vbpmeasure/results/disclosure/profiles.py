"""The three profiles, and the policies they lead to.

*Public* (default) is for everybody. *Entity* is for one provider, practice or organization: its own rows in full, since
it knows its own patients, those of the others not at all, and the rest as for the public. *Internal* hides nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from vbpmeasure.diagnostics import Diagnostic, Failure
from vbpmeasure.results.disclosure.policy import INTERNAL, PUBLIC, SuppressionPolicy

_LARGEST = 1_000


class Profile(StrEnum):
    """For whom an output is."""

    PUBLIC = "public"
    ENTITY = "entity"
    INTERNAL = "internal"


@dataclass(frozen=True, slots=True)
class Disclosure:
    """What the user asked for; None is the profile's own value.

    ``min_cell`` is the smallest count that is shown: for the public at least 11, for the rows of the entity itself
    at least 1. ``min_denominator`` is the smallest denominator of a rate. ``previous`` are the folders of earlier runs
    whose readers will read this one too.
    """

    profile: str = Profile.PUBLIC.value
    entity: str | None = None
    min_cell: int | None = None
    min_denominator: int | None = None
    round_to: int = 1
    full_audit: bool = False
    previous: tuple[Path, ...] = ()
    protect_exclusions: bool = True

    def policy(self) -> SuppressionPolicy:
        """Return the policy. Raises `Failure`: VBM475 for numbers no policy can have, VBM476 for what clashes."""
        problems = [*self._numbers(), *self._clashes()]
        if problems:
            raise Failure(problems)
        if self.profile == Profile.INTERNAL:
            return replace(INTERNAL, round_to=self.round_to)
        own = self.profile == Profile.ENTITY
        below = PUBLIC.suppress_below if own or self.min_cell is None else self.min_cell
        return replace(
            PUBLIC,
            profile=self.profile,
            suppress_below=below,
            min_denominator=PUBLIC.min_denominator if self.min_denominator is None else self.min_denominator,
            min_interval=below - 1,
            round_to=self.round_to,
            entity=self.entity,
            own_suppress_below=(self.min_cell or 1) if own else 1,
            protect_exclusions=self.protect_exclusions,
        )

    def _numbers(self) -> list[Diagnostic]:
        least = 1 if self.profile == Profile.ENTITY else PUBLIC.suppress_below
        bounds = (
            ("--min-cell", self.min_cell, least, "counts of 1 to 10 are never published; entities may see their own"),
            ("--min-denominator", self.min_denominator, 1, "rates of fewer are NA; 30 is usual"),
            ("--round-to", self.round_to, 1, "3, 5 and 10 are usual; 1 does not round"),
        )
        return [
            Diagnostic("VBM475", f"`{option}` takes a whole number from {low:,} to {_LARGEST:,}", hint=hint)
            for option, number, low, hint in bounds
            if number is not None and not low <= number <= _LARGEST
        ]

    def _clashes(self) -> list[Diagnostic]:
        if (self.profile == Profile.ENTITY) != (self.entity is not None):
            return [
                Diagnostic(
                    "VBM476",
                    "`--profile entity` and `--entity` go together",
                    hint="for example `--profile entity --entity 1234567893 --by provider`",
                )
            ]
        if self.profile == Profile.INTERNAL and (self.min_cell is not None or self.min_denominator is not None):
            return [
                Diagnostic(
                    "VBM476",
                    "the internal profile hides nothing: `--min-cell` and `--min-denominator` have no use there",
                    hint="leave them out, or use the public profile",
                )
            ]
        return []
