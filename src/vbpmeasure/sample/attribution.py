"""Whom the payer holds responsible for each child, month by month."""

from __future__ import annotations

import numpy as np
import polars as pl

from vbpmeasure.sample.arrays import Ints, day, month_number, month_start, some
from vbpmeasure.sample.claims import person_ids
from vbpmeasure.sample.enrollment import PAYERS, PLANS
from vbpmeasure.sample.pool import CODES
from vbpmeasure.sample.scene import Scene

MOVED = 0.06  # of children: another practitioner within the measurement year
NOBODY = 0.05  # of children: no practitioner is named


def attribution_table(scene: Scene) -> pl.DataFrame:
    """Return who is attributed: one row per child and month of the measurement year with coverage on its 15th day.

    The practice is the group that bills for the practitioner; both are NPIs.
    """
    people, chunk, cover = scene.people, scene.chunk, scene.cover
    rng = scene.rng("attribution")
    months = month_number(np.array([day(chunk.year)])) + np.arange(12)
    who = np.repeat(np.arange(people.size), 12)
    month = np.tile(months, people.size)
    moves = np.where(some(rng, people.size, MOVED), rng.integers(1, 12, size=people.size), 12)
    later = np.tile(np.arange(12), people.size) >= moves[who]
    other = scene.providers.draw(rng, "pcp", people.size)
    practitioner = np.where(later, other[who], scene.home[who])
    nobody = some(rng, people.size, NOBODY)[who]
    keep = cover.covers(who, month_start(month) + 14) & ~nobody & (people.birth[who] <= month_start(month) + 14)
    who, month, practitioner = who[keep], month[keep], practitioner[keep]
    payer = cover.payer_on(who, month_start(month) + 14)
    practice = scene.providers.billing[practitioner]
    labels = {int(m): CODES(f"{chunk.year}{number:02d}") for number, m in enumerate(months, start=1)}
    label = np.array([labels[int(m)] for m in months], dtype=np.int64)
    return pl.DataFrame(
        [
            person_ids(chunk, who),
            CODES.column("year_month", label[month - months[0]]),
            CODES.column("payer", _codes(PAYERS)[payer]),
            CODES.column("plan", _codes(PLANS)[payer]),
            CODES.column("payer_attributed_provider", scene.providers.npi[practitioner]),
            CODES.column("payer_attributed_provider_practice", scene.providers.npi[practice]),
            CODES.column("data_source", np.full(who.shape[0], CODES("synthetic_attribution"), dtype=np.int64)),
        ]
    )


def _codes(texts: tuple[str, ...]) -> Ints:
    return np.array([CODES(t) for t in texts], dtype=np.int64)
