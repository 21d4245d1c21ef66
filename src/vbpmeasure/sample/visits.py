"""The visits that came to be, as days on which other things can happen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vbpmeasure.sample.arrays import Bools, Chunk, Ints
from vbpmeasure.sample.enrollment import Coverage
from vbpmeasure.sample.ledger import Ledger
from vbpmeasure.sample.pool import CODES

WELL = "99381 99382 99383 99384 99385 99391 99392 99393 99394 99395"
PSYCHOTHERAPY = "90832 90834 90837 90847"


@dataclass(frozen=True, slots=True)
class Visits:
    """One entry per visit in the extract and in coverage: child, day, who was seen (position or negative)."""

    person: Ints
    day: Ints
    provider: Ints

    def where(self, on: Bools) -> Visits:
        """Return the visits for which ``on`` holds."""
        return Visits(self.person[on], self.day[on], self.provider[on])


def visits_with(chunk: Chunk, cover: Coverage, ledger: Ledger, codes: str) -> Visits:
    """Return the visits of a ledger that have a line with one of ``codes``."""
    head, _, line = ledger.joined()
    claim = line["claim"][np.isin(line["code"], CODES.many(codes))]
    person, day = head["person"][claim], head["day"][claim]
    inside = (day >= chunk.start) & (day <= chunk.end)
    inside &= cover.covers(person, day)
    return Visits(person[inside], day[inside], head["provider"][claim][inside])
