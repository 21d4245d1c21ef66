"""The grain of a plan node: what one row of its result is about."""

from __future__ import annotations

from enum import IntEnum


class GrainError(TypeError):
    """A node was built from parts whose grains do not fit together."""


class Grain(IntEnum):
    """One row per person, or one row per index event.

    A person-level fact holds for each of the person's index events, so PERSON parts may stand inside an
    INDEX node; an INDEX part inside a PERSON node is refused, because one person can have several
    index events and no rule says which one is meant.
    """

    PERSON = 0
    INDEX = 1


def widest(grains: list[Grain]) -> Grain:
    """Return the grain of a node made of parts with these grains (PERSON when there are none)."""
    return max(grains, default=Grain.PERSON)
