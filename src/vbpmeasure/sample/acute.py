"""Everything that is not prevention: sick visits, emergencies, hospital stays, laboratories, therapies, dentists."""

from __future__ import annotations

import numpy as np

from vbpmeasure.sample.arrays import NULL, Bools, Chunk, Ints, age_on, some, uniform_days
from vbpmeasure.sample.draws import by_age, codes_of, times
from vbpmeasure.sample.ledger import Ledger, Line
from vbpmeasure.sample.people import People
from vbpmeasure.sample.pool import CODES
from vbpmeasure.sample.providers import Providers

_SICK = "J069 J029 J020 H6690 H6692 J00 R509 R05 L309 A084 B349 J4520 J4521 R197 K5900 L209 N390 J309 R1084 H1030"
_EMERGENCY = "S0990XA J069 R509 J4541 K529 S52501A T07XXXA R1110 J050 S0181XA R51 R569"
_STAY = "J210 J189 J45901 E860 N10 K3580 R5600 L03115"
_THERAPY = "F802 F809 F82 R6250 F840 F88"
_BEHAVIOR = "F902 F411 F321 F4323 F913 F900 F331"
_TESTS = "85025 87880 80053 87804 81003 87081 84443 83036 80061 85018"


def sick_visits(chunk: Chunk, ledger: Ledger, people: People, providers: Providers, home: Ints) -> None:
    """Office and telehealth visits for illness, with a rapid test or an injection now and then."""
    rng = chunk.rng("sick visits")
    who, when = times(rng, chunk, people, by_age(people, chunk, (1, 4.6), (4, 3.2), (11, 1.9), (17, 1.6), (21, 1.5)))
    size = who.shape[0]
    remote = some(rng, size, 0.07)
    urgent = some(rng, size, 0.12)
    place = np.where(remote, np.where(some(rng, size, 0.6), CODES("10"), CODES("02")), CODES("11"))
    ledger.add(
        who,
        when,
        place=np.where(urgent & ~remote, CODES("20"), place),
        provider=np.where(some(rng, size, 0.7), home[who], providers.draw(rng, "pcp", size)),
        dx=[codes_of(rng, size, _SICK), np.where(some(rng, size, 0.25), codes_of(rng, size, _SICK), -1)],
        lines=[
            Line(
                np.where(some(rng, size, 0.65), CODES("99213"), CODES("99214")),
                mod1=np.where(remote, codes_of(rng, size, "95 GT 93"), -1),
                cents=8100,
            ),
            Line(CODES("87880"), on=some(rng, size, 0.16) & ~remote, mod1=CODES("QW"), cents=1500),
            Line(CODES("87804"), on=some(rng, size, 0.10) & ~remote, mod1=CODES("QW"), mod2=CODES("59"), cents=1600),
            Line(CODES("94640"), on=some(rng, size, 0.05) & ~remote, cents=1200),
        ],
    )


def specialist_visits(chunk: Chunk, ledger: Ledger, people: People, providers: Providers) -> None:
    """Visits to specialists; a few carry a routine-examination diagnosis, which counts only for primary care."""
    rng = chunk.rng("specialist visits")
    who, when = times(rng, chunk, people, 0.4)
    size = who.shape[0]
    ledger.add(
        who,
        when,
        place=np.where(some(rng, size, 0.2), CODES("22"), CODES("11")),
        provider=providers.draw(rng, "specialist", size),
        dx=[np.where(some(rng, size, 0.03), CODES("Z00129"), codes_of(rng, size, _SICK))],
        lines=[
            Line(codes_of(rng, size, "99203 99204 99213 99214"), cents=9900),
            Line(codes_of(rng, size, "92567 95004 93000 31231"), on=some(rng, size, 0.35), cents=5100),
        ],
    )


def emergencies(chunk: Chunk, ledger: Ledger, people: People, providers: Providers) -> None:
    """Emergency visits: the hospital's bill and the physician's claim."""
    rng = chunk.rng("emergencies")
    who, when = times(rng, chunk, people, by_age(people, chunk, (1, 0.75), (4, 0.55), (11, 0.3), (21, 0.35)))
    size = who.shape[0]
    dx = codes_of(rng, size, _EMERGENCY)
    level = codes_of(rng, size, "99282 99283 99283 99284 99285")
    ledger.add(
        who,
        when,
        kind=1,
        bill=CODES("131"),
        disposition=CODES("01"),
        provider=providers.draw(rng, "hospital", size),
        dx=[dx, np.where(some(rng, size, 0.3), codes_of(rng, size, _SICK), -1)],
        lines=[
            Line(level, revenue=CODES("0450"), cents=38000),
            Line(-1, on=some(rng, size, 0.6), revenue=CODES("0250"), cents=2500),
            Line(CODES("85025"), on=some(rng, size, 0.45), revenue=CODES("0300"), cents=1500),
            Line(CODES("71046"), on=some(rng, size, 0.25), revenue=CODES("0320"), cents=6000),
        ],
    )
    ledger.add(
        who,
        when,
        place=CODES("23"),
        provider=providers.draw(rng, "emergency", size),
        dx=[dx],
        lines=[Line(level, cents=12000)],
    )


def births(chunk: Chunk, ledger: Ledger, people: People, providers: Providers, newborn: Bools) -> None:
    """Add the stays at birth, some with the hepatitis B dose as a procedure code; some are on the mother's claim."""
    rng = chunk.rng("births")
    seen = (people.birth >= chunk.start) & (newborn | some(rng, people.size, 0.80))
    who = np.nonzero(seen)[0]
    size = who.shape[0]
    start = people.birth[who]
    nights = rng.integers(1, 4, size=size)
    dose = newborn[who] | some(rng, size, 0.08)
    ledger.add(
        who,
        start,
        end=start + nights,
        admit=start,
        discharge=start + nights,
        kind=1,
        bill=CODES("111"),
        disposition=CODES("01"),
        provider=providers.draw(rng, "hospital", size),
        dx=[np.where(some(rng, size, 0.7), CODES("Z3800"), CODES("Z3801"))],
        proc1=np.where(dose, CODES("3E0234Z"), -1),
        procday1=np.where(dose & some(rng, size, 0.9), start + 1, NULL),
        proc2=np.where(some(rng, size, 0.25), CODES("0VTTXZZ"), -1),
        procday2=NULL,
        lines=[
            Line(-1, revenue=CODES("0171"), cents=150000),
            Line(CODES("92586"), revenue=CODES("0470"), cents=4000, offset=1),
            Line(CODES("36416"), revenue=CODES("0300"), cents=1000, offset=1),
        ],
    )
    ledger.add(
        who,
        start,
        place=CODES("21"),
        provider=providers.draw(rng, "pcp", size),
        dx=[CODES("Z3800")],
        lines=[Line(CODES("99460"), cents=9000), Line(CODES("99238"), cents=7000, offset=1)],
    )


def stays(chunk: Chunk, ledger: Ledger, people: People, providers: Providers) -> None:
    """Other hospital stays, and the last stay of a few children who died."""
    rng = chunk.rng("stays")
    who, when = times(rng, chunk, people, by_age(people, chunk, (1, 0.06), (21, 0.02)))
    dying = np.nonzero((people.death > NULL) & some(rng, people.size, 0.5))[0]
    who = np.concatenate([who, dying])
    nights = np.asarray(rng.integers(1, 7, size=who.shape[0]), dtype=np.int64)
    when = np.concatenate(
        [when, np.maximum(people.death[dying] - nights[who.shape[0] - dying.shape[0] :], people.birth[dying])]
    )
    size = who.shape[0]
    last = np.where(people.death[who] > NULL, people.death[who], chunk.end)
    until = np.minimum(when + nights, last)
    died = until == people.death[who]
    ledger.add(
        who,
        when,
        end=until,
        admit=when,
        discharge=until,
        kind=1,
        bill=CODES("111"),
        disposition=np.where(died, CODES("20"), CODES("01")),
        provider=providers.draw(rng, "hospital", size),
        dx=[codes_of(rng, size, _STAY), codes_of(rng, size, _SICK)],
        lines=[
            Line(-1, revenue=CODES("0120"), cents=240000),
            Line(-1, revenue=CODES("0250"), cents=30000),
            Line(CODES("80053"), revenue=CODES("0300"), cents=2200),
        ],
    )


def laboratories(chunk: Chunk, ledger: Ledger, people: People, providers: Providers) -> None:
    """Independent laboratories; some copy the routine-examination diagnosis of the visit, which must not count."""
    rng = chunk.rng("laboratories")
    who, when = times(rng, chunk, people, by_age(people, chunk, (1, 0.5), (11, 0.4), (21, 0.7)))
    size = who.shape[0]
    ledger.add(
        who,
        when,
        place=CODES("81"),
        provider=providers.draw(rng, "lab", size),
        dx=[np.where(some(rng, size, 0.2), CODES("Z00129"), codes_of(rng, size, _SICK))],
        lines=[
            Line(codes_of(rng, size, _TESTS), cents=1400),
            Line(CODES("36415"), on=some(rng, size, 0.7), cents=300),
            Line(codes_of(rng, size, _TESTS), on=some(rng, size, 0.35), cents=1400),
        ],
    )


def dentists(chunk: Chunk, ledger: Ledger, people: People, providers: Providers) -> None:
    """Dental visits (CDT codes): examination, cleaning, fluoride, at times sealants or a filling."""
    rng = chunk.rng("dentists")
    goes = some(rng, people.size, 0.55)
    who, when = times(rng, chunk, people, np.where(goes, 1.35, 0.12))
    keep = when >= people.birth[who] + 330
    who, when = who[keep], when[keep]
    size = who.shape[0]
    age = age_on(people.birth[who], when)
    # Mostly teeth that no measure asks for; some lines come without a number.
    tooth = codes_of(chunk.rng("tooth numbers"), size, "4 5 12 13 20 21 28 29 3 14 K L S T")
    tooth = np.where(when % 3 == 0, -1, tooth)
    ledger.add(
        who,
        when,
        kind=2,
        place=CODES("11"),
        provider=providers.draw(rng, "dental", size),
        dx=[np.where(some(rng, size, 0.3), CODES("Z0120"), -1)],
        lines=[
            Line(
                np.where(age < 3, CODES("D0145"), np.where(some(rng, size, 0.8), CODES("D0120"), CODES("D0150"))),
                cents=3200,
            ),
            Line(CODES("D1120"), on=some(rng, size, 0.85) & (age < 14), cents=4100),
            Line(np.where(some(rng, size, 0.6), CODES("D1206"), CODES("D1208")), on=some(rng, size, 0.6), cents=2100),
            Line(CODES("D1351"), on=some(rng, size, 0.18) & (age >= 6), tooth=tooth, cents=3300),
            Line(CODES("D2391"), on=some(rng, size, 0.15), tooth=tooth, cents=9000),
        ],
    )


def therapies(chunk: Chunk, ledger: Ledger, people: People, providers: Providers) -> None:
    """Courses of speech or occupational therapy, and of psychotherapy (much of it by video)."""
    rng = chunk.rng("therapies")
    early = np.where(some(rng, people.size, 0.05), by_age(people, chunk, (8, 14.0), (21, 0.0)), 0.0)
    who, when = times(rng, chunk, people, early)
    keep = when >= people.birth[who] + 400
    who, when = who[keep], when[keep]
    size = who.shape[0]
    ledger.add(
        who,
        when,
        place=np.where(some(rng, size, 0.3), CODES("12"), CODES("11")),
        provider=providers.draw(rng, "therapist", size),
        dx=[codes_of(rng, size, _THERAPY)],
        lines=[
            Line(codes_of(rng, size, "92507 97530 97110"), mod1=codes_of(rng, size, "GN GO GP"), cents=6200),
            Line(CODES("92523"), on=some(rng, size, 0.05), cents=15000),
        ],
    )
    talking = np.where(some(rng, people.size, 0.08), by_age(people, chunk, (6, 0.0), (21, 8.0)), 0.0)
    who, when = times(rng, chunk, people, talking)
    size = who.shape[0]
    remote = some(rng, size, 0.4)
    ledger.add(
        who,
        when,
        place=np.where(remote, CODES("10"), np.where(some(rng, size, 0.2), CODES("53"), CODES("11"))),
        provider=providers.draw(rng, "behavioral", size),
        dx=[codes_of(rng, size, _BEHAVIOR)],
        lines=[
            Line(codes_of(rng, size, "90834 90837 90832 90847"), mod1=np.where(remote, CODES("95"), -1), cents=10500)
        ],
    )


def hospice(chunk: Chunk, ledger: Ledger, people: People, providers: Providers) -> None:
    """Weeks in hospice care: institutional bills, some with a procedure code as well."""
    rng = chunk.rng("hospice")
    chosen = np.nonzero(people.hospice > NULL)[0]
    who = np.repeat(chosen, 3)
    when = people.hospice[who] + np.tile(np.array([0, 7, 14]), chosen.shape[0])
    ledger.add(
        who,
        when,
        kind=1,
        bill=CODES("811"),
        provider=providers.draw(rng, "hospital", who.shape[0]),
        dx=[CODES("Z515")],
        lines=[Line(CODES("T2042"), on=some(rng, who.shape[0], 0.5), revenue=CODES("0651"), cents=20000),
               Line(-1, revenue=CODES("0651"), cents=20000)],
    )  # fmt: skip


def rare_conditions(chunk: Chunk, ledger: Ledger, people: People, providers: Providers) -> None:
    """Diagnoses that exclude from immunization measures, and histories of illness that stand in for a vaccine."""
    rng = chunk.rng("rare conditions")
    for codes, share in (("K561", 0.0012), ("D8189 D800 D849", 0.0012), ("D819", 0.0002), ("B20", 0.0002),
                         ("C9100 C9101", 0.0008), ("B019", 0.004), ("B169", 0.0004)):  # fmt: skip
        chosen = np.nonzero(some(rng, people.size, share))[0]
        last = np.minimum(np.where(people.birth < chunk.start, chunk.end, people.turns(2) - 1), chunk.end)[chosen]
        first = np.maximum(people.birth[chosen], chunk.start)
        size = chosen.shape[0]
        ledger.add(
            chosen,
            uniform_days(rng, first, last, size),
            place=CODES("22"),
            provider=providers.draw(rng, "specialist", size),
            dx=[np.where(some(rng, size, 0.4), CODES("R509"), codes_of(rng, size, codes)), codes_of(rng, size, codes)],
            lines=[Line(CODES("99214"), cents=12500)],
        )
