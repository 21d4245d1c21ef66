"""Dispensings: stimulants and antipsychotics with the visits and tests that belong to them, and common drugs.

Drugs carry the generic name (code system INGREDIENT), as the shipped value sets do; the common ones carry NDC numbers
of a labeler that does not exist.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from vbpmeasure.sample.arrays import Chunk, Ints, linked, some, uniform_days, year_number
from vbpmeasure.sample.claims import dates, numbered, person_ids
from vbpmeasure.sample.draws import by_age, chosen, codes_of, mixed_days, series, shares, times
from vbpmeasure.sample.pool import CODES
from vbpmeasure.sample.scene import Scene

STIMULANT = 0.15  # of children who are 6 to 12 in the extract: a first dispensing in it
FOLLOWED_UP = 0.46  # a visit within 30 days, before the planted shifts
KEPT_ON = 0.62  # dispensings for at least ten months
ANTIPSYCHOTIC = 0.035  # of children of 3 to 17: a first dispensing in the extract
GLUCOSE, CHOLESTEROL = 0.52, 0.36  # tested in a year with antipsychotics
TALKED = 0.62  # psychosocial care around the start of an antipsychotic

_STIMULANTS = "methylphenidate methylphenidate amphetamine-dextroamphetamine lisdexamfetamine guanfacine atomoxetine"
_ANTIPSYCHOTICS = "risperidone aripiprazole aripiprazole quetiapine olanzapine"
_COMMON = "00000010101 00000010102 00000020111 00000030105 00000040120"


def _starters(scene: Scene, rng: np.random.Generator, youngest: int, oldest: int, share: float) -> tuple[Ints, Ints]:
    """Return (child, day) of a first dispensing between two birthdays, in the extract."""
    people, chunk = scene.people, scene.chunk
    low = np.maximum(people.turns(youngest), chunk.start)
    high = np.minimum(people.turns(oldest + 1) - 1, chunk.end)
    # A child who is of that age for a part of the extract only starts with a share of the probability.
    part = np.clip((high - low + 1) / (chunk.end - chunk.start + 1), 0.0, 1.0)
    who = chosen(rng, share * part, people.size)
    return who, uniform_days(rng, low[who], high[who], who.shape[0])


def _refills(scene: Scene, rng: np.random.Generator, who: Ints, start: Ints, drug: Ints, kept: float) -> None:
    """Add dispensings of 30 days, a few days late at times; those who stop do so within the first months."""
    size = who.shape[0]
    count = np.where(some(rng, size, kept), rng.integers(10, 26, size=size), rng.integers(1, 7, size=size))
    which, days = series(rng, count - 1, 31)
    scene.dispense(who, start, drug)
    scene.dispense(who[which], start[which] + days, drug[which])


def stimulants(scene: Scene) -> None:
    """Drugs for ADHD with the visits that follow the first dispensing."""
    rng = scene.rng("stimulants")
    who, start = _starters(scene, rng, 5, 13, STIMULANT)
    size = who.shape[0]
    dx = codes_of(rng, size, "F902 F900 F909")
    drug = codes_of(rng, size, _STIMULANTS)
    # The visit at which the drug is first prescribed comes before the pharmacy.
    scene.claim(who, start - rng.integers(1, 6, size=size), CODES("99214"), dx=[dx], provider=scene.home[who])
    _refills(scene, rng, who, start, drug, KEPT_ON)
    shift = scene.people.shifts["behavior"][who]
    seen = linked(rng, scene.people.care[who], 0.2) < FOLLOWED_UP + shift
    delay = mixed_days(rng, size, (0.85, 3, 28), (0.15, 29, 30))
    delay = np.where(seen, delay, rng.integers(31, 90, size=size))
    again = seen | some(rng, size, 0.35)
    _visit(scene, rng, who[again], (start + delay)[again], dx[again])
    which, days = series(rng, np.where(seen, rng.integers(1, 5, size=size), rng.integers(0, 3, size=size)), 70)
    _visit(scene, rng, who[which], start[which] + 20 + days, dx[which])


def _visit(scene: Scene, rng: np.random.Generator, who: Ints, when: Ints, dx: Ints) -> None:
    size = who.shape[0]
    seen_by = np.where(some(rng, size, 0.3), scene.providers.draw(rng, "psychiatry", size), scene.home[who])
    place = np.where(some(rng, size, 0.2), CODES("10"), CODES("11"))
    scene.claim(who, when, codes_of(rng, size, "99213 99214"), dx=[dx], provider=seen_by, place=place)


def antipsychotics(scene: Scene) -> None:
    """Antipsychotics with metabolic tests and psychosocial care; for some a diagnosis calls for the drug."""
    people, chunk = scene.people, scene.chunk
    rng = scene.rng("antipsychotics")
    who, start = _starters(scene, rng, 3, 17, ANTIPSYCHOTIC)
    size = who.shape[0]
    needed = some(rng, size, 0.25)
    dx = np.where(needed, codes_of(rng, size, "F840 F3181 F29"), codes_of(rng, size, "F3481 F913 F902 F4310"))
    seen_by = scene.providers.draw(rng, "psychiatry", size)
    for before in (3, -25, -60):  # days before the start, or after it
        scene.claim(who, start - before, CODES("99214"), dx=[dx], provider=seen_by, cents=12500)
    _refills(scene, rng, who, start, codes_of(rng, size, _ANTIPSYCHOTICS), 0.7)
    talked = linked(rng, people.care[who], 0.2) < TALKED + people.shifts["behavior"][who]
    around = mixed_days(rng, size, (0.6, -90, -1), (0.4, 0, 30))
    scene.claim(
        who[talked],
        (start + around)[talked],
        codes_of(rng, int(talked.sum()), "90834 90837 90847"),
        dx=[dx[talked]],
        provider=scene.providers.draw(rng, "behavioral", int(talked.sum())),
    )
    for year in range(chunk.year - chunk.years + 1, chunk.year + 1):
        _metabolic_tests(scene, chunk.rng(f"metabolic tests {year}"), who, start, year)


def _metabolic_tests(scene: Scene, rng: np.random.Generator, who: Ints, start: Ints, year: int) -> None:
    """Glucose and cholesterol, mostly together, in the weeks after the start and in later years."""
    size = who.shape[0]
    start_year = year_number(start)
    when = np.where(start_year == year, start + 15, start + 365 * (year - start_year))
    due = start_year <= year
    care = shares(rng, size)
    for code, share in (("82947 83036 80053", GLUCOSE), ("80061 80061 82465", CHOLESTEROL)):
        on = due & np.asarray(linked(rng, care, 0.9) < share)
        scene.claim(
            who[on],
            when[on],
            codes_of(rng, int(on.sum()), code),
            dx=[CODES("Z79899")],
            provider=scene.providers.draw(rng, "lab", int(on.sum())),
            place=CODES("81"),
            cents=1800,
        )


def common_drugs(scene: Scene) -> None:
    """Antibiotics, inhalers and the like, which no measure looks for."""
    rng = scene.rng("common drugs")
    who, when = times(rng, scene.chunk, scene.people, by_age(scene.people, scene.chunk, (4, 0.5), (21, 0.25)))
    scene.dispense(who, when, codes_of(rng, who.shape[0], _COMMON), 10, 100)


def pharmacy_table(chunk: Chunk, fills: dict[str, Ints]) -> pl.DataFrame:
    """Return the dispensings of a chunk: one row per dispensing, ordered by person and day."""
    order = np.lexsort((fills["day"], fills["person"]))
    rows = {name: values[order] for name, values in fills.items()}
    size = order.shape[0]
    numeric = np.isin(rows["drug"], CODES.many(_COMMON))
    return pl.DataFrame(
        [
            numbered("claim_id", "R", chunk, np.arange(size)),
            person_ids(chunk, rows["person"]),
            dates("dispensing_date", rows["day"]),
            CODES.column("ndc_code", rows["drug"]),
            CODES.column("ndc_code_type", np.where(numeric, CODES("ndc"), CODES("ingredient"))),
            pl.Series("quantity", rows["quantity"].astype(np.int32)),
            pl.Series("days_supply", rows["supply"].astype(np.int32)),
            CODES.column("data_source", np.full(size, CODES("synthetic_pharmacy"), dtype=np.int64)),
        ]
    )
