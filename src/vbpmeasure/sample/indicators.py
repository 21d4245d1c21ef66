"""Numbers that no claim holds: what plans attest, how children enter school, which referrals were made."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl

from vbpmeasure.sample.arrays import Bools, Chunk, Ints, some, year_number
from vbpmeasure.sample.enrollment import PLANS
from vbpmeasure.sample.scene import Scene

_SCHEMA = {
    "indicator_id": pl.String, "entity_type": pl.String, "entity_id": pl.String, "period_start": pl.Date,
    "period_end": pl.Date, "numerator": pl.Float64, "denominator": pl.Float64, "value": pl.Float64, "source": pl.String,
}  # fmt: skip

REFERRAL_MADE = 0.62  # of positive screens in the measurement year
READ_TO = 0.55  # of children of 1 to 5 years whose families were asked about reading
ASKED_ABOUT_READING = 0.30


def person_rows(scene: Scene, who: Ints, when: Ints) -> pl.DataFrame:
    """Return the rows about children: referrals after positive screens (``who``, ``when``), and early literacy.

    One row per child and indicator, ordered by child and indicator; the period is the measurement year.
    """
    chunk, people = scene.chunk, scene.people
    rng = scene.rng("indicators")
    screened = np.unique(who[year_number(when) == chunk.year])
    referred = some(rng, screened.shape[0], REFERRAL_MADE)
    birth_year = year_number(people.birth)
    young = (birth_year >= chunk.year - 5) & (birth_year <= chunk.year - 1)
    asked = np.nonzero(young & some(rng, people.size, ASKED_ABOUT_READING))[0]
    read_to = some(rng, asked.shape[0], READ_TO)
    rows = [
        _of_people(chunk, "developmental_referral", screened, referred, "synthetic_referrals"),
        _of_people(chunk, "early_literacy_support", asked, read_to, "synthetic_survey"),
    ]
    return pl.concat(rows).sort("entity_id", "indicator_id")


def _of_people(chunk: Chunk, name: str, who: Ints, met: Bools, source: str) -> pl.DataFrame:
    ids = [f"S{chunk.first + int(w) + 1:07d}" for w in who]
    return _frame(chunk.year, [(name, "person", i, float(m), 1.0, None, source) for i, m in zip(ids, met, strict=True)])


def plan_rows(seed: int, year: int) -> pl.DataFrame:
    """Return the rows about plans: attested social-emotional scores, kindergarten assessments, graduation."""
    rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, 0x1D1CA7])))
    rows: list[tuple[str, str, str, float | None, float | None, float | None, str]] = []
    for plan in PLANS:
        children, pupils = int(rng.integers(300, 900)), int(rng.integers(200, 700))
        ready = int(children * rng.uniform(0.38, 0.62))
        graduated = int(pupils * rng.uniform(0.72, 0.90))
        score = int(rng.integers(60, 96)) / 100  # share of the points of the attestation
        rows += [
            ("oregon_social_emotional_attestation", "plan", plan, None, None, score, "synthetic_attestation"),
            ("kindergarten_assessment", "plan", plan, float(ready), float(children), None, "synthetic_schools"),
            ("high_school_graduation", "plan", plan, float(graduated), float(pupils), None, "synthetic_schools"),
        ]
    return _frame(year, sorted(rows, key=lambda row: (row[2], row[0])))


def _frame(year: int, rows: list[tuple[str, str, str, float | None, float | None, float | None, str]]) -> pl.DataFrame:
    start, end = dt.date(year, 1, 1), dt.date(year, 12, 31)
    return pl.DataFrame([(*row[:3], start, end, *row[3:]) for row in rows], schema=_SCHEMA, orient="row")
