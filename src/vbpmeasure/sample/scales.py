"""Scored scales: how ill, and whether it gets better."""

from __future__ import annotations

import numpy as np

from vbpmeasure.sample.arrays import Bools, Ints, age_on, some
from vbpmeasure.sample.draws import mixed_days, series
from vbpmeasure.sample.pool import CODES
from vbpmeasure.sample.scene import WHOLE_NUMBERS, Scene
from vbpmeasure.sample.visits import Visits

MEASURED = 0.60  # of children who start treatment, or are in it
IMPROVED = 0.48  # of those measured: scores fall by half
SCORED = 0.70  # of the sessions of those measured who are in treatment

# Scale -> (LOINC code, first score from, to). The PSC-17 for younger children is left out: its code is not confirmed.
_SCALES = {"phq9": ("44261-6", 10, 24), "phq9m": ("89204-2", 10, 24), "gad7": ("70274-6", 10, 20)}


def _kind(age: Ints, anxious: Bools) -> np.ndarray:
    return np.where(age < 12, "none", np.where(anxious, "gad7", np.where(age < 18, "phq9m", "phq9")))


def in_treatment(scene: Scene, rng: np.random.Generator, who: Ints, first: Ints, age: Ints, anxious: Bools) -> None:
    """Scores at the start, about monthly afterwards for some, and after four to eight months for most."""
    measured = some(rng, who.shape[0], MEASURED)
    kind = _kind(age, anxious)
    for name, (code, low, high) in _SCALES.items():
        on = measured & (kind == name)
        child, start = who[on], first[on]
        size = child.shape[0]
        # A few start below the threshold of the scale.
        score = rng.integers(low, high + 1, size=size) - np.where(some(rng, size, 0.2), low // 2, 0)
        better = some(rng, size, IMPROVED)
        end = np.where(better, score * rng.uniform(0.1, 0.5, size=size), score * rng.uniform(0.6, 1.15, size=size))
        late = start + mixed_days(rng, size, (0.8, 110, 250), (0.1, 60, 109), (0.1, 251, 330))
        stays = some(rng, size, 0.75)
        scene.record(child, start, CODES(code), WHOLE_NUMBERS[score])
        reached = np.clip(np.rint(end), 0, 27).astype(np.int64)
        scene.record(child[stays], late[stays], CODES(code), WHOLE_NUMBERS[reached[stays]])
        which, days = series(rng, np.where(some(rng, size, 0.6), rng.integers(1, 4, size=size), 0), 29)
        halfway = np.rint(score + (reached - score) * 0.4).astype(np.int64)
        scene.record(child[which], start[which] + days, CODES(code), WHOLE_NUMBERS[halfway[which]])


def at_sessions(scene: Scene, sessions: Visits) -> None:
    """Scores at the sessions of children who have been in psychotherapy for longer; some of them get better."""
    rng = scene.rng("scales at sessions")
    size = scene.people.size
    measured, better, anxious = some(rng, size, MEASURED), some(rng, size, IMPROVED), some(rng, size, 0.3)
    start, pace = rng.integers(10, 22, size=size), rng.uniform(90.0, 240.0, size=size)
    kept = sessions.where(measured[sessions.person] & some(rng, sessions.person.shape[0], SCORED))
    who, when = kept.person, kept.day
    # Halved after ``pace`` days of treatment, or staying about where it was.
    first = np.full(size, np.iinfo(np.int64).max)
    np.minimum.at(first, who, when)
    spent = (when - first[who]) / pace[who]
    noise = rng.integers(-1, 2, size=who.shape[0])
    score = np.clip(np.rint(start[who] * np.where(better[who], 0.5**spent, 1.0)) + noise, 0, 27).astype(np.int64)
    kind = _kind(age_on(scene.people.birth[who], when), anxious[who])
    for name, (code, _, _) in _SCALES.items():
        on = kind == name
        scene.record(who[on], when[on], CODES(code), WHOLE_NUMBERS[score[on]])
