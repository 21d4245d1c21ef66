"""The well visits that came to be, as days on which other things can happen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vbpmeasure.sample.arrays import Bools, Chunk, Ints
from vbpmeasure.sample.enrollment import Coverage
from vbpmeasure.sample.ledger import Ledger
from vbpmeasure.sample.pool import CODES

_WELL = "99381 99382 99383 99384 99385 99391 99392 99393 99394 99395"


@dataclass(frozen=True, slots=True)
class Visits:
    """One entry per well visit in the extract and in coverage: child, day, who was seen (position or negative)."""

    person: Ints
    day: Ints
    provider: Ints

    def where(self, on: Bools) -> Visits:
        """Return the visits for which ``on`` holds."""
        return Visits(self.person[on], self.day[on], self.provider[on])


def well_visits(chunk: Chunk, cover: Coverage, ledger: Ledger) -> Visits:
    """Return the well visits of a ledger, those with a preventive-visit code."""
    head, _, line = ledger.joined()
    claim = line["claim"][np.isin(line["code"], CODES.many(_WELL))]
    person, day = head["person"][claim], head["day"][claim]
    inside = (day >= chunk.start) & (day <= chunk.end)
    inside &= cover.covers(person, day)
    return Visits(person[inside], day[inside], head["provider"][claim][inside])
