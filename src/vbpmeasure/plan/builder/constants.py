"""`always` and `never`: criteria that a parameter switches off are folded away before an engine sees them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vbpmeasure.plan.flags import AllOf, AnyOf, AtLeastOf, Flag, Not


@dataclass(frozen=True, slots=True)
class Constant(Flag):
    """A criterion that is the same for everybody; it exists only while a plan is built."""

    value: bool


ALWAYS = Constant(True, label="always")
NEVER = Constant(False, label="never")
CONSTANTS = {"always": ALWAYS, "never": NEVER}


def all_of(members: Sequence[Flag]) -> Flag:
    """Return `all` of the members without those that always hold."""
    left = [m for m in members if m != ALWAYS]
    if NEVER in left:
        return NEVER
    return AllOf(tuple(left)) if left else ALWAYS


def any_of(members: Sequence[Flag]) -> Flag:
    """Return `any` of the members without those that never hold."""
    left = [m for m in members if m != NEVER]
    if ALWAYS in left:
        return ALWAYS
    return AnyOf(tuple(left)) if left else NEVER


def negation(member: Flag) -> Flag:
    """Return `not` of the member."""
    if isinstance(member, Constant):
        return NEVER if member.value else ALWAYS
    return Not(member)


def at_least_of(n: int, members: Sequence[Flag]) -> Flag:
    """Return `at_least_of` without the members that are the same for everybody."""
    left = tuple(m for m in members if not isinstance(m, Constant))
    needed = n - sum(m == ALWAYS for m in members)
    if needed <= 0:
        return ALWAYS
    return AtLeastOf(needed, left) if needed <= len(left) else NEVER
