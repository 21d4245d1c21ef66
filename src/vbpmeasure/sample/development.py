"""What a developmental screen found, and what came after it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from vbpmeasure.sample.arrays import Bools, Chunk, Ints, linked, some
from vbpmeasure.sample.draws import codes_of, mixed_days, series, shares
from vbpmeasure.sample.people import People
from vbpmeasure.sample.pool import CODES
from vbpmeasure.sample.scene import Scene

POSITIVE = 0.18  # fact sheet section 11: central Oregon, share of screens at risk
FOLLOWED = 0.58  # of positive screens, by whatever day; before the planted shifts
SERVED_ANYWAY = 0.05  # of negative screens
CONCERN = 0.60  # of positive screens: a concern diagnosis within 14 days

_CONCERNS = "F809 F802 F801 R6250 R620 F82 F88 F840 F89"
# Connecticut's modifier of a positive screen is in the value sets; its counterpart for a negative one is in none.
_STRIDE = 1 << 21
_FOUND, _NOT_FOUND = "U3", "U4"


@dataclass(frozen=True, slots=True)
class Findings:
    """Results of screens by child and slot of the infant schedule, and by child whose practice tells them how."""

    positive: npt.NDArray[np.bool_]
    by_modifier: Bools  # the practice writes the result as a modifier
    by_record: Bools  # the practice sends the result as an observation

    def modifier(self, who: Ints, slot: int | Ints) -> Ints:
        """Return the modifier on the screen of each child in ``who``; negative where the practice writes none."""
        found = np.where(self.positive[who, slot], CODES(_FOUND), CODES(_NOT_FOUND))
        return np.where(self.by_modifier[who], found, -1)


def plan_findings(chunk: Chunk, people: People, home: Ints, shape: tuple[int, ...]) -> Findings:
    """Return what each screen of the infant schedule would find. Practices differ in how they tell it."""
    rng = chunk.rng("screen findings")
    positive = rng.random(shape) < POSITIVE
    # A child at risk once tends to be at risk again.
    positive[:, 1:] |= positive[:, :1] & (rng.random((people.size, 1)) < 0.5)
    return Findings(positive, np.asarray(home % 10 < 3), np.asarray(home % 7 < 4))


def follow_up(scene: Scene, planned: npt.NDArray[np.int64], screened: npt.NDArray[np.bool_], found: Findings) -> None:
    """Add results, concern diagnoses, evaluations and services after the screens of the infant schedule."""
    rng = scene.rng("after screens")
    who, slot = np.nonzero(screened)
    when = planned[who, slot]
    positive = found.positive[who, slot]
    size = who.shape[0]
    shift = scene.people.shifts["followup"][who]
    share = np.where(positive, FOLLOWED + shift, SERVED_ANYWAY)
    followed = linked(rng, scene.people.care[who], 0.3) < share
    _concerns(scene, rng, who, when, positive)
    # Around the ends of the windows of 30, 60 and 90 days as well as within them.
    within = ((0.06, 0, 0), (0.40, 1, 28), (0.28, 32, 58), (0.13, 62, 95))
    ends = ((0.04, 29, 31), (0.06, 59, 61), (0.03, 96, 180))
    delay = mixed_days(rng, size, *within, *ends)
    _services(scene, rng, who[followed], (when + delay)[followed])


def results(scene: Scene, planned: npt.NDArray[np.int64], found: Findings, seen: npt.NDArray[np.bool_]) -> None:
    """Add the results that practices send: one observation of CPT 96110 for each screen in ``seen`` (child, slot)."""
    rng = scene.rng("screen results")
    who, slot = np.nonzero(seen & found.by_record[:, None])
    words = np.where(some(rng, who.shape[0], 0.8), CODES("positive"), CODES("at risk"))
    value = np.where(found.positive[who, slot], words, CODES("negative"))
    scene.record(who, planned[who, slot], CODES("96110"), value, system="CPT", unit="")


def billed(
    chunk: Chunk, claims: pl.DataFrame, planned: npt.NDArray[np.int64], screened: npt.NDArray[np.bool_]
) -> npt.NDArray[np.bool_]:
    """Return which of the screens (child, slot) stand on a claim that was not reversed: only those send a result."""
    lines = claims.lazy().filter(
        pl.col("hcpcs_code") == "96110", pl.col("claim_status").is_null() | (pl.col("claim_status") != "reversed")
    )
    days = lines.select(
        pl.col("person_id").str.slice(1).cast(pl.Int64) - (chunk.first + 1), pl.col("claim_start_date").cast(pl.Int32)
    ).collect()
    held = np.unique(days["person_id"].to_numpy() * _STRIDE + days["claim_start_date"].to_numpy())
    keys = np.arange(planned.shape[0])[:, None] * _STRIDE + planned
    return np.asarray(screened & np.isin(keys, held), dtype=np.bool_)


def _concerns(scene: Scene, rng: np.random.Generator, who: Ints, when: Ints, positive: Bools) -> None:
    """Add visits that name the concern, on the day of the screen or in the weeks after it; some knew it before."""
    size = who.shape[0]
    named = some(rng, size, np.where(positive, CONCERN, 0.01))
    later = when + mixed_days(rng, size, (0.5, 0, 0), (0.4, 1, 14), (0.1, 15, 30))
    known = named & some(rng, size, 0.12)
    code = codes_of(rng, size, _CONCERNS)
    for on, day in ((named, later), (known, when - rng.integers(20, 300, size=size))):
        scene.claim(
            who[on], day[on], codes_of(rng, int(on.sum()), "99213 99214"), dx=[code[on]], provider=scene.home[who[on]]
        )


def _services(scene: Scene, rng: np.random.Generator, who: Ints, when: Ints) -> None:
    """Add evaluations by specialists or agencies, or a service without one; most lead to some more services."""
    size = who.shape[0]
    providers = scene.providers
    u = shares(rng, size)
    agency, evaluation, visit = u < 0.33, (u >= 0.33) & (u < 0.65), u >= 0.85
    code = np.where(agency, codes_of(rng, size, "T1023 T1024 H2000"), codes_of(rng, size, "92507 97530 97110"))
    code = np.where(evaluation, codes_of(rng, size, "96112 92523 92523 97165 97161 92557"), code)
    code = np.where(visit, codes_of(rng, size, "99203 99204 99214"), code)
    seen_by = np.where(
        evaluation | visit, providers.draw(rng, "developmental", size), providers.draw(rng, "therapist", size)
    )
    seen_by = np.where(agency, providers.draw(rng, "early_intervention", size), seen_by)
    dx = codes_of(rng, size, _CONCERNS)
    scene.claim(who, when, code, dx=[dx], provider=seen_by, cents=15000)
    which, days = series(rng, rng.poisson(np.where(visit, 1.0, 3.0)), 12)
    therapy = codes_of(rng, which.shape[0], "92507 97530 97110 T1027")
    at_home = np.where(agency[which], CODES("12"), CODES("11"))
    scene.claim(
        who[which], when[which] + days, therapy, dx=[dx[which]], provider=seen_by[which], place=at_home, cents=6200
    )
