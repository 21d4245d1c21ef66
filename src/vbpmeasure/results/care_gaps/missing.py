"""What is missing, in words: read off the numerator for one way in which its parts can stand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from vbpmeasure.plan.amounts import DaysCovered
from vbpmeasure.plan.flags import AllOf, AnyOf, AtLeastOf, CountAtLeast, Flag, Not
from vbpmeasure.plan.measures import Period
from vbpmeasure.plan.words import Words
from vbpmeasure.results.care_gaps.standing import Standing


@dataclass(frozen=True, slots=True)
class LeafState:
    """One criterion without parts for one unit: whether it holds, how much is there, whether it can still be done."""

    value: bool
    have: int | None
    possible: bool


@dataclass(frozen=True, slots=True)
class _Found:
    """A criterion for one unit: ``share`` is how much of it is there already, between 0 and 1."""

    value: bool
    possible: bool
    share: float
    words: tuple[str, ...]


def missing_words(target: Standing, states: Sequence[LeafState], period: Period) -> str:
    """Return what the unit lacks, the things separated by semicolons; ``states`` in the order of ``target.leaves()``.

    Of several ways to close a gap one is told: one that is still possible before one that is not, then the one of which
    most is there already, then the first of the definition.
    """
    return "; ".join(dict.fromkeys(_found(target, iter(states), Words(period)).words))


def _found(standing: Standing, states: Iterator[LeafState], words: Words) -> _Found:
    parts = [(part, _found(part, states, words)) for part in standing.parts]
    flag = standing.flag
    if not parts:
        return _leaf(flag, next(states), words)
    if isinstance(flag, Not):
        value = not parts[0][1].value
        return _Found(value, value, 0.0, () if value else (f"must not be, but is: {_name(flag.member, words)}",))
    assert isinstance(flag, AllOf | AnyOf | AtLeastOf)
    needed = len(parts) if isinstance(flag, AllOf) else flag.n if isinstance(flag, AtLeastOf) else 1
    missing = needed - sum(found.value for _, found in parts)
    share = min(1.0, sum(1.0 if found.value else found.share for _, found in parts) / needed)
    if missing <= 0:
        return _Found(True, True, 1.0, ())
    lacking = [(part, found) for part, found in parts if not found.value]
    if needed < len(parts):
        # Stable: of equals the first of the definition.
        lacking = sorted(lacking, key=lambda pair: (not pair[0].plannable, not pair[1].possible, -pair[1].share))[
            :missing
        ]
    told = tuple(text for _, found in lacking for text in found.words)
    return _Found(False, all(found.possible for _, found in lacking), share, told)


def _leaf(flag: Flag, state: LeafState, words: Words) -> _Found:
    if state.value:
        return _Found(True, True, 1.0, ())
    if isinstance(flag, CountAtLeast):
        have = state.have or 0
        return _Found(False, state.possible, have / flag.n, (_count(flag, have),))
    return _Found(False, state.possible, 0.0, (_name(flag, words),))


def _count(flag: CountAtLeast, have: int) -> str:
    name = " or ".join(dict.fromkeys(_plain(source.events.name or "the service") for source in flag.sources))
    if flag.n == 1:
        return name
    number = f"{flag.n - have} more of {flag.n}" if have else f"{flag.n} needed"
    return f"{name}: {number}" + (f", at least {flag.apart} days apart" if flag.apart > 1 else "")


def _name(flag: Flag, words: Words) -> str:
    if isinstance(flag, CountAtLeast):
        return (
            _count(flag, 0) if flag.n > 1 else " or ".join(_plain(s.events.name or "the service") for s in flag.sources)
        )
    if isinstance(flag, DaysCovered):
        names = " or ".join(dict.fromkeys(_plain(source.events.name or "the drug") for source in flag.sources))
        return f"{names}: {flag.days} days covered"
    return _plain(flag.label) if flag.label else words.flag(flag)


def _plain(name: str) -> str:
    """Return the name of a definition as people write it."""
    return name.replace("_", " ")
