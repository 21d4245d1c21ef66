"""Doses of vaccines: who got which, when, as which product."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vbpmeasure.sample.arrays import Bools, Chunk, Floats, Ints, day, linked, uniform_days, year_number
from vbpmeasure.sample.people import People
from vbpmeasure.sample.wellcare import MONTH2, MONTH4, MONTH6, MONTH12, MONTH15, MONTH18, MONTH30

# Shares before the planted shifts: complete by the second birthday (CIS), by the thirteenth (IMA).
COMPLETE = {
    "dtap": 0.72, "ipv": 0.86, "mmr": 0.87, "hib": 0.84, "hepb": 0.86, "vzv": 0.865, "pcv": 0.74, "hepa": 0.84,
    "rv": 0.68, "flu": 0.37,
}  # fmt: skip
TEEN = {"tdap": 0.82, "mening": 0.80, "hpv": 0.37}
_TOGETHER = 0.92  # how strongly the antigens of one child go together; influenza goes its own way more often
_TOGETHER_FLU = 0.75

# product -> (CPT, CVX, CVX that a registry sometimes writes instead)
PRODUCTS: dict[str, tuple[str, str, str]] = {
    "dtap": ("90700", "20", "107"),
    "ipv": ("90713", "10", "89"),
    "hepb": ("90744", "08", "45"),
    "hib3": ("90647", "49", "17"),
    "hib4": ("90648", "48", "17"),
    "pediarix": ("90723", "110", "110"),
    "pentacel": ("90698", "120", "120"),
    "vaxelis": ("90697", "146", "146"),
    "pcv13": ("90670", "133", "152"),
    "pcv15": ("90671", "215", "152"),
    "pcv20": ("90677", "216", "152"),
    "rv2": ("90681", "119", "122"),
    "rv3": ("90680", "116", "122"),
    "mmr": ("90707", "03", "03"),
    "vzv": ("90716", "21", "21"),
    "mmrv": ("90710", "94", "94"),
    "hepa": ("90633", "83", "85"),
    "flu_quad": ("90686", "150", "158"),
    "flu_tri": ("90657", "140", "141"),
    "flu_nasal": ("90672", "149", "149"),
    "dtap_ipv": ("90696", "130", "130"),
    "tdap": ("90715", "115", "115"),
    "menacwy": ("90734", "114", "147"),
    "menacwy_tt": ("90619", "203", "108"),
    "menb": ("90620", "163", "163"),
    "hpv": ("90651", "165", "137"),
}
PRODUCT_NAMES = tuple(PRODUCTS)

_BIRTH, _M2, _M4, _M6, _M12, _M15, _M18, _LATE = range(8)
_DOSE_SLOTS = 8


@dataclass(frozen=True, slots=True)
class Doses:
    """One entry per dose; ``product`` is a position in ``PRODUCT_NAMES``.

    ``newborn`` has one entry per child: its birth dose is known by an inpatient procedure code only.
    """

    person: Ints
    day: Ints
    product: Ints
    newborn: Bools


class _Doses:
    def __init__(self) -> None:
        self.person: list[Ints] = []
        self.day: list[Ints] = []
        self.product: list[Ints] = []

    def give(self, product: str, mask: Bools, when: Ints) -> None:
        who = np.nonzero(mask)[0].astype(np.int64)
        self.person.append(who)
        self.day.append(when[who])
        self.product.append(np.full(who.shape[0], PRODUCT_NAMES.index(product), dtype=np.int64))


Given = npt.NDArray[np.bool_]  # (children, dose slots)


def _series(rng: np.random.Generator, complete: Bools, schedule: npt.NDArray[np.int64], need: int) -> Given:
    """Return who gets a dose in which slot.

    ``schedule`` lists each child's slots in order (the spare one: no dose). The complete get them all; the others get
    the first few, fewer than ``need``, and half of them one more after the second birthday.
    """
    size, width = schedule.shape
    few = np.minimum(rng.integers(0, need, size=size) + (rng.random(size) < 0.4), need - 1)
    given = np.zeros((size, _DOSE_SLOTS + 1), dtype=np.bool_)  # the last column is the spare slot
    rows = np.arange(size)
    for i in range(width):
        given[rows, schedule[:, i]] |= complete | (i < few)
    given[:, _LATE] |= ~complete & (rng.random(size) < 0.5)
    return given[:, :_DOSE_SLOTS]


def _slots(size: int, *slots: int | Ints) -> npt.NDArray[np.int64]:
    return np.stack([np.broadcast_to(np.asarray(s, dtype=np.int64), (size,)) for s in slots], axis=1)


def _dose_days(people: People, planned: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    visits = [planned[:, s] for s in (MONTH2, MONTH4, MONTH6, MONTH12, MONTH15, MONTH18, MONTH30)]
    return np.stack([people.birth, *visits], axis=1)


def _choose(rng: np.random.Generator, size: int, *shares: float) -> Ints:
    return rng.choice(len(shares), size=size, p=np.array(shares)).astype(np.int64)


def _infant_doses(chunk: Chunk, people: People, planned: npt.NDArray[np.int64], out: _Doses) -> Bools:
    rng = chunk.rng("infant doses")
    size = people.size
    when = _dose_days(people, planned)
    done = _complete(rng, people, COMPLETE, _TOGETHER)
    brand = _choose(rng, size, 0.35, 0.30, 0.10, 0.25)  # pediarix, pentacel, vaxelis, single products
    pedvax = (brand == 3) & (rng.random(size) < 0.5)
    fourth = np.where(rng.random(size) < 0.6, _M15, _M18)
    # An absent slot is the spare ninth column.
    spare = _DOSE_SLOTS
    dtap = _series(rng, done["dtap"], _slots(size, _M2, _M4, _M6, fourth), 4)
    ipv = _series(rng, done["ipv"], _slots(size, _M2, _M4, _M6), 3)
    hepb_middle = np.where((brand == 0) | (brand == 2), _M4, spare)
    hepb = _series(rng, done["hepb"], _slots(size, _BIRTH, _M2, _M6, hepb_middle), 3)
    hib = _series(
        rng, done["hib"], _slots(size, _M2, _M4, np.where(pedvax, _M12, _M6), np.where(pedvax, spare, _M12)), 3
    )
    pcv = _series(rng, done["pcv"], _slots(size, _M2, _M4, _M6, _M12), 4)
    two_dose = rng.random(size) < 0.35
    rota = _series(rng, done["rv"], _slots(size, _M2, _M4, np.where(two_dose, spare, _M6)), 2)
    rota[:, [_M12, _M15, _M18, _LATE]] = False  # not given after eight months
    measles = _series(rng, done["mmr"], _slots(size, _M12), 1)
    chickenpox = _series(rng, done["vzv"], _slots(size, _M12), 1)
    liver = _series(rng, done["hepa"], _slots(size, np.where(rng.random(size) < 0.7, _M12, _M18), _LATE), 1)
    newborn = hepb[:, _BIRTH] & (rng.random(size) < 0.12)
    hepb[:, _BIRTH] &= ~newborn
    both = rng.random(size) < 0.3
    for slot in range(_DOSE_SLOTS):
        days = when[:, slot]
        d, i, b, h = dtap[:, slot].copy(), ipv[:, slot].copy(), hepb[:, slot].copy(), hib[:, slot].copy()
        infant = slot in (_M2, _M4, _M6)
        for product, mine, parts in (
            ("pediarix", infant & (brand == 0), (d, i, b)),
            ("pentacel", infant & (brand == 1), (d, i, h)),
            ("vaxelis", infant & (brand == 2), (d, i, b, h)),
        ):
            whole = np.logical_and.reduce([mine, *parts])
            out.give(product, whole, days)
            for part in parts:
                np.logical_and(part, ~whole, out=part)
        for product, mask in (("dtap", d), ("ipv", i), ("hepb", b), ("hib3", h & pedvax), ("hib4", h & ~pedvax)):
            out.give(product, mask, days)
        p = pcv[:, slot]
        out.give("pcv13", p & (days < day(2023, 7)), days)
        out.give("pcv15", p & (days >= day(2023, 7)) & (brand < 1), days)
        out.give("pcv20", p & (days >= day(2023, 7)) & (brand >= 1), days)
        out.give("rv2", rota[:, slot] & two_dose, days)
        out.give("rv3", rota[:, slot] & ~two_dose, days)
        m, v = measles[:, slot], chickenpox[:, slot]
        out.give("mmrv", m & v & both, days)
        out.give("mmr", m & ~(v & both), days)
        out.give("vzv", v & ~(m & both), days)
        out.give("hepa", liver[:, slot], days)
    # Live vaccines a few days before the first birthday do not count; they stand in the registry all the same.
    early = ~done["mmr"] & (rng.random(size) < 0.2)
    out.give("mmr", early, people.turns(1) - rng.integers(1, 5, size=size))
    return newborn


def _complete(rng: np.random.Generator, people: People, shares: dict[str, float], weight: float) -> dict[str, Bools]:
    shift = people.shifts["vaccine"]
    done: dict[str, Bools] = {}
    for antigen, share in shares.items():
        own = _TOGETHER_FLU if antigen == "flu" else weight
        done[antigen] = linked(rng, people.vaccine, own) < share + shift
    return done


def _flu_season_day(rng: np.random.Generator, not_before: Ints) -> Ints:
    """Return a day of the influenza season (September to January) at or after each day."""
    size = not_before.shape[0]
    year = year_number(not_before)
    first = np.array([day(int(y), 9, 5) for y in range(int(year.min()), int(year.max()) + 1)], dtype=np.int64)
    start = first[year - year.min()]
    january = not_before < start - 217  # before the end of January: the running season still serves
    low = np.where(january, not_before, np.maximum(start, not_before))
    high = np.where(january, start - 217, start + 120)
    drawn = uniform_days(rng, low, np.maximum(high, low), size)
    return np.maximum(drawn, not_before)


def _flu_doses(chunk: Chunk, people: People, out: _Doses) -> None:
    rng = chunk.rng("influenza doses")
    size = people.size
    habit = linked(rng, people.vaccine, _TOGETHER_FLU)
    share: Floats = COMPLETE["flu"] + people.shifts["vaccine"]
    yearly, once = habit < share, (habit >= share) & (habit < share + 0.16)
    first = _flu_season_day(rng, people.birth + 183)
    out.give("flu_quad", (yearly | once) & (first < day(2024, 7)), first)
    out.give("flu_tri", (yearly | once) & (first >= day(2024, 7)), first)
    second = first + rng.integers(28, 46, size=size)
    # The second dose must come before the second birthday; a few get the nasal one on that very day.
    second = np.minimum(second, people.turns(2))
    nasal = yearly & (rng.random(size) < 0.02)
    out.give("flu_nasal", nasal, people.turns(2))
    out.give("flu_quad", yearly & ~nasal & (second < day(2024, 7)), second)
    out.give("flu_tri", yearly & ~nasal & (second >= day(2024, 7)), second)
    # The extract's own seasons, for children of two and more.
    for year in range(chunk.year - chunk.years, chunk.year + 1):
        season = uniform_days(rng, day(year, 9, 5), day(year, 12, 20), size)
        again = (season > people.turns(2)) & (rng.random(size) < np.where(yearly, 0.55, 0.12))
        spray = rng.random(size) < 0.1
        out.give("flu_nasal", again & spray, season)
        out.give("flu_quad" if year < 2024 else "flu_tri", again & ~spray, season)


def _later_doses(chunk: Chunk, people: People, out: _Doses) -> None:
    """Kindergarten boosters and the adolescent series."""
    rng = chunk.rng("later doses")
    size = people.size
    kindergarten = uniform_days(rng, people.turns(4), people.turns(5) + 200, size)
    booster = linked(rng, people.vaccine, 0.8) < 0.85
    out.give("dtap_ipv", booster, kindergarten)
    out.give("mmrv", booster, kindergarten)
    done = _complete(rng, people, TEEN, 0.85)
    eleven = uniform_days(rng, people.turns(11), people.turns(12) + 60, size)
    late = uniform_days(rng, people.turns(13) + 1, people.turns(14), size)
    conjugate = rng.random(size) < 0.5
    tdap_day = np.where(
        rng.random(size) < 0.06, uniform_days(rng, people.turns(10), people.turns(11) - 1, size), eleven
    )
    out.give("tdap", done["tdap"], tdap_day)
    out.give("menacwy", done["mening"] & conjugate, eleven)
    out.give("menacwy_tt", done["mening"] & ~conjugate, eleven)
    for product, antigen in (("tdap", "tdap"), ("menacwy", "mening")):
        out.give(product, ~done[antigen] & (rng.random(size) < 0.3), late)
    start = np.where(rng.random(size) < 0.3, uniform_days(rng, people.turns(9), people.turns(11) - 1, size), eleven)
    start = np.minimum(start, people.turns(13) - 160)
    gap = np.where(rng.random(size) < 0.05, 146, rng.integers(150, 320, size=size))
    second = np.minimum(start + gap, people.turns(13))
    out.give("hpv", done["hpv"], start)
    out.give("hpv", done["hpv"], second)
    # One dose only; two that are too close (a few count again with a third dose).
    partly = ~done["hpv"] & (rng.random(size) < 0.35)
    out.give("hpv", partly, eleven)
    close = partly & (rng.random(size) < 0.12)
    out.give("hpv", close, eleven + rng.integers(60, 146, size=size))
    out.give("menacwy", booster & (rng.random(size) < 0.5), uniform_days(rng, people.turns(16), people.turns(17), size))
    out.give("menb", rng.random(size) < 0.2, uniform_days(rng, people.turns(16), people.turns(18), size))


def make_doses(chunk: Chunk, people: People, planned: npt.NDArray[np.int64]) -> Doses:
    """Return every dose of the children's lives up to the last day of the extract (and to their death)."""
    out = _Doses()
    newborn = _infant_doses(chunk, people, planned, out)
    _flu_doses(chunk, people, out)
    _later_doses(chunk, people, out)
    person, when, product = (np.concatenate(parts) for parts in (out.person, out.day, out.product))
    last = np.where(people.death > 0, people.death, chunk.end)
    keep = (when <= last[person]) & (when >= people.birth[person])
    person, when, product = person[keep], when[keep], product[keep]
    order = np.lexsort((product, when, person))
    return Doses(person[order], when[order], product[order], newborn)
