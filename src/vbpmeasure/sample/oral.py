"""Recall visits to the dentist, sealants tooth by tooth, and fluoride varnish in the doctor's office."""

from __future__ import annotations

import numpy as np

from vbpmeasure.sample.arrays import Bools, Ints, age_on, day, linked, some, uniform_days
from vbpmeasure.sample.draws import chosen, codes_of
from vbpmeasure.sample.ledger import Line
from vbpmeasure.sample.pool import CODES
from vbpmeasure.sample.scene import Scene
from vbpmeasure.sample.visits import Visits

# Beyond the visits that come at random: children in a recall program of two visits a year. An additional share of p
# moves the rate of any visit by about half of p, since half of those children would have come anyway.
RECALL = 0.15
_LEVERAGE = 1.8
SEALED = 0.48  # of children, at some time between the sixth and the tenth birthday
VARNISH = 0.22  # of well visits at 1 to 5 years


def recalls(scene: Scene) -> None:
    """Two visits a year with examination, cleaning and fluoride for children in recall programs."""
    people, chunk = scene.people, scene.chunk
    share = np.clip(RECALL + _LEVERAGE * people.shifts["dental"], 0.0, 1.0)
    for year in range(chunk.year - chunk.years + 1, chunk.year + 1):
        rng = chunk.rng(f"dental recalls {year}")
        old_enough = people.turns(1) <= day(year, 6, 1)
        goes = np.nonzero((linked(rng, people.care, 0.5) < share) & old_enough)[0].astype(np.int64)
        first = uniform_days(rng, day(year, 1, 2), day(year, 6, 20), goes.shape[0])
        second = first + rng.integers(165, 194, size=goes.shape[0])
        back = some(rng, goes.shape[0], 0.85)
        _visit(scene, rng, goes, first)
        _visit(scene, rng, goes[back], second[back])


def _visit(scene: Scene, rng: np.random.Generator, who: Ints, when: Ints) -> None:
    size = who.shape[0]
    age = age_on(scene.people.birth[who], when)
    scene.ledger.add(
        who,
        when,
        kind=2,
        place=CODES("11"),
        provider=scene.providers.draw(rng, "dental", size),
        dx=[np.where(some(rng, size, 0.3), CODES("Z0120"), -1)],
        lines=[
            Line(np.where(age < 3, CODES("D0145"), CODES("D0120")), cents=3200),
            Line(np.where(age < 14, CODES("D1120"), CODES("D1110")), cents=4100),
            Line(np.where(age < 6, CODES("D1206"), CODES("D1208")), on=some(rng, size, 0.88), cents=2100),
        ],
    )


def sealants(scene: Scene) -> None:
    """Sealants on first molars: all four at once, two and two, or only some; and a few children with treated molars."""
    people = scene.people
    rng = scene.rng("sealants")
    size = people.size
    share = np.clip(SEALED + people.shifts["dental"], 0.0, 1.0)
    who = np.nonzero(linked(rng, people.care, 0.4) < share)[0].astype(np.int64)
    when = uniform_days(rng, people.turns(6)[who] + 30, people.turns(10)[who], who.shape[0])
    # Most get all four at once, a quarter in two visits, a fifth only two of them.
    u = rng.random(who.shape[0])
    _teeth(scene, rng, who, when, "D1351", {"3": True, "14": True, "19": u < 0.55, "30": u < 0.55})
    back = (u >= 0.55) & (u < 0.80)
    again = (when + rng.integers(14, 120, size=who.shape[0]))[back]
    _teeth(scene, rng, who[back], again, "D1351", {"19": True, "30": True})
    treated = chosen(rng, 0.03, size)
    when = uniform_days(rng, people.turns(6)[treated] + 60, people.turns(10)[treated], treated.shape[0])
    _teeth(scene, rng, treated, when, "D2391", dict.fromkeys(("3", "14", "19", "30"), True))


def _teeth(
    scene: Scene, rng: np.random.Generator, who: Ints, when: Ints, code: str, teeth: dict[str, Bools | bool]
) -> None:
    """Add a dental claim for each child with a line for each tooth."""
    scene.ledger.add(
        who,
        when,
        kind=2,
        place=CODES("11"),
        provider=scene.providers.draw(rng, "dental", who.shape[0]),
        lines=[
            Line(CODES(code), on=np.broadcast_to(np.asarray(on), who.shape), tooth=CODES(tooth), cents=3300)
            for tooth, on in teeth.items()
        ],
    )


def varnish(scene: Scene, visits: Visits) -> None:
    """Fluoride varnish by medical providers on the day of a well visit: an oral-health service, not a dental one."""
    rng = scene.rng("varnish")
    age = age_on(scene.people.birth[visits.person], visits.day)
    on = (age >= 1) & (age <= 5) & some(rng, age.shape[0], VARNISH)
    code = np.where(some(rng, int(on.sum()), 0.9), CODES("99188"), codes_of(rng, int(on.sum()), "D1206"))
    scene.claim(visits.person[on], visits.day[on], code, dx=[CODES("Z293")], provider=visits.provider[on], cents=2100)
