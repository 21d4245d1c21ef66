"""Developmental screening and blood lead tests of the first years of life."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vbpmeasure.sample.arrays import Bools, Chunk, Ints, linked, some, uniform_days
from vbpmeasure.sample.development import Findings
from vbpmeasure.sample.ledger import Ledger, Line
from vbpmeasure.sample.people import People
from vbpmeasure.sample.pool import CODES
from vbpmeasure.sample.providers import Providers

# Shares before the planted shifts, by the birthday that ends the window.
SCREENED = {1: 0.30, 2: 0.44, 3: 0.37}
LEAD_TESTED = 0.64

_MONTH9, _MONTH12, _MONTH15, _MONTH18, _MONTH24, _MONTH30 = 5, 6, 7, 8, 9, 10  # slots of the infant schedule
_SLOTS = 11


@dataclass(frozen=True, slots=True)
class Screens:
    """Screens by child and slot of the infant schedule: global ones, and autism-only ones (modifier KX)."""

    general: npt.NDArray[np.bool_]
    autism: npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class LeadTests:
    """Blood lead tests: one entry per test, with the records it left."""

    person: Ints
    day: Ints
    claim: Bools
    result: Bools
    micrograms: Ints  # per deciliter, in tenths


def plan_screens(chunk: Chunk, people: People, planned: npt.NDArray[np.int64]) -> Screens:
    """Return who was screened when: at 9, 18, and 24 or 30 months, by the birthday that ends the window."""
    rng = chunk.rng("developmental screens")
    size = people.size
    general = np.zeros((size, _SLOTS), dtype=np.bool_)
    autism = np.zeros((size, _SLOTS), dtype=np.bool_)
    shift = people.shifts["dev"]
    chosen = {age: linked(rng, people.care, 0.4) < share + shift for age, share in SCREENED.items()}
    general[:, _MONTH9] = chosen[1]
    general[:, _MONTH18] = chosen[2]
    late = planned[:, _MONTH24] > people.turns(2)
    early = late & (rng.random(size) < 0.5)
    general[:, _MONTH24] = chosen[3] & early
    general[:, _MONTH30] = chosen[3] & ~early
    for slot in (_MONTH18, _MONTH24):
        autism[:, slot] = rng.random(size) < 0.22
    return Screens(general, autism)


def stray_screens(
    chunk: Chunk, ledger: Ledger, providers: Providers, planned: npt.NDArray[np.int64], kept: npt.NDArray[np.bool_],
    screens: Screens, found: Findings,
) -> None:  # fmt: skip
    """Add the screens that fell on no well visit: a claim of their own, often by an early-intervention program."""
    rng = chunk.rng("stray screens")
    who, slot = np.nonzero(screens.general & ~kept)
    when = planned[who, slot]
    inside = (when >= chunk.start) & (when <= chunk.end)
    who, when, slot = who[inside], when[inside], slot[inside]
    size = who.shape[0]
    ledger.add(
        who,
        when,
        place=CODES("11"),
        provider=np.where(
            rng.random(size) < 0.7, providers.draw(rng, "pcp", size), providers.draw(rng, "therapist", size)
        ),
        dx=[CODES("Z1342")],
        lines=[Line(CODES("96110"), mod1=found.modifier(who, slot), cents=900)],
    )


def plan_lead_tests(chunk: Chunk, people: People, planned: npt.NDArray[np.int64]) -> LeadTests:
    """Return the tests: around 12 and 24 months, for the chosen share at least one by the second birthday."""
    rng = chunk.rng("lead tests")
    size = people.size
    by_two = linked(rng, people.care, 0.4) < LEAD_TESTED + people.shifts["lead"]
    u = rng.random(size)
    second = people.turns(2)
    first = np.where(u < 0.7, planned[:, _MONTH12], np.where(u < 0.85, planned[:, _MONTH9], planned[:, _MONTH18]))
    first = np.where(u > 0.98, second, first)  # on the birthday itself: the last day that counts
    again = rng.random(size) < np.where(by_two, 0.45, 0.12)
    later = uniform_days(rng, second + 1, second + 60, size)
    person = np.concatenate([np.nonzero(by_two)[0], np.nonzero(again)[0]])
    when = np.concatenate([first[by_two], later[again]])
    keep = (when >= chunk.start) & (when <= chunk.end)
    person, when = person[keep].astype(np.int64), when[keep]
    channel = rng.random(person.shape[0])
    tenths = np.minimum(np.floor(rng.exponential(13.0, size=person.shape[0])), 300).astype(np.int64) + 3
    return LeadTests(person, when, np.asarray(channel < 0.72), np.asarray(channel > 0.38), tenths)


def lead_claims(chunk: Chunk, ledger: Ledger, providers: Providers, home: Ints, tests: LeadTests) -> None:
    """Add the tests that left a claim: some by the practice, some by a laboratory (place of service 81)."""
    rng = chunk.rng("lead claims")
    who, when = tests.person[tests.claim], tests.day[tests.claim]
    size = who.shape[0]
    by_lab = rng.random(size) < 0.6
    ledger.add(
        who,
        when,
        place=np.where(by_lab, CODES("81"), CODES("11")),
        provider=np.where(by_lab, providers.draw(rng, "lab", size), home[who]),
        # Laboratories copy the visit's diagnosis: it must not count as a visit.
        dx=[np.where(rng.random(size) < 0.5, CODES("Z00129"), CODES("Z1388"))],
        lines=[Line(CODES("83655"), cents=1600), Line(CODES("36416"), on=some(rng, size, 0.6), cents=300)],
    )
