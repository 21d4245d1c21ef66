"""Array types and calendar arithmetic of the generator: days are whole numbers since 1970-01-01."""

from __future__ import annotations

from dataclasses import dataclass, field
from zlib import crc32

import numpy as np
import numpy.typing as npt

from vbpmeasure.sample.gaps import Gaps

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]

NULL = -(2**40)  # "no value" in an array of days or of numbers that are looked up later


def day(year: int, month: int = 1, dom: int = 1) -> int:
    """Return the day number of a calendar date."""
    return int(np.datetime64(f"{year:04d}-{month:02d}-{dom:02d}", "D").astype(np.int64))


def month_number(days: Ints) -> Ints:
    """Return months since January 1970."""
    return days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)


def month_start(months: Ints) -> Ints:
    """Return the first day of each month number."""
    return months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)


def year_number(days: Ints) -> Ints:
    """Return the calendar year of each day."""
    return days.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970


def birthday(births: Ints, years: int | Ints) -> Ints:
    """Return the n-th birthday; a child born on 29 February has it on 28 February in common years."""
    months = month_number(births)
    dom = births - month_start(months)
    target = months + np.asarray(years, dtype=np.int64) * 12
    start = month_start(target)
    return np.asarray(np.minimum(start + dom, month_start(target + 1) - 1), dtype=np.int64)


def age_on(births: Ints, days: Ints) -> Ints:
    """Return completed years of age on each day (0 before the first birthday)."""
    guess = np.maximum(year_number(days) - year_number(births), 0)
    return np.asarray(np.maximum(guess - (birthday(births, guess) > days), 0), dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Chunk:
    """A run of consecutive people that is generated in one go.

    ``number`` counts from 0, ``first`` is the 0-based number of its first person, ``size`` its people. Every random
    stream depends on the seed, the chunk and the stream's name only, so that the outcome depends neither on
    the order of work nor on what other topics draw. ``gaps`` are the differences to plant, None for the default ones.
    """

    seed: int
    number: int
    first: int
    size: int
    year: int
    years: int
    gaps: Gaps | None = None
    start: int = field(init=False)
    end: int = field(init=False)

    def __post_init__(self) -> None:
        """Derive the first and the last day of the extract."""
        object.__setattr__(self, "start", day(self.year - self.years + 1))
        object.__setattr__(self, "end", day(self.year, 12, 31))

    def rng(self, topic: str) -> np.random.Generator:
        """Return the random stream of one topic of this chunk."""
        return np.random.Generator(
            np.random.PCG64(np.random.SeedSequence([self.seed, self.number, crc32(topic.encode())]))
        )


def linked(rng: np.random.Generator, common: Floats, weight: float) -> Floats:
    """Return uniform numbers that equal ``common`` with probability ``weight`` and are fresh otherwise.

    A criterion ``linked(...) < p`` then holds for just the share ``p``; criteria with the same ``common`` go together.
    """
    return np.where(rng.random(common.shape[0]) < weight, common, rng.random(common.shape[0]))


def some(rng: np.random.Generator, size: int, share: float | Floats) -> Bools:
    """Return ``size`` flags that are true with probability ``share``."""
    return np.asarray(rng.random(size) < share, dtype=np.bool_)


def uniform_days(rng: np.random.Generator, low: Ints | int, high: Ints | int, size: int) -> Ints:
    """Return one day between ``low`` and ``high`` (both included) for each of ``size`` places; ``low`` where empty."""
    lo = np.broadcast_to(np.asarray(low, dtype=np.int64), (size,))
    width = np.maximum(np.broadcast_to(np.asarray(high, dtype=np.int64), (size,)) - lo + 1, 1)
    return np.asarray(lo + np.floor(rng.random(size) * width).astype(np.int64), dtype=np.int64)
