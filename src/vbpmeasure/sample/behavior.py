"""Behavioral health from the first diagnosis on: first appointment, treatment, collaborative care, scored scales."""

from __future__ import annotations

import numpy as np

from vbpmeasure.sample.arrays import Bools, Ints, age_on, linked, some, uniform_days
from vbpmeasure.sample.draws import chosen, codes_of, mixed_days, series
from vbpmeasure.sample.ledger import Line
from vbpmeasure.sample.pool import CODES
from vbpmeasure.sample.scene import WHOLE_NUMBERS, Scene

DIAGNOSED = 0.16  # of children, once in three years, at 3 years or older
STARTED = 0.70  # of those: a first appointment within a year, before the planted shifts
ENGAGED = 0.50  # of those who start: more than two further sessions
COLLABORATIVE = 0.08  # of those diagnosed
MEASURED = 0.60  # of those who start: scored scales
IMPROVED = 0.48  # of those measured: scores fall by half

# Scale -> (LOINC or local code, code system, first score from, to). The LOINC code of the PSC-17 is not confirmed.
_SCALES = {
    "phq9": ("44261-6", "loinc", 10, 24),
    "phq9m": ("89204-2", "loinc", 10, 24),
    "gad7": ("70274-6", "loinc", 10, 20),
    "psc17": ("PSC-17", "local", 15, 30),
}


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
    wait = mixed_days(rng, size, (0.06, 0, 0), (0.24, 1, 9), (0.05, 10, 11), (0.28, 12, 29), (0.05, 29, 31), (0.22, 32, 90), (0.10, 91, 300))  # fmt: skip
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
    _scales(scene, rng, who, first, age, np.isin(dx, CODES.many("F411 F410")))


def _scales(scene: Scene, rng: np.random.Generator, who: Ints, first: Ints, age: Ints, anxious: Bools) -> None:
    """Scores at the start, about monthly afterwards for some, and after four to eight months for most."""
    measured = some(rng, who.shape[0], MEASURED)
    kind = np.where(age < 12, "psc17", np.where(anxious, "gad7", np.where(age < 18, "phq9m", "phq9")))
    for name, (code, system, low, high) in _SCALES.items():
        on = measured & (kind == name)
        child, start = who[on], first[on]
        size = child.shape[0]
        # A few start below the threshold of the scale.
        score = rng.integers(low, high + 1, size=size) - np.where(some(rng, size, 0.2), low // 2, 0)
        better = some(rng, size, IMPROVED)
        end = np.where(better, score * rng.uniform(0.1, 0.5, size=size), score * rng.uniform(0.6, 1.15, size=size))
        late = start + mixed_days(rng, size, (0.8, 110, 250), (0.1, 60, 109), (0.1, 251, 330))
        stays = some(rng, size, 0.75)
        unit = "{score}"
        scene.record(child, start, CODES(code), WHOLE_NUMBERS[score], system=system, unit=unit)
        reached = np.clip(np.rint(end), 0, 60).astype(np.int64)
        scene.record(child[stays], late[stays], CODES(code), WHOLE_NUMBERS[reached[stays]], system=system, unit=unit)
        which, days = series(rng, np.where(some(rng, size, 0.6), rng.integers(1, 4, size=size), 0), 29)
        halfway = np.rint(score + (reached - score) * 0.4).astype(np.int64)
        scene.record(
            child[which], start[which] + days, CODES(code), WHOLE_NUMBERS[halfway[which]], system=system, unit=unit
        )


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
