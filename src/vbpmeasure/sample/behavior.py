"""Behavioral health from the first diagnosis on: first appointment, treatment, collaborative care."""

from __future__ import annotations

import numpy as np

from vbpmeasure.sample import scales
from vbpmeasure.sample.arrays import Ints, age_on, linked, some, uniform_days
from vbpmeasure.sample.draws import chosen, codes_of, mixed_days, series
from vbpmeasure.sample.ledger import Line
from vbpmeasure.sample.pool import CODES
from vbpmeasure.sample.scene import Scene

DIAGNOSED = 0.16  # of children, once in three years, at 3 years or older
STARTED = 0.70  # of those: a first appointment within a year, before the planted shifts
ENGAGED = 0.50  # of those who start: more than two further sessions
COLLABORATIVE = 0.14  # of those diagnosed


def diagnosed(scene: Scene) -> None:
    """Children with a first behavioral-health diagnosis in primary care, and all that follows from it."""
    people, chunk = scene.people, scene.chunk
    rng = scene.rng("behavioral health")
    first = np.maximum(people.turns(3), chunk.start + 20)
    old = first < chunk.end - 20
    who = np.nonzero(some(rng, people.size, DIAGNOSED) & old)[0].astype(np.int64)
    size = who.shape[0]
    when = uniform_days(rng, first[who], chunk.end, size)
    age = age_on(people.birth[who], when)
    dx = np.where(
        age < 7, codes_of(rng, size, "F913 F4325 F902 F938 F430"), codes_of(rng, size, "F902 F411 F913 F4323")
    )
    dx = np.where(age >= 12, codes_of(rng, size, "F321 F321 F411 F331 F4323 F410"), dx)
    scene.claim(who, when, codes_of(rng, size, "99213 99214 99214"), dx=[dx], provider=scene.home[who], cents=9900)
    starts = linked(rng, people.care[who], 0.2) < STARTED + people.shifts["behavior"][who]
    bands = (
        (0.06, 0, 0),
        (0.24, 1, 9),
        (0.05, 10, 11),
        (0.28, 12, 29),
        (0.05, 29, 31),
        (0.22, 32, 90),
        (0.10, 91, 300),
    )
    wait = mixed_days(rng, size, *bands)
    _treatment(scene, rng, who[starts], (when + wait)[starts], dx[starts], age[starts])
    _collaborative_care(scene, rng, who, when, dx)


def _treatment(scene: Scene, rng: np.random.Generator, who: Ints, first: Ints, dx: Ints, age: Ints) -> None:
    """Add the first appointment, the sessions after it, and the scales."""
    size = who.shape[0]
    seen_by = scene.providers.draw(rng, "behavioral", size)
    intake = codes_of(rng, size, "90791 90791 90791 90792 H0031")
    scene.claim(who, first, intake, dx=[dx], provider=seen_by, cents=16000)
    engaged = some(rng, size, ENGAGED)
    sessions = np.where(engaged, rng.integers(3, 13, size=size), rng.choice(3, p=[0.45, 0.35, 0.20], size=size))
    which, days = series(rng, sessions, 9)
    talk = codes_of(rng, which.shape[0], "90834 90837 90832 90853")
    young = age[which] < 7
    code = np.where(young, codes_of(rng, which.shape[0], "90847 90846 H2027 T1027 96167"), talk)
    video = some(rng, which.shape[0], 0.35)
    place = np.where(video, CODES("10"), np.where(some(rng, which.shape[0], 0.15), CODES("53"), CODES("11")))
    scene.claim(who[which], first[which] + days, code, dx=[dx[which]], provider=seen_by[which], place=place)
    scales.in_treatment(scene, rng, who, first, age, np.isin(dx, CODES.many("F411 F410")))


def _collaborative_care(scene: Scene, rng: np.random.Generator, who: Ints, when: Ints, dx: Ints) -> None:
    """Months of collaborative care in primary care: the first month has its own code, some months an add-on."""
    on = chosen(rng, COLLABORATIVE, who.shape[0])
    child, start, dx = who[on], when[on] + 14, dx[on]
    which, days = series(rng, rng.integers(1, 6, size=child.shape[0]), 30)
    initial = np.append(True, which[1:] != which[:-1]) if which.shape[0] else np.zeros(0, dtype=np.bool_)
    scene.claim(
        child[which],
        start[which] + days - 30,
        np.where(initial, CODES("99492"), CODES("99493")),
        dx=[dx[which]],
        provider=scene.home[child[which]],
        more=[Line(CODES("99494"), on=some(rng, which.shape[0], 0.3), cents=6000)],
        cents=14000,
    )
