"""Psychiatric stays, emergencies for mental illness, substance use and other illness, and who was seen afterwards.

Such events are several times as frequent as in life: otherwise a small sample would have too few of them to show.
"""

from __future__ import annotations

import numpy as np

from vbpmeasure.sample.arrays import NULL, Bools, Ints, age_on, linked, some, uniform_days
from vbpmeasure.sample.draws import by_age, codes_of, series, shares, times
from vbpmeasure.sample.ledger import Line
from vbpmeasure.sample.pool import CODES
from vbpmeasure.sample.scene import Scene

# Shares with a first follow-up visit in the days after, before the planted shifts: (by day 7, by day 30, by day 60).
# Visits that come anyway make the measured shares higher, after substance use by about ten points.
AFTER_STAY = (0.44, 0.64, 0.78)
AFTER_EMERGENCY = (0.40, 0.56, 0.68)
AFTER_SUBSTANCE_USE = (0.16, 0.26, 0.34)
SEEN_SAME_DAY = 0.04  # counts after an emergency, not after a stay

_MOOD = "F322 F332 F3481 F4310 F4325 F913 F411 F3181 F29 F321"
_SELF_HARM = "T391X2A T43222A T424X2A"
_SUBSTANCE = "F1010 F1210 F1220 F1110 F1020"
_OVERDOSE = "T402X1A T424X1A"
_PREVENTABLE = "J45901 A09 N10 E1010 N390"


def stay(
    scene: Scene,
    rng: np.random.Generator,
    who: Ints,
    start: Ints,
    end: Ints,
    dx: list[Ints | int],
    *,
    psychiatric: bool,
    disposition: Ints | int = -1,
) -> None:
    """Add hospital bills; a stay that outlasts the extract or the child is billed up to its last day there."""
    last = scene.until(who)
    open_end = end > last
    until = np.minimum(end, last)
    leaves = np.where(np.asarray(disposition) < 0, CODES("01"), disposition)
    scene.ledger.add(
        who,
        start,
        end=until,
        admit=start,
        discharge=np.where(open_end, NULL, end),
        kind=1,
        bill=np.where(open_end, CODES("112"), CODES("111")),
        disposition=np.where(open_end, CODES("30"), leaves),
        provider=scene.providers.draw(rng, "psychiatric_hospital" if psychiatric else "hospital", who.shape[0]),
        dx=dx,
        lines=[
            Line(-1, revenue=CODES("0124") if psychiatric else CODES("0120"), cents=180000),
            Line(-1, revenue=CODES("0250"), cents=20000),
        ],
    )


def emergency(scene: Scene, rng: np.random.Generator, who: Ints, when: Ints, dx: list[Ints | int]) -> None:
    """Add the two claims of an emergency visit: the hospital's and the physician's."""
    size = who.shape[0]
    level = codes_of(rng, size, "99283 99284 99284 99285")
    scene.ledger.add(
        who,
        when,
        kind=1,
        bill=CODES("131"),
        disposition=CODES("01"),
        provider=scene.providers.draw(rng, "hospital", size),
        dx=dx,
        lines=[Line(level, revenue=CODES("0450"), cents=42000)],
    )
    scene.claim(
        who,
        when,
        level,
        dx=dx[:1],
        provider=scene.providers.draw(rng, "emergency", size),
        place=CODES("23"),
        cents=12000,
    )


def seen_after(
    scene: Scene, rng: np.random.Generator, who: Ints, when: Ints, by_day: tuple[float, float, float], dx: Ints,
    kind: str,
) -> None:  # fmt: skip
    """Add follow-up visits after events on ``when``; ``kind`` is "mental" or "substance"."""
    size = who.shape[0]
    shift = scene.people.shifts["behavior"][who]
    u = linked(rng, scene.people.care[who], 0.2) - shift
    delay = uniform_days(rng, 1, 7, size)
    delay = np.where(u >= by_day[0], uniform_days(rng, 8, 30, size), delay)
    delay = np.where(u >= by_day[1], uniform_days(rng, 31, 60, size), delay)
    seen = u < by_day[2]
    same_day = ~seen & some(rng, size, SEEN_SAME_DAY / (1 - by_day[2]))
    delay = np.where(same_day, 0, delay)
    seen |= same_day
    who, when, dx = who[seen], (when + delay)[seen], dx[seen]
    _visit(scene, rng, who, when, dx, kind)
    which, days = series(rng, rng.poisson(3.0, size=who.shape[0]), 9)
    _visit(scene, rng, who[which], when[which] + days, dx[which], kind)


def _visit(scene: Scene, rng: np.random.Generator, who: Ints, when: Ints, dx: Ints, kind: str) -> None:
    """Outpatient, video, telephone or peer contacts: most by behavioral-health providers, some in primary care."""
    size = who.shape[0]
    u = shares(rng, size)
    code = codes_of(rng, size, "90837 90834 90791 99214 90847")
    if kind == "substance":
        code = np.where(some(rng, size, 0.5), codes_of(rng, size, "H0004 H0005 99408"), code)
    video, phone, peer, primary = u < 0.22, (u >= 0.22) & (u < 0.27), (u >= 0.27) & (u < 0.33), u > 0.80
    code = np.where(phone, CODES("98966"), np.where(peer, CODES("H0038"), np.where(primary, CODES("99214"), code)))
    seen_by = np.where(
        some(rng, size, 0.3),
        scene.providers.draw(rng, "psychiatry", size),
        scene.providers.draw(rng, "behavioral", size),
    )
    seen_by = np.where(primary, scene.home[who], seen_by)
    place = np.where(video | phone, CODES("10"), np.where(some(rng, size, 0.2), CODES("53"), CODES("11")))
    scene.claim(who, when, code, dx=[dx], provider=seen_by, place=place, cents=11000)


def psychiatric_stays(scene: Scene) -> None:
    """Stays for mental illness: transfers, readmissions, admissions through the emergency department, follow-up."""
    people, chunk = scene.people, scene.chunk
    rng = scene.rng("psychiatric stays")
    who, start = times(rng, scene.chunk, scene.people, by_age(people, chunk, (5, 0.0), (11, 0.012), (21, 0.03)))
    size = who.shape[0]
    end = start + rng.integers(2, 12, size=size)
    dx = codes_of(rng, size, _MOOD)
    harm = np.where(some(rng, size, 0.25), codes_of(rng, size, _SELF_HARM), -1)
    u = shares(rng, size)
    transfer, again, other, residential = u < 0.08, (u >= 0.08) & (u < 0.16), (u >= 0.16) & (u < 0.19), u > 0.97
    stay(scene, rng, who, start, end, [dx, harm], psychiatric=True,
         disposition=np.where(transfer, CODES("65"), CODES("01")))  # fmt: skip
    through = some(rng, size, 0.6)
    emergency(scene, rng, who[through], start[through], [dx[through]])
    # The next stay begins on the day of the transfer, or up to 35 days after the discharge.
    next_start = np.where(transfer, end, end + rng.integers(2, 36, size=size))
    next_end = next_start + rng.integers(3, 10, size=size)
    for on in (transfer, again):
        stay(scene, rng, who[on], next_start[on], next_end[on], [dx[on]], psychiatric=True)
    stay(scene, rng, who[other], next_start[other], next_end[other],
         [codes_of(rng, int(other.sum()), "J189 K3580 N10")], psychiatric=False)  # fmt: skip
    _residential(scene, rng, who[residential], end[residential], dx[residential])
    last = np.where(transfer | again, next_end, end)
    seen_after(scene, rng, who, last, AFTER_STAY, dx, "mental")


def _residential(scene: Scene, rng: np.random.Generator, who: Ints, start: Ints, dx: Ints) -> None:
    """Residential treatment after a stay: not acute."""
    until = np.minimum(start + 28, scene.until(who))
    scene.ledger.add(
        who, start, end=until, admit=start, discharge=until, kind=1, bill=CODES("0861"), disposition=CODES("01"),
        provider=scene.providers.draw(rng, "psychiatric_hospital", who.shape[0]), dx=[dx],
        lines=[Line(-1, revenue=CODES("1001"), cents=400000)],
    )  # fmt: skip


def psychiatric_emergencies(scene: Scene) -> None:
    """Emergencies for mental illness or self-harm that end without a stay; some come back within the month."""
    people, chunk = scene.people, scene.chunk
    rng = scene.rng("psychiatric emergencies")
    who, when = times(rng, scene.chunk, scene.people, by_age(people, chunk, (5, 0.0), (11, 0.014), (21, 0.036)))
    size = who.shape[0]
    harm: Bools = some(rng, size, 0.15)
    mood, act = codes_of(rng, size, _MOOD), codes_of(rng, size, _SELF_HARM)
    emergency(scene, rng, who, when, [np.where(harm, act, mood), np.where(harm, mood, -1)])
    back = some(rng, size, 0.10)
    emergency(scene, rng, who[back], (when + rng.integers(3, 45, size=size))[back], [mood[back]])
    seen_after(scene, rng, who, when, AFTER_EMERGENCY, mood, "mental")


def substance_use_emergencies(scene: Scene) -> None:
    """Emergencies for substance use or overdose at 13 and older; a few then receive medication."""
    people, chunk = scene.people, scene.chunk
    rng = scene.rng("substance use emergencies")
    who, when = times(rng, chunk, people, by_age(people, chunk, (11, 0.0), (21, 0.05)))
    keep = age_on(people.birth[who], when) >= 13
    who, when = who[keep], when[keep]
    size = who.shape[0]
    used = codes_of(rng, size, _SUBSTANCE)
    overdose = some(rng, size, 0.2)
    emergency(scene, rng, who, when, [np.where(overdose, codes_of(rng, size, _OVERDOSE), used),
                                      np.where(overdose, used, -1)])  # fmt: skip
    seen_after(scene, rng, who, when, AFTER_SUBSTANCE_USE, used, "substance")
    treated = some(rng, size, 0.05)
    drug = codes_of(rng, int(treated.sum()), "naltrexone buprenorphine-naloxone")
    scene.dispense(who[treated], (when + rng.integers(2, 40, size=size))[treated], drug)


def preventable_stays(scene: Scene) -> None:
    """Stays for asthma, dehydration, urinary infections and the like, admitted through the emergency department."""
    people, chunk = scene.people, scene.chunk
    rng = scene.rng("preventable stays")
    who, start = times(rng, scene.chunk, scene.people, by_age(people, chunk, (4, 0.006), (11, 0.003), (21, 0.002)))
    size = who.shape[0]
    dx = codes_of(rng, size, _PREVENTABLE)
    emergency(scene, rng, who, start, [dx])
    stay(scene, rng, who, start, start + rng.integers(1, 5, size=size), [dx], psychiatric=False)
