"""Well-child visits: the infant schedule, one visit a year from 3 to 21, and what is done on the same day."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vbpmeasure.sample.arrays import Bools, Chunk, Floats, Ints, age_on, birthday, day, linked, some, uniform_days
from vbpmeasure.sample.development import Findings
from vbpmeasure.sample.ledger import Ledger, Line
from vbpmeasure.sample.people import People
from vbpmeasure.sample.pool import CODES
from vbpmeasure.sample.providers import UNKNOWN_PROVIDER, Providers
from vbpmeasure.sample.screening import Screens

# The infant schedule: (birthday, earliest and latest day after it). The 15- and 30-month visits fall around the last
# days that the measures count (birthday 1 + 90, birthday 2 + 180); the first two may be less than 14 days apart.
SLOTS = (
    (0, 2, 7), (0, 14, 35), (0, 56, 75), (0, 118, 140), (0, 181, 205), (0, 266, 295),
    (1, 0, 40), (1, 76, 118), (1, 178, 215), (2, -3, 40), (2, 163, 204),
)  # fmt: skip
NEWBORN, MONTH1, MONTH2, MONTH4, MONTH6, MONTH9, MONTH12, MONTH15, MONTH18, MONTH24, MONTH30 = range(11)
_FIRST_15 = 8  # slots that can count for the first 15 months

# Shares before the planted shifts; what the measures find differs a little (gaps, lost claims, spacing).
SIX_VISITS = 0.82
TWO_VISITS = 0.70
BY_AGE = ((6, 0.67), (11, 0.59), (17, 0.54), (21, 0.29))

_NEW, _ESTABLISHED = "99381 99382 99383 99384 99385", "99391 99392 99393 99394 99395"


@dataclass(frozen=True, slots=True)
class InfantVisits:
    """Planned days and kept visits, both of shape (children, slots)."""

    planned: npt.NDArray[np.int64]
    kept: npt.NDArray[np.bool_]


def plan_infant_visits(chunk: Chunk, people: People) -> InfantVisits:
    """Return when each child was due, and to which visits it was brought."""
    rng = chunk.rng("infant visits")
    size = people.size
    planned = np.stack(
        [uniform_days(rng, people.turns(n) + low, people.turns(n) + high, size) for n, low, high in SLOTS], axis=1
    )
    kept = np.zeros((size, len(SLOTS)), dtype=np.bool_)
    shift = people.shifts["well"]
    six = linked(rng, people.care, 0.5) < SIX_VISITS + shift
    few = rng.choice(6, size=size, p=[0.05, 0.06, 0.12, 0.19, 0.27, 0.31])
    # Those who keep six miss at most one of the first seven; the others come a few times, in any order.
    missed = np.where(rng.random(size) < 0.55, -1, rng.integers(0, _FIRST_15 - 1, size=size))
    rank = rng.random((size, _FIRST_15)).argsort(axis=1).argsort(axis=1)
    slots = np.arange(_FIRST_15)
    kept[:, :_FIRST_15] = np.where(six[:, None], slots != missed[:, None], rank < few[:, None])
    kept[:, MONTH15] &= rng.random(size) < 0.8
    two = linked(rng, people.care, 0.5) < TWO_VISITS + shift
    one = rng.integers(MONTH18, MONTH24 + 1, size=size)
    none = rng.random(size) < 0.45
    for slot in (MONTH18, MONTH24):
        kept[:, slot] = two | (~none & (one == slot))
    kept[:, MONTH30] = two & (rng.random(size) < 0.45)
    return InfantVisits(planned, kept)


def _yearly_share(age: Ints) -> Floats:
    share = np.zeros(age.shape[0])
    youngest = 3
    for oldest, value in BY_AGE:
        share = np.where((age >= youngest) & (age <= oldest), value, share)
        youngest = oldest + 1
    return share


def code_of(rng: np.random.Generator, age: Ints) -> Ints:
    """Return the preventive-visit code for an age in years, a tenth of them for new patients."""
    band = np.searchsorted(np.array([1, 5, 12, 18]), age, side="right")
    return np.where(rng.random(age.shape[0]) < 0.1, CODES.many(_NEW)[band], CODES.many(_ESTABLISHED)[band])


def diagnosis_of(rng: np.random.Generator, births: Ints, days: Ints, age: Ints) -> Ints:
    """Return the routine-examination diagnosis for the age in days or years."""
    old = days - births
    abnormal = rng.random(days.shape[0]) < 0.12
    child = np.where(abnormal, CODES("Z00121"), CODES("Z00129"))
    adult = np.where(abnormal, CODES("Z0001"), CODES("Z0000"))
    code = np.where(age >= 18, adult, child)
    code = np.where(old <= 28, CODES("Z00111"), code)
    return np.where(old < 8, CODES("Z00110"), code)


def primary_care(rng: np.random.Generator, providers: Providers, home: Ints) -> Ints:
    """Return who saw the child: its own practitioner, another one, rarely a specialist or nobody on record."""
    size = home.shape[0]
    u = rng.random(size)
    other = np.where(u < 0.95, providers.draw(rng, "pcp", size), providers.draw(rng, "specialist", size))
    return np.where(u < 0.8, home, np.where(u < 0.975, other, UNKNOWN_PROVIDER))


def add_visits(
    rng: np.random.Generator,
    ledger: Ledger,
    people: People,
    providers: Providers,
    home: Ints,
    who: Ints,
    when: Ints,
    extra: list[Line],
) -> None:
    """Add one well-visit claim per entry of ``who``; most carry the code, some the diagnosis only."""
    size = who.shape[0]
    age = age_on(people.birth[who], when)
    u = rng.random(size)
    seen_by = primary_care(rng, providers, home[who])
    teen_girl = people.female[who] & (age >= 15) & (u > 0.90)
    seen_by = np.where(teen_girl, providers.draw(rng, "obgyn", size), seen_by)
    dx = diagnosis_of(rng, people.birth[who], when, age)
    dx = np.where(teen_girl, CODES("Z01419"), dx)
    sick = some(rng, size, 0.10)  # a sick visit on the same day, on the same claim
    second = np.where(sick, rng.choice(CODES.many("J069 H6690 L209 B349"), size=size), -1)
    by_diagnosis = np.asarray(u < 0.06)  # an office-visit code with the routine diagnosis
    code = np.where(by_diagnosis, CODES("99213"), code_of(rng, age))
    remote = (rng.random(size) < 0.015) & (age >= 1)
    ledger.add(
        who,
        when,
        place=np.where(remote, CODES("10"), np.where(rng.random(size) < 0.08, CODES("50"), CODES("11"))),
        provider=seen_by,
        dx=[np.where(rng.random(size) < 0.01, second, dx), second],
        lines=[
            Line(code, mod1=np.where(remote, CODES("95"), -1), cents=11200),
            Line(CODES("99213"), on=sick & ~by_diagnosis, mod1=CODES("25"), cents=7400),
            *extra,
        ],
    )


def infant_claims(
    chunk: Chunk,
    ledger: Ledger,
    people: People,
    providers: Providers,
    home: Ints,
    visits: InfantVisits,
    screens: Screens,
    found: Findings,
) -> None:
    """Add the kept visits of the infant schedule with their screenings."""
    rng = chunk.rng("infant claims")
    for slot in range(len(SLOTS)):
        # Claims of the first weeks often sit under the mother's number.
        lost = rng.random(people.size) < (0.12 if slot == NEWBORN else 0.04 if slot == MONTH1 else 0.0)
        kept = visits.kept[:, slot] & ~lost & _in_extract(chunk, visits.planned[:, slot])
        who = np.nonzero(kept)[0]
        general, autism = screens.general[who, slot], screens.autism[who, slot]
        varnish = rng.random(who.shape[0]) < (0.18 if slot >= MONTH9 else 0.0)
        blood = rng.random(who.shape[0]) < (0.4 if slot in (MONTH12, MONTH24) else 0.0)
        extra = [
            Line(CODES("96110"), on=general, mod1=found.modifier(who, slot), cents=900),
            Line(CODES("96110"), on=autism, mod1=CODES("KX"), cents=900),
            Line(CODES("99188"), on=varnish, cents=2100),
            Line(CODES("85018"), on=blood, mod1=CODES("QW"), cents=300),
            Line(CODES("96161"), on=some(rng, who.shape[0], 0.3 if slot < MONTH9 else 0.0), cents=400),
        ]
        add_visits(rng, ledger, people, providers, home, who, visits.planned[who, slot], extra)
        # A weight check a few days after the newborn visit: too close to count as another visit.
        if slot == NEWBORN:
            again = who[rng.random(who.shape[0]) < 0.35]
            when = visits.planned[again, slot] + rng.integers(2, 9, size=again.shape[0])
            add_visits(rng, ledger, people, providers, home, again, when, [])


def _in_extract(chunk: Chunk, days: Ints) -> Bools:
    return (days >= chunk.start) & (days <= chunk.end)


def yearly_claims(chunk: Chunk, ledger: Ledger, people: People, providers: Providers, home: Ints) -> None:
    """Add the yearly visits of children who turn 3 to 21 in a year, at any day of it but more often in summer."""
    for year in range(chunk.year - chunk.years + 1, chunk.year + 1):
        rng = chunk.rng(f"yearly visits {year}")
        size = people.size
        first, last = day(year), day(year, 12, 31)
        age = age_on(people.birth, np.full(size, last))
        share = np.where((age >= 3) & (people.birth <= last), _yearly_share(age) + people.shifts["well"], 0.0)
        goes = linked(rng, people.care, 0.5) < share
        summer = rng.random(size) < 0.35
        when = np.where(
            summer, uniform_days(rng, day(year, 6, 15), day(year, 9, 10), size), uniform_days(rng, first, last, size)
        )
        when = np.where(when < birthday(people.birth, 2) + 210, last - (last - when) // 3, when)
        who = np.nonzero(goes)[0]
        tests = rng.random((4, who.shape[0]))
        extra = [
            Line(CODES("92551"), on=tests[0] < 0.25, cents=1100),
            Line(CODES("99173"), on=tests[1] < 0.30, cents=300),
            Line(CODES("96127"), on=(tests[2] < 0.5) & (age[who] >= 12), cents=500),
            Line(CODES("80061"), on=(tests[3] < 0.10) & (age[who] >= 9), cents=1300),
        ]
        add_visits(rng, ledger, people, providers, home, who, when[who], extra)
        # Sports examinations by other clinics count as well when primary care does them.
        sports = (age >= 12) & (age <= 18) & (rng.random(size) < 0.05)
        fit = np.nonzero(sports)[0]
        ledger.add(
            fit,
            uniform_days(rng, day(year, 7, 15), day(year, 8, 31), fit.shape[0]),
            place=CODES("11"),
            provider=providers.draw(rng, "pcp", fit.shape[0]),
            dx=[CODES("Z025")],
            lines=[Line(CODES("99213"), cents=5200)],
        )
