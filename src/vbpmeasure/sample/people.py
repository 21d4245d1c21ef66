"""Who the children are: births, sex, race, ethnicity, language, and what was recorded of it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from vbpmeasure.sample.arrays import NULL, Bools, Chunk, Floats, Ints, birthday, day, linked, uniform_days
from vbpmeasure.sample.disparities import HISPANIC_SHARES, RACE_SHARES, RACES, shift
from vbpmeasure.sample.gaps import DOMAINS
from vbpmeasure.sample.pool import CODES

OLDEST = 21
# Medicaid covers more young children; the youngest also carry most of the measures.
AGE_WEIGHTS = (1.5,) * 3 + (1.3,) * 4 + (1.0,) * 11 + (0.7,) * 4

_RACE_CODES = {
    "white": ("2106-3",),
    "black": ("2054-5",),
    "asian": ("2028-9",),
    "aian": ("1002-5",),
    "nhpi": ("2076-8",),
    "other": ("2131-1",),
    "two": ("2028-9|2106-3", "2054-5|2106-3", "1002-5|2106-3", "1002-5|2054-5"),
}
_HISPANIC, _NOT_HISPANIC = "2135-2", "2186-5"
_OTHER_LANGUAGES = "ar so ru ht pt fr"
_ASIAN_LANGUAGES = "zh vi"
ASKED, UNKNOWN = "ASKU", "UNK"


@dataclass(slots=True)
class People:
    """The children of a chunk; every array has one entry per child.

    ``race_code`` and the like are positions in the code pool as they stand in the record (negative: null); ``race`` is
    the group that the planted differences go by. ``care`` is a uniform number that runs through all topics: low means
    engaged.
    """

    birth: Ints
    female: Bools
    race: Ints
    hispanic: Bools
    language: Ints
    race_code: Ints
    ethnicity_code: Ints
    language_code: Ints
    race_source: Ints
    ethnicity_source: Ints
    language_source: Ints
    death: Ints
    hospice: Ints
    care: Floats
    vaccine: Floats
    shifts: dict[str, Floats] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """The number of children."""
        return int(self.birth.shape[0])

    def turns(self, years: int | Ints) -> Ints:
        """Return the n-th birthday of every child."""
        return birthday(self.birth, years)


def _births(chunk: Chunk, rng: np.random.Generator) -> Ints:
    weights = np.array(AGE_WEIGHTS)
    ages = rng.choice(OLDEST + 1, size=chunk.size, p=weights / weights.sum())
    first = np.array([day(chunk.year - a) for a in range(OLDEST + 1)], dtype=np.int64)
    last = np.array([day(chunk.year - a, 12, 31) for a in range(OLDEST + 1)], dtype=np.int64)
    return uniform_days(rng, first[ages], last[ages], chunk.size)


def _pick(rng: np.random.Generator, size: int, texts: str) -> Ints:
    return rng.choice(CODES.many(texts), size=size)


def _languages(rng: np.random.Generator, race: Ints, hispanic: Bools) -> Ints:
    size = race.shape[0]
    u = rng.random(size)
    spoken = np.full(size, CODES("en"), dtype=np.int64)
    asian = (race == RACES.index("asian")) & ~hispanic
    spoken = np.where(hispanic & (u < 0.45), CODES("es"), spoken)
    spoken = np.where(asian & (u < 0.40), _pick(rng, size, _ASIAN_LANGUAGES), spoken)
    return np.where(~asian & ~hispanic & (u < 0.05), _pick(rng, size, _OTHER_LANGUAGES), spoken)


def _recorded(
    rng: np.random.Generator, true: Ints, declined: float, unknown: float, missing: float
) -> tuple[Ints, Ints]:
    """Return the code on record and its source: a value, a refusal, "unknown", or nothing at all."""
    u = rng.random(true.shape[0])
    code = np.where(u < declined, CODES(ASKED), true)
    code = np.where((u >= declined) & (u < declined + unknown), CODES(UNKNOWN), code)
    nothing = (u >= declined + unknown) & (u < declined + unknown + missing)
    code = np.where(nothing, NULL, code)
    source = np.where(rng.random(true.shape[0]) < 0.8, CODES("direct"), CODES("indirect"))
    source = np.where(code == CODES(ASKED), CODES("direct"), source)
    return code, np.where((code == CODES(UNKNOWN)) | nothing, CODES("unknown"), source)


def make_people(chunk: Chunk) -> People:
    """Return the children of a chunk: aged 0 to 21 on the last day, born on any day of the year."""
    rng = chunk.rng("people")
    birth = _births(chunk, rng)
    size = chunk.size
    female = rng.random(size) < 0.488
    race = rng.choice(len(RACES), size=size, p=np.array(RACE_SHARES)).astype(np.int64)
    hispanic = rng.random(size) < np.array(HISPANIC_SHARES)[race]
    language = _languages(rng, race, hispanic)
    race_text = np.zeros(size, dtype=np.int64)
    for number, name in enumerate(RACES):
        race_text = np.where(race == number, _pick(rng, size, " ".join(_RACE_CODES[name])), race_text)
    race_code, race_source = _recorded(rng, race_text, 0.04, 0.05, 0.07)
    ethnicity_code, ethnicity_source = _recorded(
        rng, np.where(hispanic, CODES(_HISPANIC), CODES(_NOT_HISPANIC)), 0.04, 0.05, 0.08
    )
    language_code, language_source = _recorded(rng, language, 0.02, 0.03, 0.10)
    alive_from = np.maximum(birth, chunk.start)
    ends = uniform_days(rng, alive_from, chunk.end, size)
    fate = rng.random(size)
    # Half of the children in hospice care die within the extract; most deaths come without hospice.
    hospice = np.where(fate < 0.0012, ends, NULL)
    death = np.where((fate >= 0.0006) & (fate < 0.0030), ends + (fate < 0.0012) * 20, NULL)
    death = np.where(death > chunk.end, NULL, death)
    care = rng.random(size)
    spanish = language == CODES("es")
    other_language = (language != CODES("en")) & ~spanish
    return People(
        birth=birth,
        female=female,
        race=race,
        hispanic=hispanic,
        language=language,
        race_code=race_code,
        ethnicity_code=ethnicity_code,
        language_code=language_code,
        race_source=race_source,
        ethnicity_source=ethnicity_source,
        language_source=language_source,
        death=death,
        hospice=hospice,
        care=care,
        vaccine=linked(rng, care, 0.4),
        shifts={d: shift(d, race, hispanic, other_language, spanish, chunk.gaps) for d in DOMAINS},
    )
