"""What happens how often, and with which code: draws that several topics share."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from vbpmeasure.sample.arrays import NULL, Bools, Chunk, Floats, Ints, age_on, some, uniform_days
from vbpmeasure.sample.people import People
from vbpmeasure.sample.pool import CODES


def times(rng: np.random.Generator, chunk: Chunk, people: People, rate: Floats | float) -> tuple[Ints, Ints]:
    """Return (child, day) of events at a yearly rate, spread over each child's days in the extract."""
    first = np.maximum(people.birth, chunk.start)
    last = np.where(people.death > NULL, people.death, chunk.end)
    years = np.maximum(last - first + 1, 0) / 365.25
    count = rng.poisson(np.broadcast_to(rate, (people.size,)) * years)
    who = np.repeat(np.arange(people.size), count)
    return who, uniform_days(rng, first[who], last[who], who.shape[0])


def by_age(people: People, chunk: Chunk, *bands: tuple[int, float]) -> Floats:
    """Return a value per child by its age in the middle of the extract; each band is (oldest age, value)."""
    age = age_on(people.birth, np.full(people.size, (chunk.start + chunk.end) // 2))
    out = np.full(people.size, bands[-1][1])
    for oldest, value in reversed(bands):
        out = np.where(age <= oldest, value, out)
    return out


def codes_of(rng: np.random.Generator, size: int, texts: str) -> Ints:
    """Return ``size`` codes drawn from the words of a space-separated list; a word twice is twice as frequent."""
    return rng.choice(CODES.many(texts), size=size)


def shares(rng: np.random.Generator, size: int) -> Floats:
    """Return ``size`` uniform numbers between 0 and 1, to be cut into bands."""
    return np.asarray(rng.random(size), dtype=np.float64)


def mixed_days(rng: np.random.Generator, size: int, *bands: tuple[float, int, int]) -> Ints:
    """Return a number of days for each of ``size`` places; bands are (share, lowest, highest), shares add up to 1."""
    u = rng.random(size)
    out = uniform_days(rng, bands[-1][1], bands[-1][2], size)
    upper = 0.0
    for share, low, high in bands[:-1]:
        drawn = uniform_days(rng, low, high, size)
        out = np.where((u >= upper) & (u < upper + share), drawn, out)
        upper += share
    return out


def series(rng: np.random.Generator, counts: npt.ArrayLike, every: int) -> tuple[Ints, Ints]:
    """Return (position, days) of appointments: ``counts`` of them by position, about ``every`` days apart."""
    count = np.asarray(counts, dtype=np.int64)
    which = np.repeat(np.arange(count.shape[0]), count)
    number = np.arange(which.shape[0]) - np.repeat(np.cumsum(count) - count, count) + 1
    return which, number * every + rng.integers(-2, 4, size=which.shape[0])


def alive(people: People, chunk: Chunk, who: Ints, when: Ints) -> Bools:
    """Return whether each (child, day) lies in the extract and in the child's life."""
    last = np.where(people.death > NULL, people.death, chunk.end)[who]
    return np.asarray((when >= np.maximum(people.birth[who], chunk.start)) & (when <= last), dtype=np.bool_)


def chosen(rng: np.random.Generator, share: Floats | float, size: int) -> Ints:
    """Return the positions, out of ``size``, that a draw with probability ``share`` picks."""
    return np.nonzero(some(rng, size, share))[0].astype(np.int64)
